"""What uploads and moves of a store remember."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("upload") as upload:
        upload.add_column(sa.Column("store_kind", sa.String(), nullable=False, server_default=""))
        upload.add_column(sa.Column("reason_params", FACTS, nullable=False, server_default="{}"))
    with op.batch_alter_table("upload") as upload:
        upload.alter_column("store_kind", server_default=None)
        upload.alter_column("reason_params", server_default=None)
    op.create_table(
        "store_move",
        sa.Column("from_kind", sa.String(), nullable=False),
        sa.Column("to_kind", sa.String(), nullable=False),
        sa.Column("to_place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", FACTS, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.CheckConstraint("state IN ('copying', 'switching', 'done', 'stopped')", name="ck_store_move_state"),
        sa.PrimaryKeyConstraint("id", name="pk_store_move"),
    )


def downgrade() -> None:
    op.drop_table("store_move")
    with op.batch_alter_table("upload") as upload:
        upload.drop_column("reason_params")
        upload.drop_column("store_kind")
