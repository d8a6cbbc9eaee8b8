"""Work that comes out of a figure, given to a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library
from courseware.resources.models import Resource

UPDATE, QUESTION, RESOURCE, EVIDENCE = "update", "question", "resource", "evidence"
MEDIA, USE = "media", "use"
KINDS = (UPDATE, QUESTION, RESOURCE, EVIDENCE, MEDIA, USE)


class PlanTask(Identified, Model):
    """Somebody is asked to revise a resource, prove its rights, bring a resource, a film or a question for a point, or have it used.

    Whether it is done is never ticked off: it shows from what was published, or used, since `assigned_at`. `dropped_at` takes it
    back. `reasons` are the facts it was given for.
    """

    __tablename__ = "plan_task"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", "kind"),
        CheckConstraint("(resource_id IS NULL) <> (point_id IS NULL)", "about_one_thing"),
        Index("ix_plan_task_library", "library_id", "id"),
        Index("ix_plan_task_assignee", "assignee_id", "id"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    kind: Mapped[str]
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[int | None] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    assignee_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    assigned_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    assigned_at: Mapped[dt.datetime]
    due_on: Mapped[dt.date | None]
    note: Mapped[str] = mapped_column(default="")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    dropped_at: Mapped[dt.datetime | None]

    library: Mapped[Library] = relationship()
    resource: Mapped[Resource | None] = relationship()
    point: Mapped[Point | None] = relationship()
    course: Mapped[Course | None] = relationship()
    assignee: Mapped[User] = relationship(foreign_keys=[assignee_id])
    assigned_by: Mapped[User] = relationship(foreign_keys=[assigned_by_id])
