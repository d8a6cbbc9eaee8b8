"""How a course is taught: modules, lessons with versions, activities in order, runs."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.models import Course
from courseware.resources.models import Resource, ResourceVersion

STAGES = ("before", "during", "after")
SEGMENTS = {
    "pre_study": "before", "opening": "during", "focused_lecture": "during", "discussion": "during",
    "simulation_drill": "during", "problem_solving": "during", "in_class_check": "during", "on_post_practice": "after",
}  # fmt: skip
ACTIVITY_KINDS = ("resource", "text", "question", "task", "discussion", "link")
LESSON_VERSION_STATES = ("draft", "published", "superseded")


class Module(Identified, Stamped, Model):
    """A module of a course."""

    __tablename__ = "module"
    __table_args__ = (Index("ix_module_course", "course_id", "seq"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    seq: Mapped[int]
    title: Mapped[str]
    title_en: Mapped[str] = mapped_column(default="")
    course: Mapped[Course] = relationship()
    lessons: Mapped[list[Lesson]] = relationship(order_by="Lesson.seq", back_populates="module")


class Lesson(Identified, Stamped, Model):
    """A lesson: identity and pointers. Its owner assembles it; learners see the published version."""

    __tablename__ = "lesson"
    __table_args__ = (Index("ix_lesson_module", "module_id", "seq"), Index("ix_lesson_course", "course_id", "is_live"))

    key: Mapped[str | None] = mapped_column(unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("lesson.id"))
    seq: Mapped[int]
    title: Mapped[str]
    title_en: Mapped[str] = mapped_column(default="")
    draft_version_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_version.id", use_alter=True))
    published_version_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_version.id", use_alter=True))
    is_live: Mapped[bool] = mapped_column(default=False)
    first_published_at: Mapped[dt.datetime | None]

    course: Mapped[Course] = relationship()
    module: Mapped[Module] = relationship(back_populates="lessons")
    owner: Mapped[User] = relationship()
    draft_version: Mapped[LessonVersion | None] = relationship(foreign_keys=[draft_version_id], post_update=True)
    published_version: Mapped[LessonVersion | None] = relationship(
        foreign_keys=[published_version_id], post_update=True
    )


class LessonVersion(Identified, Stamped, Model):
    """A state of a lesson. The draft is edited in place with `revision` against lost updates; published ones never change."""

    __tablename__ = "lesson_version"
    __table_args__ = (
        UniqueConstraint("lesson_id", "num"),
        CheckConstraint(f"state IN {LESSON_VERSION_STATES}", "state"),
    )

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"))
    num: Mapped[int]
    state: Mapped[str] = mapped_column(default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    minutes: Mapped[int] = mapped_column(default=45)
    introduction: Mapped[str] = mapped_column(default="")
    published_at: Mapped[dt.datetime | None]
    superseded_at: Mapped[dt.datetime | None]
    saved_at: Mapped[dt.datetime | None]
    activities: Mapped[list[Activity]] = relationship(
        order_by="Activity.seq", cascade="all, delete-orphan", back_populates="version", lazy="selectin"
    )
    lesson: Mapped[Lesson] = relationship(foreign_keys=[lesson_id])


class Activity(Numbered, Model):
    """One thing in a lesson, in order. A resource is pinned to a version, or follows the published one (pinned NULL).

    `declined_version_id`: the newest version that the teacher looked at and did not take.

    `key` goes along from version to version: what a learner has done stays done when the lesson is published again.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint(f"kind IN {ACTIVITY_KINDS}", "kind"),
        CheckConstraint("kind <> 'resource' OR resource_id IS NOT NULL", "resource"),
        UniqueConstraint("version_id", "key"),
        Index("ix_activity_version", "version_id", "seq"),
    )

    key: Mapped[uuidlib.UUID] = mapped_column(Uuid(), default=uuidlib.uuid4)
    version_id: Mapped[int] = mapped_column(ForeignKey("lesson_version.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str]
    segment: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int] = mapped_column(default=5)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    pinned_version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id"))
    declined_version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id"))
    is_required: Mapped[bool] = mapped_column(default=True)

    version: Mapped[LessonVersion] = relationship(back_populates="activities")
    resource: Mapped[Resource | None] = relationship()
    pinned_version: Mapped[ResourceVersion | None] = relationship(foreign_keys=[pinned_version_id])


class CourseRun(Identified, Stamped, Model):
    """A run (开课期次). Every published course has run "1", open to all."""

    __tablename__ = "course_run"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    key: Mapped[str]
    kind: Mapped[str] = mapped_column(default="mooc")
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    course: Mapped[Course] = relationship()
