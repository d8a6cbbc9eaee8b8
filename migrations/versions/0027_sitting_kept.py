"""The sitting somebody is in with a resource, so that a player that goes on asks for no events."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resource_progress", sa.Column("sitting", sa.String(), nullable=False, server_default=""))
    op.add_column("resource_progress", sa.Column("sitting_s", sa.Double(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("resource_progress") as table:
        table.drop_column("sitting_s")
        table.drop_column("sitting")
