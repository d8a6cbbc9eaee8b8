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
from courseware.discussion.models import Post, PostReport
from courseware.discussion.services import forget_acceptance


def report(actor: User, post: Post, words: str) -> PostReport:
    """Somebody of the course says what is wrong with a post; said again it replaces the words.

    Raises NotAmongThem, AlreadyGone, ReasonNeeded.
    """
    if not policy.can_take_part(actor, post.thread.course, post.thread.class_):
        raise NotAmongThem()
    if post.is_gone:
        raise AlreadyGone()
    reason = _reason(words)
    found = session().scalar(select(PostReport).where(PostReport.post_id == post.id, PostReport.user_id == actor.id))
    if found is None:
        found = PostReport(post_id=post.id, user_id=actor.id)
        session().add(found)
    found.words, found.settled_at = reason, None
    session().flush()
    return found


def hide(actor: User, post: Post, reason: str) -> None:
    """Takes a post out of sight; its author reads the reason and may appeal. Settles the reports on it.

    Raises NotAllowed, AlreadyGone, ReasonNeeded.
    """
    _must_moderate(actor, post)
    if post.is_gone:
        raise AlreadyGone()
    post.hidden_reason = _reason(reason)
    post.hidden_at, post.hidden_by_id = clock.now(), actor.id
    post.appeal, post.appealed_at, post.appeal_answer, post.appeal_decided_at = "", None, "", None
    forget_acceptance(post)
    _settle(actor, post)
    auditlog.record("discussion.hide", actor, about=post, details={"reason": post.hidden_reason})


def leave_standing(actor: User, post: Post) -> None:
    """The moderator looked and finds nothing wrong: the reports are settled. Raises NotAllowed."""
    _must_moderate(actor, post)
    _settle(actor, post)
    auditlog.record("discussion.leave", actor, about=post)


def appeal(actor: User, post: Post, words: str) -> None:
    """The author asks a librarian to look again, once for each hiding. Raises NotAllowed, AlreadyGone, ReasonNeeded."""
    if post.author_id != actor.id or post.hidden_at is None:
        raise NotAllowed()
    if post.appealed_at is not None:
        raise AlreadyGone()
    post.appeal, post.appealed_at = _reason(words), clock.now()
    session().flush()
    auditlog.record("discussion.appeal", actor, about=post)


def decide_appeal(actor: User, post: Post, answer: str, *, restore: bool) -> None:
    """A librarian shows the post again, or says why it stays hidden. Raises NotYourOwnCase, AlreadyGone, ReasonNeeded."""
    if not policy.can_decide_appeal(actor, post):
        raise NotYourOwnCase()
    if post.appealed_at is None or post.appeal_decided_at is not None:
        raise AlreadyGone()
    post.appeal_answer, post.appeal_decided_at = _reason(answer), clock.now()
    if restore:
        post.hidden_at = None
    session().flush()
    auditlog.record("discussion.appeal.decide", actor, about=post, details={"restored": restore})


def _must_moderate(actor: User, post: Post) -> None:
    if not policy.can_moderate(actor, post.thread.course, post.thread.class_):
        raise NotAllowed()


def _settle(actor: User, post: Post) -> None:
    open_ones = update(PostReport).where(PostReport.post_id == post.id, PostReport.settled_at.is_(None))
    session().execute(open_ones.values(settled_at=clock.now(), settled_by_id=actor.id))
    session().flush()


def _reason(words: str) -> str:
    reason = words.strip()[:1000]
    if not reason:
        raise ReasonNeeded()
    return reason
