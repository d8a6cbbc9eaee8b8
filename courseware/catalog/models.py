"""How a course is taught: modules, lessons with versions, activities in order, runs."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, Uuid, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.models import Course
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import ReviewRules

STAGES = ("before", "during", "after")
SEGMENTS = {
    "pre_study": "before", "opening": "during", "focused_lecture": "during", "discussion": "during",
    "simulation_drill": "during", "problem_solving": "during", "in_class_check": "during", "on_post_practice": "after",
}  # fmt: skip
ACTIVITY_KINDS = ("resource", "text", "question", "task", "discussion", "link")
LESSON_VERSION_STATES = ("draft", "published", "superseded")
LESSON_DECISIONS = ("approve", "return")
LESSON_CASE_STATES = ("open", "approved", "returned", "withdrawn")


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
    review_version_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_version.id", use_alter=True))
    is_live: Mapped[bool] = mapped_column(default=False)
    first_published_at: Mapped[dt.datetime | None]

    course: Mapped[Course] = relationship()
    module: Mapped[Module] = relationship(back_populates="lessons")
    owner: Mapped[User] = relationship()
    draft_version: Mapped[LessonVersion | None] = relationship(foreign_keys=[draft_version_id], post_update=True)
    published_version: Mapped[LessonVersion | None] = relationship(
        foreign_keys=[published_version_id], post_update=True
    )
    review_version: Mapped[LessonVersion | None] = relationship(foreign_keys=[review_version_id], post_update=True)

    @hybrid_property
    def is_public(self) -> bool:
        """Live, in a course that everybody may look at (SEC8)."""
        return self.is_live and self.course.is_public

    @is_public.inplace.expression
    @classmethod
    def _is_public(cls) -> ColumnElement[bool]:
        return cls.is_live.is_(True) & cls.course_id.in_(select(Course.id).where(Course.is_public))

    @property
    def newest_version(self) -> LessonVersion | None:
        """What its builders see: the draft, else what waits for review, else what is published."""
        return self.draft_version or self.review_version or self.published_version


class LessonVersion(Identified, Stamped, Model):
    """A state of a lesson. The draft is edited in place with `revision` against lost updates; what is handed in or published
    never changes.

    What waits for review is still a draft, to which the lesson points by `review_version_id`. What was set aside without
    ever having been published is superseded with no `published_at`. `title` is the one the lesson takes when this version
    is published; empty where it keeps its own.
    """

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
    title: Mapped[str] = mapped_column(default="")
    title_en: Mapped[str] = mapped_column(default="")
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


class LessonEditor(Model):
    """Somebody who changed a version before it was published: that person does not review it (R37)."""

    __tablename__ = "lesson_editor"

    version_id: Mapped[int] = mapped_column(ForeignKey("lesson_version.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)


class LessonCase(Identified, Model):
    """A lesson version handed in for review, under the rules of that moment (R35, R36).

    `asked_role`, `barred_unit_id` and `named` say who may take the present level, as for resources.
    """

    __tablename__ = "lesson_case"
    __table_args__ = (
        CheckConstraint(f"state IN {LESSON_CASE_STATES}", "state"),
        Index("ix_lesson_case_queue", "state", "due_at", "id"),
        Index("ix_lesson_case_lesson", "lesson_id", "id"),
    )

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("lesson_version.id", ondelete="CASCADE"), index=True)
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_version.id"))
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    levels: Mapped[int] = mapped_column(default=1)
    level: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default="open")
    commitment: Mapped[str] = mapped_column(default="")
    self_check: Mapped[list[str]] = mapped_column(default=list)
    rules_id: Mapped[int | None] = mapped_column(ForeignKey("review_rules.id"))
    asked_role: Mapped[str] = mapped_column(default="reviewer")
    barred_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    lesson: Mapped[Lesson] = relationship()
    version: Mapped[LessonVersion] = relationship(foreign_keys=[version_id])
    base_version: Mapped[LessonVersion | None] = relationship(foreign_keys=[base_version_id])
    submitted_by: Mapped[User] = relationship()
    rules: Mapped[ReviewRules | None] = relationship()
    named: Mapped[list[LessonReviewer]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    decisions: Mapped[list[LessonDecision]] = relationship(
        order_by="LessonDecision.level", cascade="all, delete-orphan"
    )


class LessonReviewer(Numbered, Model):
    """A person named by the rules for one level of a lesson's case."""

    __tablename__ = "lesson_reviewer"
    __table_args__ = (
        UniqueConstraint("case_id", "level", "user_id"),
        Index("ix_lesson_reviewer_user", "user_id", "case_id", "level"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("lesson_case.id", ondelete="CASCADE"))
    level: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    user: Mapped[User] = relationship(lazy="joined")


class LessonDecision(Numbered, Model):
    """What one reviewer decided at one level. `verdicts`: dimension → [passed, note]. Never changed."""

    __tablename__ = "lesson_decision"
    __table_args__ = (
        UniqueConstraint("case_id", "level"),
        CheckConstraint(f"decision IN {LESSON_DECISIONS}", "decision"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("lesson_case.id", ondelete="CASCADE"))
    level: Mapped[int]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    decision: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    verdicts: Mapped[dict[str, Any]]
    decided_at: Mapped[dt.datetime]

    reviewer: Mapped[User] = relationship()


class CourseRun(Identified, Stamped, Model):
    """A run (开课期次): "mooc" is open to all, "spoc" is for the people of its classes (R52). Every published course has run "1".

    `frozen_at`: learners see the course as it was at that moment (decision 19), which is the start of the run until the teacher
    takes something newer. NULL follows what is published.
    """

    __tablename__ = "course_run"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    key: Mapped[str]
    kind: Mapped[str] = mapped_column(default="mooc")
    title: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    frozen_at: Mapped[dt.datetime | None]
    course: Mapped[Course] = relationship()
