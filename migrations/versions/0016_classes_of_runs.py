"""Classes of course runs and who is in them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "teaching_class",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("teaching_class", "run_id", "course_run", cascade=True),
        _reference("teaching_class", "owner_id", "user"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("join_code", sa.String(), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_teaching_class"),
        sa.UniqueConstraint("uuid", name="uq_teaching_class_uuid"),
        sa.UniqueConstraint("join_code", name="uq_teaching_class_join_code"),
    )
    op.create_index("ix_teaching_class_run_id", "teaching_class", ["run_id"])
    op.create_index("ix_teaching_class_owner_id", "teaching_class", ["owner_id"])
    op.create_table(
        "class_member",
        sa.Column("id", KEY, nullable=False),
        _reference("class_member", "class_id", "teaching_class", cascade=True),
        _reference("class_member", "user_id", "user"),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("joined_at", TIME, nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_class_member"),
        sa.UniqueConstraint("class_id", "user_id", name="uq_class_member_class_id_user_id"),
    )
    op.create_index("ix_class_member_user", "class_member", ["user_id", "class_id"])


def downgrade() -> None:
    op.drop_table("class_member")
    op.drop_table("teaching_class")


def _reference(table: str, name: str, target: str, *, cascade: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=False)
