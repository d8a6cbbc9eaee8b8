"""Lists for those who answer and moderate: unanswered questions, reports, what is hidden, appeals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.paging import Page
from courseware.core.roles import Role
from courseware.discussion.models import Message, MessageReport, Thread
from courseware.discussion.queries import ThreadView, page_of_threads, views_of
from courseware.enrollment.models import TeachingClass
from courseware.libraries.models import CourseTeacher

STATES = ("open", "all", "reported", "hidden", "appeals")
LISTED = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A message that somebody reported, hid or appealed for, with what was said about it."""

    message: Message
    reports: Sequence[str] = ()


def questions_for(person: User, state: str = "open", after: str | None = None) -> Page[ThreadView]:
    """Questions where the person teaches, newest first: those without a teacher's or an accepted answer, or all."""
    query = _own_threads(person)
    if state == "open":
        query = query.where(_is_open())
    found = page_of_threads(query, after)
    return Page(views_of(found.items, person), found.next)


def cases_for(person: User, state: str) -> list[Case]:
    """Posts that are reported, hidden or appealed for, newest first, at most LISTED; two queries."""
    query = _own_messages(person, state).options(
        joinedload(Message.author),
        joinedload(Message.thread).options(
            joinedload(Thread.course), joinedload(Thread.lesson), joinedload(Thread.class_)
        ),
    )
    messages = session().scalars(query.order_by(Message.id.desc()).limit(LISTED)).all()
    said = _reports([message.id for message in messages])
    return [Case(message, said.get(message.id, [])) for message in messages]


def counts_for(person: User) -> dict[str, int]:
    """How many of each there are; four queries."""
    threads = _own_threads(person).where(_is_open()).with_only_columns(func.count())
    counts = {"open": session().scalar(threads) or 0}
    for state in STATES[2:]:
        counts[state] = session().scalar(_own_messages(person, state).with_only_columns(func.count())) or 0
    return counts


def _is_open() -> ColumnElement[bool]:
    """Waits for a teacher: what was taken away does not, nor does what a teacher began."""
    settled = select(Message.id).where(
        Message.thread_id == Thread.id,
        Message.seq == 0,
        or_(Message.deleted_at.is_not(None), Message.hidden_at.is_not(None), Message.by_teacher.is_(True)),
    )
    return Thread.answered_at.is_(None) & Thread.accepted_seq.is_(None) & ~settled.exists()


def _own_threads(person: User) -> Select[Thread]:
    return select(Thread).where(_is_mine(person))


def _own_messages(person: User, state: str) -> Select[Message]:
    query = select(Message).join(Thread, Thread.id == Message.thread_id).where(_is_mine(person))
    if state == "reported":
        open_reports = select(MessageReport.id).where(
            MessageReport.message_id == Message.id, MessageReport.settled_at.is_(None)
        )
        return query.where(open_reports.exists(), Message.hidden_at.is_(None))
    if state == "appeals":
        return query.where(
            Message.appealed_at.is_not(None), Message.appeal_decided_at.is_(None), Message.hidden_at.is_not(None)
        )
    return query.where(Message.hidden_at.is_not(None))


def _is_mine(person: User) -> ColumnElement[bool]:
    """Threads of courses the person teaches and of classes they hold; stewards look after all."""
    if person.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        return true()
    taught = select(CourseTeacher.course_id).where(CourseTeacher.user_id == person.id)
    held = select(TeachingClass.id).where(TeachingClass.owner_id == person.id)
    return or_(Thread.course_id.in_(taught), Thread.class_id.in_(held))


def _reports(message_ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(MessageReport.message_id, MessageReport.words).where(MessageReport.message_id.in_(message_ids))
    said: dict[int, list[str]] = {}
    for message_id, words in session().execute(query.order_by(MessageReport.id)):
        said.setdefault(message_id, []).append(words)
    return said
