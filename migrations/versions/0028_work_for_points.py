"""Two more kinds of work for a point: a video or animation, and being used at all."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OLD = "kind IN ('update', 'question', 'resource', 'evidence')"
NEW = "kind IN ('update', 'question', 'resource', 'evidence', 'media', 'use')"


def upgrade() -> None:
    _replace(NEW)


def downgrade() -> None:
    task = sa.table("plan_task", sa.column("kind", sa.String()))
    op.execute(task.delete().where(task.c.kind.in_(["media", "use"])))
    _replace(OLD)


def _replace(rule: str) -> None:
    with op.batch_alter_table("plan_task") as table:
        table.drop_constraint(op.f("ck_plan_task_kind"), type_="check")
        table.create_check_constraint(op.f("ck_plan_task_kind"), rule)
