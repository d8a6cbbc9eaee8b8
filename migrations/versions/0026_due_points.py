"""Knowledge points that classes set a day for."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "class_due_point",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("class_id", "teaching_class", cascade=True),
        _reference("point_id", "point", cascade=True),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _reference("made_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_class_due_point"),
        sa.UniqueConstraint("uuid", name="uq_class_due_point_uuid"),
        sa.UniqueConstraint("class_id", "point_id", "group_name", name="uq_class_due_point_class_id_point_id_group_name"),
    )
    op.create_index("ix_class_due_point_point_id", "class_due_point", ["point_id"])


def downgrade() -> None:
    op.drop_table("class_due_point")


def _reference(name: str, target: str, *, cascade: bool = False) -> sa.Column:
    key = sa.ForeignKey(
        f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_class_due_point_{name}"
    )
    return sa.Column(name, KEY, key, nullable=False)
