"""Reporting, hiding with a reason, appealing to a librarian (R45). Every step stands in the security log."""

from __future__ import annotations

from sqlalchemy import select, update

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.discussion import policy
from courseware.discussion.errors import AlreadyGone, NotAmongThem, NotYourOwnCase, ReasonNeeded
from courseware.discussion.models import Message, MessageReport
from courseware.discussion.services import forget_acceptance


def report(actor: User, message: Message, words: str) -> MessageReport:
    """Somebody of the course says what is wrong with a message; said again it replaces the words.

    Raises NotAmongThem, AlreadyGone, ReasonNeeded.
    """
    if not policy.can_take_part(actor, message.thread.course, message.thread.class_):
        raise NotAmongThem()
    if message.is_gone:
        raise AlreadyGone()
    reason = _reason(words)
    found = session().scalar(
        select(MessageReport).where(MessageReport.message_id == message.id, MessageReport.user_id == actor.id)
    )
    if found is None:
        found = MessageReport(message_id=message.id, user_id=actor.id)
        session().add(found)
    found.words, found.settled_at = reason, None
    session().flush()
    return found


def hide(actor: User, message: Message, reason: str) -> None:
    """Takes a message out of sight; its author reads the reason and may appeal. Settles the reports on it.

    Raises NotAllowed, AlreadyGone, ReasonNeeded.
    """
    _must_moderate(actor, message)
    if message.is_gone:
        raise AlreadyGone()
    message.hidden_reason = _reason(reason)
    message.hidden_at, message.hidden_by_id = clock.now(), actor.id
    message.appeal, message.appealed_at, message.appeal_answer, message.appeal_decided_at = "", None, "", None
    forget_acceptance(message)
    _settle(actor, message)
    auditlog.record("discussion.hide", actor, about=message, details={"reason": message.hidden_reason})


def leave_standing(actor: User, message: Message) -> None:
    """The moderator looked and finds nothing wrong: the reports are settled. Raises NotAllowed."""
    _must_moderate(actor, message)
    _settle(actor, message)
    auditlog.record("discussion.leave", actor, about=message)


def appeal(actor: User, message: Message, words: str) -> None:
    """The author asks a librarian to look again, once for each hiding. Raises NotAllowed, AlreadyGone, ReasonNeeded."""
    if message.author_id != actor.id or message.hidden_at is None:
        raise NotAllowed()
    if message.appealed_at is not None:
        raise AlreadyGone()
    message.appeal, message.appealed_at = _reason(words), clock.now()
    session().flush()
    auditlog.record("discussion.appeal", actor, about=message)


def decide_appeal(actor: User, message: Message, answer: str, *, restore: bool) -> None:
    """A librarian shows the message again, or says why it stays hidden. Raises NotYourOwnCase, AlreadyGone, ReasonNeeded."""
    if not policy.can_decide_appeal(actor, message):
        raise NotYourOwnCase()
    if message.appealed_at is None or message.appeal_decided_at is not None:
        raise AlreadyGone()
    message.appeal_answer, message.appeal_decided_at = _reason(answer), clock.now()
    if restore:
        message.hidden_at = None
    session().flush()
    auditlog.record("discussion.appeal.decide", actor, about=message, details={"restored": restore})


def _must_moderate(actor: User, message: Message) -> None:
    if not policy.can_moderate(actor, message.thread.course, message.thread.class_):
        raise NotAllowed()


def _settle(actor: User, message: Message) -> None:
    open_ones = update(MessageReport).where(MessageReport.message_id == message.id, MessageReport.settled_at.is_(None))
    session().execute(open_ones.values(settled_at=clock.now(), settled_by_id=actor.id))
    session().flush()


def _reason(words: str) -> str:
    reason = words.strip()[:1000]
    if not reason:
        raise ReasonNeeded()
    return reason
