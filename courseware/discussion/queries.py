"""Reading threads. A page of threads takes four queries, however many people answered.

Readers get plain values: what is deleted or hidden never leaves here with its words, save to those who may read them.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.discussion import policy
from courseware.discussion.models import Message, MessageMark, Thread
from courseware.enrollment.models import TeachingClass
from courseware.libraries.models import Course

PAGE = 20
SHOWN_ANSWERS = 20  # of one thread in a list; its own page shows them all


@dataclass(frozen=True, slots=True)
class MessageView:
    """What one reader sees of a message. `body` is empty for a trace; `reason` is for the author and moderators."""

    uuid: uuidlib.UUID
    seq: int
    author: str
    body: str
    created_at: dt.datetime
    edited_at: dt.datetime | None
    state: str  # shown, deleted, hidden
    is_own: bool
    by_teacher: bool
    is_accepted: bool
    marks: int
    is_marked: bool
    reason: str = ""
    appeal: str = ""
    appeal_answer: str = ""
    may_appeal: bool = False


@dataclass(frozen=True, slots=True)
class ThreadView:
    """What one reader sees of a thread: the question, the first answers, and what the reader may do."""

    uuid: uuidlib.UUID
    question: MessageView
    answers: Sequence[MessageView]
    replies: int
    at_s: int | None
    activity_key: uuidlib.UUID | None
    is_answered: bool
    has_news: bool
    may_accept: bool
    may_moderate: bool
    course: Course
    lesson_uuid: uuidlib.UUID | None = None
    lesson_title: str = ""
    lesson_title_en: str = ""
    class_name: str = ""

    @property
    def more(self) -> int:
        """Answers that are not shown here."""
        return self.replies - len(self.answers)


@dataclass(frozen=True, slots=True)
class Beside:
    """How many questions stand beside a lesson, and in how many of the reader's own somebody answered since."""

    questions: int = 0
    news: int = 0


@dataclass(slots=True)
class _Reader:
    """Who reads, with what was asked of the policy already, and which messages they marked."""

    person: User
    moderates: dict[tuple[int, int | None], bool] = field(default_factory=dict)
    marked: frozenset[int] = frozenset()

    def may_moderate(self, thread: Thread) -> bool:
        key = (thread.course_id, thread.class_id)
        if key not in self.moderates:
            self.moderates[key] = policy.can_moderate(self.person, thread.course, thread.class_)
        return self.moderates[key]


def threads_of_lesson(lesson_id: int, reader: User, after: str | None = None) -> Page[ThreadView]:
    """What the course asked beside a lesson, newest first; whoever calls has asked policy.can_take_part."""
    return _page(select(Thread).where(Thread.lesson_id == lesson_id, Thread.class_id.is_(None)), reader, after)


def threads_of_class(class_: TeachingClass, reader: User, after: str | None = None) -> Page[ThreadView]:
    """What one class talks about, newest first; whoever calls has asked policy.can_take_part."""
    return _page(select(Thread).where(Thread.class_id == class_.id), reader, after)


def threads_of_person(person: User, after: str | None = None) -> Page[ThreadView]:
    """What the person asked, newest first."""
    return _page(select(Thread).where(Thread.author_id == person.id), person, after)


def thread_view(thread: Thread, reader: User) -> ThreadView:
    """One thread with all its answers."""
    return views_of([thread], reader, answers=None)[0]


def thread_by_uuid(uuid: uuidlib.UUID, reader: User) -> Thread:
    """The thread, for people who may read it; raises NotFound."""
    thread = session().scalar(_with_parts(select(Thread).where(Thread.uuid == uuid)))
    if thread is None or not policy.can_take_part(reader, thread.course, thread.class_):
        raise NotFound()
    return thread


def message_by_uuid(uuid: uuidlib.UUID, reader: User) -> Message:
    """A message in a thread that the person may read; its author finds it also after leaving. Raises NotFound."""
    message = session().scalar(select(Message).where(Message.uuid == uuid).options(joinedload(Message.thread)))
    if message is None:
        raise NotFound()
    if message.author_id != reader.id and not policy.can_take_part(
        reader, message.thread.course, message.thread.class_
    ):
        raise NotFound()
    return message


def beside_lesson(lesson_id: int, reader: User) -> Beside:
    """The figures of the tab; one query."""
    is_news = (Thread.author_id == reader.id) & (Thread.last_at > Thread.asker_seen_at)
    counts = select(func.count(), func.sum(case((is_news & (Thread.last_by_id != reader.id), 1), else_=0)))
    found = session().execute(counts.where(Thread.lesson_id == lesson_id, Thread.class_id.is_(None))).one()
    return Beside(found[0], int(found[1] or 0))


def seconds_in_lesson(lesson_id: int, limit: int = 100) -> Sequence[tuple[uuidlib.UUID, int]]:
    """Where in the recordings of a lesson somebody asked, (activity, second) each once, the newest; no words. One query."""
    query = (
        select(Thread.activity_key, Thread.at_s)
        .where(Thread.lesson_id == lesson_id, Thread.class_id.is_(None))
        .where(Thread.at_s.is_not(None), Thread.activity_key.is_not(None))
        .group_by(Thread.activity_key, Thread.at_s)
        .order_by(func.max(Thread.id).desc())
    )
    return [(key, at) for key, at in session().execute(query.limit(limit)) if key is not None and at is not None]


def count_news(person: User) -> int:
    """In how many threads of their own somebody answered since the person looked."""
    query = select(func.count()).where(
        Thread.author_id == person.id, Thread.last_at > Thread.asker_seen_at, Thread.last_by_id != person.id
    )
    return session().scalar(query) or 0


def views_of(threads: Sequence[Thread], person: User, answers: int | None = SHOWN_ANSWERS) -> list[ThreadView]:
    """The threads as `person` sees them, each with at most so many `answers` (None: all); two queries."""
    if not threads:
        return []
    query = (
        select(Message)
        .where(Message.thread_id.in_([thread.id for thread in threads]))
        .options(joinedload(Message.author))
    )
    if answers is not None:
        query = query.where(Message.seq <= answers)
    messages: dict[int, list[Message]] = {}
    for message in session().scalars(query.order_by(Message.thread_id, Message.seq)):
        messages.setdefault(message.thread_id, []).append(message)
    reader = _Reader(person, marked=_marked([message.id for many in messages.values() for message in many], person))
    return [_thread(thread, messages[thread.id], reader) for thread in threads]


def page_of_threads(query: Select[Thread], after: str | None, limit: int = PAGE) -> Page[Thread]:
    """A page of `query`, newest first, by key."""
    if after and after.isdigit() and len(after) < 19:
        query = query.where(Thread.id < int(after))
    rows = session().scalars(_with_parts(query).order_by(Thread.id.desc()).limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None)


def _page(query: Select[Thread], reader: User, after: str | None) -> Page[ThreadView]:
    found = page_of_threads(query, after)
    return Page(views_of(found.items, reader), found.next)


def _with_parts(query: Select[Thread]) -> Select[Thread]:
    return query.options(
        joinedload(Thread.course).selectinload(Course.team), joinedload(Thread.lesson), joinedload(Thread.class_)
    )


def _marked(message_ids: Sequence[int], person: User) -> frozenset[int]:
    query = select(MessageMark.message_id).where(
        MessageMark.user_id == person.id, MessageMark.message_id.in_(message_ids)
    )
    return frozenset(session().scalars(query))


def _thread(thread: Thread, messages: Sequence[Message], reader: _Reader) -> ThreadView:
    question, *answers = [_message(message, thread, reader) for message in messages]
    lesson, mine = thread.lesson, thread.author_id == reader.person.id
    return ThreadView(
        thread.uuid, question, sorted(answers, key=lambda one: (not one.is_accepted, one.seq)), thread.replies, thread.at_s,
        thread.activity_key, thread.answered_at is not None or thread.accepted_seq is not None,
        mine and thread.last_at > thread.asker_seen_at and thread.last_by_id != reader.person.id,
        policy.can_accept(reader.person, thread), reader.may_moderate(thread), thread.course,
        lesson.uuid if lesson else None, lesson.title if lesson else "", lesson.title_en if lesson else "",
        thread.class_.name if thread.class_ else "",
    )  # fmt: skip


def _message(message: Message, thread: Thread, reader: _Reader) -> MessageView:
    is_own = message.author_id == reader.person.id
    sees_words = message.hidden_at is None or is_own or reader.may_moderate(thread)
    state = "deleted" if message.deleted_at is not None else "hidden" if message.hidden_at is not None else "shown"
    return MessageView(
        message.uuid, message.seq, message.author.name, message.body if sees_words else "", message.created_at, message.edited_at, state, is_own,
        message.by_teacher, thread.accepted_seq == message.seq, message.marks, message.id in reader.marked,
        message.hidden_reason if sees_words else "", message.appeal if sees_words else "",
        message.appeal_answer if sees_words else "", is_own and state == "hidden" and message.appealed_at is None,
    )  # fmt: skip
