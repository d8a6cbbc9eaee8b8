"""Tasks that come out of a figure."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plan_task",
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("resource_id", KEY, nullable=True),
        sa.Column("point_id", KEY, nullable=True),
        sa.Column("course_id", KEY, nullable=True),
        sa.Column("assignee_id", KEY, nullable=False),
        sa.Column("assigned_by_id", KEY, nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('update', 'question', 'resource', 'evidence')", name=op.f("ck_plan_task_kind")),
        sa.CheckConstraint("(resource_id IS NULL) <> (point_id IS NULL)", name=op.f("ck_plan_task_about_one_thing")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name="fk_plan_task_library_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_plan_task_resource_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name="fk_plan_task_point_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_plan_task_course_id"),
        sa.ForeignKeyConstraint(["assignee_id"], ["user.id"], name="fk_plan_task_assignee_id"),
        sa.ForeignKeyConstraint(["assigned_by_id"], ["user.id"], name="fk_plan_task_assigned_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_task"),
        sa.UniqueConstraint("uuid", name="uq_plan_task_uuid"),
    )
    op.create_index("ix_plan_task_library", "plan_task", ["library_id", "id"])
    op.create_index("ix_plan_task_assignee", "plan_task", ["assignee_id", "id"])
    op.create_index("ix_plan_task_resource_id", "plan_task", ["resource_id"])
    op.create_index("ix_plan_task_point_id", "plan_task", ["point_id"])


def downgrade() -> None:
    op.drop_table("plan_task")
