"""Mappings of fields for handing over to other platforms (R63)."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
NAME = "field_mapping"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("changed_by_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f(f"fk_{NAME}_library_id_library")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["user.id"], name=op.f(f"fk_{NAME}_changed_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("library_id", "name", name=op.f(f"uq_{NAME}_library_id_name")),
        sa.UniqueConstraint("uuid", name=op.f(f"uq_{NAME}_uuid")),
    )


def downgrade() -> None:
    op.drop_table(NAME)
