"""Which reading of a figure a library is judged by, from which year on."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
NAME = "reading_choice"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("id", KEY, nullable=False),
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("definition_id", sa.String(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f(f"fk_{NAME}_library_id_library")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f(f"fk_{NAME}_decided_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(f"ix_{NAME}_library", NAME, ["library_id", "starts_at"])


def downgrade() -> None:
    op.drop_table(NAME)
