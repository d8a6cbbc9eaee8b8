"""Records of learning: events that never change, and what is kept of them for a quick answer.

`LearningEvent` is the truth (architecture, idea 4). `ResourceProgress`, `LessonProgress` and `CourseProgress`
follow from it and can be rebuilt.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import BigKey, Identified, Model, Numbered, Stamped
from courseware.resources.models import Resource

VERBS = (
    "watched",
    "read",
    "viewed",
    "simulated",
    "downloaded",
    "attempted",
    "opened_lesson",
    "completed_course",
    "signed_in",
)
#: What the site notes by itself and no client sends.
OWN_VERBS = ("completed_course", "signed_in")
APPEAL_STATES = ("open", "accepted", "declined")


def _only(condition: str) -> dict[str, Any]:
    """An index over some of the rows, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class LearningEvent(Model):
    """One thing a person did. `uuid` comes from the client: a repeat is recognised and counted once.

    The schema keeps it to once: on SQLite by a key of this table, on PostgreSQL by a table of uuids beside its months (decision 28).

    A player sends many short events of one `sitting`; together they decide whether the use was long enough.
    `excluded` names the first reason why the event does not count towards indicators (metrics.md, common rules):
    test_account, own_use, review, preview, robot, speed, too_short; empty when it counts. What only shows beside other
    events (parallel plays, scripts, double clicks) is worked out from them and kept in no event (credit.py).
    """

    __tablename__ = "learning_event"
    __table_args__ = (
        CheckConstraint(f"verb IN {VERBS}", "verb"),
        Index("ix_learning_event_user", "user_id", "occurred_at"),
        Index("ix_learning_event_resource", "resource_id", "occurred_at"),
        Index("ix_learning_event_lesson", "lesson_id", "occurred_at"),
        Index("ix_learning_event_course", "course_id", "occurred_at"),
        Index(
            "ix_learning_event_opened",
            "lesson_id",
            "user_id",
            "occurred_at",
            "excluded",
            **_only("verb = 'opened_lesson'"),
        ),
        Index("ix_learning_event_signed_in", "user_id", "occurred_at", **_only("verb = 'signed_in'")),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uuid: Mapped[uuidlib.UUID] = mapped_column(Uuid())
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    verb: Mapped[str]
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id"))
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lesson.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    from_s: Mapped[float | None]
    to_s: Mapped[float | None]
    seconds: Mapped[float] = mapped_column(default=0)
    speed: Mapped[float] = mapped_column(default=1)
    device: Mapped[str] = mapped_column(default="")
    sitting: Mapped[str] = mapped_column(default="")
    context: Mapped[str] = mapped_column(default="")
    occurred_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    is_late: Mapped[bool] = mapped_column(default=False)
    is_qualified: Mapped[bool] = mapped_column(default=False)
    excluded: Mapped[str] = mapped_column(default="")


class ResourceProgress(Numbered, Model):
    """What one person has seen of one resource: the union of watched parts in seconds, and where to go on.

    `sitting` is that of the newest event, `sitting_s` its seconds of attention so far: the next message need not add them up again.
    """

    __tablename__ = "resource_progress"
    __table_args__ = (Index("uq_resource_progress_user_resource", "user_id", "resource_id", unique=True),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    ranges: Mapped[list[Any]] = mapped_column(default=list)
    watched_s: Mapped[float] = mapped_column(default=0)
    duration_s: Mapped[float | None]
    position_s: Mapped[float] = mapped_column(default=0)
    attention_s: Mapped[float] = mapped_column(default=0)
    sitting: Mapped[str] = mapped_column(default="", server_default="")
    sitting_s: Mapped[float] = mapped_column(default=0, server_default="0")
    is_complete: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[dt.datetime]


class KeptVersion(Numbered, Model):
    """A version that one person goes on with although a newer one is published: they were half way through it.

    Made when the newer one appears, for those who had begun and not finished; gone when they take the newer one.
    """

    __tablename__ = "kept_version"
    __table_args__ = (UniqueConstraint("user_id", "resource_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    since: Mapped[dt.datetime]


class LessonProgress(Numbered, Model):
    """How far one person is in one lesson, counted in required activities."""

    __tablename__ = "lesson_progress"
    __table_args__ = (
        Index("uq_lesson_progress_user_lesson", "user_id", "lesson_id", unique=True),
        Index("ix_lesson_progress_course", "user_id", "course_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    done: Mapped[int] = mapped_column(default=0)
    required: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    completed_at: Mapped[dt.datetime | None]


class ActivityDone(Numbered, Model):
    """A required activity that is no resource, marked done by the learner (a text read, a task handed in)."""

    __tablename__ = "activity_done"
    __table_args__ = (Index("uq_activity_done_user_key", "user_id", "activity_key", unique=True),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    activity_key: Mapped[uuidlib.UUID] = mapped_column(Uuid())
    at: Mapped[dt.datetime]


class DueDay(Model):
    """A day of one person (days.py) whose sums are older than its events: written with the event, taken by the worker.

    `changes` grows with every batch; whoever counted the day anew removes the row only while it has not grown since.
    """

    __tablename__ = "due_day"
    __table_args__ = (Index("ix_due_day_since", "since", "user_id", "day"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    since: Mapped[dt.datetime]
    changes: Mapped[int] = mapped_column(default=1)


class CreditAppeal(Identified, Stamped, Model):
    """A learner says that time of one day with one resource was rightly spent, although it was not credited.

    Accepted, the reason no longer holds against that day and resource; declined, `note` says why.
    """

    __tablename__ = "credit_appeal"
    __table_args__ = (
        UniqueConstraint("user_id", "day", "resource_id", "reason"),
        CheckConstraint(f"state IN {APPEAL_STATES}", "state"),
        Index("ix_credit_appeal_state", "state", "id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    day: Mapped[int]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    reason: Mapped[str]
    seconds: Mapped[float] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None]
    note: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    resource: Mapped[Resource] = relationship()
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
