"""Asking, answering, editing, deleting, marking, accepting. Reports and hiding: moderation.py."""

from __future__ import annotations

import uuid as uuidlib
from dataclasses import dataclass

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.discussion import policy
from courseware.discussion.errors import AlreadyGone, NotAmongThem, NothingSaid, SaidTooMuch, UnderReview
from courseware.discussion.models import Message, MessageEdit, MessageMark, MessageReport, Thread
from courseware.discussion.words import tidy
from courseware.enrollment.models import TeachingClass
from courseware.libraries.models import Course

LONGEST = 4000  # characters


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a course something is asked: a lesson, a thing in it by its key, a whole second of its recording."""

    lesson: Lesson | None = None
    activity_key: uuidlib.UUID | None = None
    at_s: int | None = None


def open_thread(
    actor: User, course: Course, words: str, spot: Spot = Spot(), *, class_: TeachingClass | None = None
) -> Thread:
    """Asks a question, or begins a talk in a class; returns the thread with its first message, flushed.

    Raises NotAmongThem for people outside of the course (or class), NothingSaid, SaidTooMuch, NotFound for a lesson of
    another course or a class of another course.
    """
    if not policy.can_take_part(actor, course, class_):
        raise NotAmongThem()
    strays = spot.lesson is not None and spot.lesson.course_id != course.id
    if strays or (class_ is not None and class_.run.course_id != course.id):
        raise NotFound()
    body, now = _checked(words), clock.now()
    thread = Thread(
        course=course, lesson=spot.lesson, activity_key=spot.activity_key, class_=class_, author=actor, last_at=now,
        at_s=None if spot.at_s is None else max(0, spot.at_s), last_by_id=actor.id, asker_seen_at=now,
    )  # fmt: skip
    session().add(thread)
    session().flush()
    _add_message(actor, thread, 0, body)
    return thread


def reply(actor: User, thread: Thread, words: str) -> Message:
    """Answers; a teacher's answer is marked as one, and the first of them makes the question answered.

    Raises NotAmongThem, AlreadyGone where the question was deleted or hidden, NothingSaid, SaidTooMuch.
    """
    if not policy.can_take_part(actor, thread.course, thread.class_):
        raise NotAmongThem()
    if question_of(thread).is_gone:
        raise AlreadyGone()
    body = _checked(words)
    session().refresh(thread, ["replies", "answered_at"], with_for_update=True)  # two answers at once get two numbers
    thread.replies += 1
    message = _add_message(actor, thread, thread.replies, body)
    thread.last_at, thread.last_by_id = message.created_at, actor.id
    if message.by_teacher and thread.answered_at is None:
        thread.answered_at = message.created_at
    session().flush()
    return message


def edit(actor: User, message: Message, words: str) -> Message:
    """Changes one's own words; what stood there before is kept. Raises NotAllowed, NothingSaid, SaidTooMuch."""
    if not policy.can_edit(actor, message):
        raise NotAllowed()
    body = _checked(words)
    if body != message.body:
        session().add(MessageEdit(message_id=message.id, body=message.body, replaced_at=clock.now()))
        message.body, message.edited_at = body, clock.now()
        session().flush()
    return message


def remove(actor: User, message: Message) -> None:
    """Deletes one's own words, with all earlier ones; that something was said, by whom and when, stays.

    Raises NotAllowed, and UnderReview while a report on it is open.
    """
    if not policy.can_edit(actor, message):
        raise NotAllowed()
    if session().scalar(
        select(exists().where(MessageReport.message_id == message.id, MessageReport.settled_at.is_(None)))
    ):
        raise UnderReview()
    session().execute(delete(MessageEdit).where(MessageEdit.message_id == message.id))
    message.body, message.deleted_at = "", clock.now()
    forget_acceptance(message)
    session().flush()
    auditlog.record("discussion.delete", actor, about=message)


def mark(actor: User, message: Message, *, wanted: bool = True) -> int:
    """Says "I have this question too" or "useful", or takes it back; returns how many say so. Never of one's own words."""
    if not policy.can_take_part(actor, message.thread.course, message.thread.class_) or message.author_id == actor.id:
        raise NotAllowed()
    if message.is_gone:
        raise AlreadyGone()
    session().refresh(message, ["marks"], with_for_update=True)
    message.marks += _put_mark(actor, message) if wanted else -_drop_mark(actor, message)
    session().flush()
    return message.marks


def accept(actor: User, message: Message, *, wanted: bool = True) -> None:
    """Says which answer helped, or takes that back. Raises NotAllowed, NotFound for a question."""
    if not policy.can_accept(actor, message.thread):
        raise NotAllowed()
    if message.seq == 0:
        raise NotFound()
    if message.is_gone:
        raise AlreadyGone()
    message.thread.accepted_seq = message.seq if wanted else None
    session().flush()


def note_read(actor: User, thread: Thread) -> None:
    """The asker has read everything up to now; of others nothing is kept."""
    if thread.author_id == actor.id and thread.asker_seen_at < thread.last_at:
        thread.asker_seen_at = clock.now()
        session().flush()


def note_all_read(actor: User, lesson: Lesson | None = None) -> None:
    """The asker has looked at the list of their own questions, or at those beside one lesson."""
    unread = (Thread.author_id == actor.id) & (Thread.asker_seen_at < Thread.last_at)
    if lesson is not None:
        unread &= Thread.lesson_id == lesson.id
    session().execute(update(Thread).where(unread).values(asker_seen_at=clock.now()))


def question_of(thread: Thread) -> Message:
    """The first message of a thread."""
    return session().scalars(select(Message).where(Message.thread_id == thread.id, Message.seq == 0)).one()


def forget_acceptance(message: Message) -> None:
    """An answer that is out of sight is no longer the one that helped."""
    if message.thread.accepted_seq == message.seq:
        message.thread.accepted_seq = None


def _checked(words: str) -> str:
    body = tidy(words)
    if not body:
        raise NothingSaid()
    if len(body) > LONGEST:
        raise SaidTooMuch(limit=LONGEST, found=len(body))
    return body


def _add_message(actor: User, thread: Thread, seq: int, body: str) -> Message:
    by_teacher = policy.teaches(actor, thread.course, thread.class_)
    message = Message(thread=thread, seq=seq, author=actor, body=body, by_teacher=by_teacher, created_at=clock.now())
    session().add(message)
    session().flush()
    return message


def _put_mark(actor: User, message: Message) -> int:
    """1 when it is new; two clicks at once count once."""
    try:
        with session().begin_nested():
            session().add(MessageMark(message_id=message.id, user_id=actor.id))
    except IntegrityError:
        return 0
    return 1


def _drop_mark(actor: User, message: Message) -> int:
    gone = session().execute(
        delete(MessageMark).where(MessageMark.message_id == message.id, MessageMark.user_id == actor.id)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
