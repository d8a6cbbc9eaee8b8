"""Snapshots of figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "snapshot",
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("period_code", sa.String(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", KEY, nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("previous_sha256", sa.String(), nullable=True),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name="fk_snapshot_library_id"),
        sa.ForeignKeyConstraint(["taken_by_id"], ["user.id"], name="fk_snapshot_taken_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.UniqueConstraint("sha256", name="uq_snapshot_sha256"),
        sa.UniqueConstraint("uuid", name="uq_snapshot_uuid"),
    )
    op.create_index("ix_snapshot_library", "snapshot", ["library_id", "period_code", "id"])


def downgrade() -> None:
    op.drop_table("snapshot")
