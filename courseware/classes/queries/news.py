"""Announcements: unread ones of a person, all of a class with how many read them."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun
from courseware.classes.models import (
    Announcement,
    AnnouncementRead,
    ClassMember,
    ClassSignIn,
    ClassSignInEntry,
    Poll,
    PollAnswer,
    TeachingClass,
)
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.libraries.models import Course

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Unread:
    """An announcement that somebody has not read yet."""

    uuid: uuidlib.UUID
    class_uuid: uuidlib.UUID
    class_name: str
    course_uuid: uuidlib.UUID
    author: str
    title: str
    text: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Told:
    """An announcement with how many of those it is for have read it; `is_read`: by the person who looks."""

    announcement: Announcement
    readers: int
    audience: int
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """Something that goes on in a class right now: a sign-in or a question."""

    class_uuid: uuidlib.UUID
    class_name: str
    has_sign_in: bool
    has_poll: bool


_PERSON: Any = bindparam("person")


def _is_for_member() -> ColumnElement[bool]:
    return or_(Announcement.group_name == "", Announcement.group_name == ClassMember.group_name)


def _unread() -> Any:
    return (
        select(
            Announcement.uuid, TeachingClass.uuid, TeachingClass.name, Course.uuid, User.name, Announcement.title,
            Announcement.text, Announcement.created_at,
        )
        .join(TeachingClass, TeachingClass.id == Announcement.class_id)
        .join(ClassMember, and_(ClassMember.class_id == TeachingClass.id, ClassMember.user_id == _PERSON))
        .join(CourseRun, CourseRun.id == TeachingClass.run_id)
        .join(Course, Course.id == CourseRun.course_id)
        .join(User, User.id == Announcement.author_id)
        .outerjoin(
            AnnouncementRead,
            and_(AnnouncementRead.announcement_id == Announcement.id, AnnouncementRead.user_id == _PERSON),
        )
        .where(ClassMember.left_at.is_(None), TeachingClass.closed_at.is_(None), Announcement.withdrawn_at.is_(None))
        .where(_is_for_member(), AnnouncementRead.user_id.is_(None))
        .order_by(Announcement.id.desc())
        .limit(MOST_SHOWN)
    )  # fmt: skip


def _going() -> Any:
    signed = select(ClassSignInEntry.id).where(
        ClassSignInEntry.sign_in_id == ClassSignIn.id, ClassSignInEntry.user_id == _PERSON
    )
    answered = select(PollAnswer.id).where(PollAnswer.poll_id == Poll.id, PollAnswer.user_id == _PERSON)
    sign_in = select(ClassSignIn.id).where(
        ClassSignIn.class_id == TeachingClass.id, ClassSignIn.closed_at.is_(None), ~signed.exists()
    )
    poll = select(Poll.id).where(Poll.class_id == TeachingClass.id, Poll.closed_at.is_(None), ~answered.exists())
    return (
        select(TeachingClass.uuid, TeachingClass.name, sign_in.exists().label("sign_in"), poll.exists().label("poll"))
        .join(ClassMember, ClassMember.class_id == TeachingClass.id)
        .where(ClassMember.user_id == _PERSON, ClassMember.left_at.is_(None), TeachingClass.closed_at.is_(None))
        .where(or_(sign_in.exists(), poll.exists()))
    )


# Built once: every learning page asks them.
_UNREAD, _GOING = _unread(), _going()


def unread_for(user: User) -> list[Unread]:
    """What the person's classes told since they joined and they have not read, the five newest first; one query."""
    return [Unread(*row) for row in session().connection().execute(_UNREAD, {"person": user.id})]


def going_on_for(user: User) -> list[Going]:
    """Classes of the person where a sign-in or a question waits for them now; one query."""
    rows = session().connection().execute(_GOING, {"person": user.id})
    return [Going(row[0], row[1], bool(row[2]), bool(row[3])) for row in rows]


def told_in(klass: TeachingClass, reader: User | None = None) -> list[Told]:
    """All announcements of a class, newest first, with read counts; to a `reader` only what is for them. Three queries."""
    query = select(Announcement).where(Announcement.class_id == klass.id, Announcement.withdrawn_at.is_(None))
    if reader is not None:
        own = select(ClassMember.group_name).where(ClassMember.class_id == klass.id, ClassMember.user_id == reader.id)
        query = query.where(or_(Announcement.group_name == "", Announcement.group_name == own.scalar_subquery()))
    told = session().scalars(query.options(joinedload(Announcement.author)).order_by(Announcement.id.desc())).all()
    readers, sizes = _readers([one.id for one in told]), group_sizes(klass)
    mine = _read_by(reader, [one.id for one in told])
    return [
        Told(one, readers.get(one.id, 0), sizes.get(one.group_name, 0) if one.group_name else sum(sizes.values()), one.id in mine)
        for one in told
    ]  # fmt: skip


def announcement_by_uuid(announcement_uuid: uuidlib.UUID) -> tuple[Announcement, TeachingClass]:
    """An announcement that was not withdrawn, with its class; raises NotFound."""
    row = session().execute(
        select(Announcement, TeachingClass).join(TeachingClass, TeachingClass.id == Announcement.class_id)
        .where(Announcement.uuid == announcement_uuid, Announcement.withdrawn_at.is_(None))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row[0], row[1]


def group_sizes(klass: TeachingClass) -> dict[str, int]:
    """How many are in each group of the class now; "" for those in none."""
    query = (
        select(ClassMember.group_name, func.count())
        .where(ClassMember.class_id == klass.id, ClassMember.left_at.is_(None))
        .group_by(ClassMember.group_name)
        .order_by(ClassMember.group_name)
    )
    return dict(session().execute(query).tuples().all())


def _readers(ids: Sequence[int]) -> dict[int, int]:
    """How many of the class's people of now have read each."""
    query = (
        select(AnnouncementRead.announcement_id, func.count())
        .join(Announcement, Announcement.id == AnnouncementRead.announcement_id)
        .join(
            ClassMember,
            and_(ClassMember.class_id == Announcement.class_id, ClassMember.user_id == AnnouncementRead.user_id),
        )
        .where(AnnouncementRead.announcement_id.in_(ids), ClassMember.left_at.is_(None))
        .group_by(AnnouncementRead.announcement_id)
    )
    return dict(session().execute(query).tuples().all()) if ids else {}


def _read_by(reader: User | None, ids: Sequence[int]) -> set[int]:
    if reader is None or not ids:
        return set()
    query = select(AnnouncementRead.announcement_id).where(
        AnnouncementRead.user_id == reader.id, AnnouncementRead.announcement_id.in_(ids)
    )
    return set(session().scalars(query))
