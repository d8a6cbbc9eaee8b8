"""How many people at least asked a text on a day, without who: bits of boxes."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("search_use", sa.Column("askers", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("search_use") as table:
        table.drop_column("askers")
