"""What searching remembers of its use."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_use",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("clicked", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_use"),
        sa.UniqueConstraint("day", "text", name="uq_search_use_day_text"),
    )
    op.create_index("ix_search_use_text", "search_use", ["text"])


def downgrade() -> None:
    op.drop_index("ix_search_use_text", table_name="search_use")
    op.drop_table("search_use")
