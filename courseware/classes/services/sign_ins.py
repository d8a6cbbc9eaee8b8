"""Attendance: a code on the screen that changes, typed or scanned; corrections have a reason and are logged."""

from __future__ import annotations

import secrets
from contextlib import suppress

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.classes import codes, policy
from courseware.classes.errors import NotInClass, OldPass, SignInClosed, SignInRunning, WrongSignInCode
from courseware.classes.models import PRESENCES, ClassMember, ClassSignIn, ClassSignInEntry, TeachingClass
from courseware.classes.services.classes import require_going
from courseware.classes.services.guessing import note_wrong, refuse_guessing
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid

PERIODS_S = (10, 20, 30, 60)
TITLE_CHARS = 80


def open_sign_in(actor: User, klass: TeachingClass, title: str = "", period_s: int = 20) -> ClassSignIn:
    """Begins to take attendance. One at a time: raises SignInRunning; ClassEnded."""
    policy.require_lead(actor, klass)
    require_going(klass)
    session().scalar(select(TeachingClass.id).where(TeachingClass.id == klass.id).with_for_update())
    if running(klass) is not None:
        raise SignInRunning()
    made = ClassSignIn(
        class_id=klass.id, title=title.strip()[:TITLE_CHARS], secret=secrets.token_hex(16), opened_by_id=actor.id,
        period_s=period_s if period_s in PERIODS_S else 20, opened_at=clock.now(),
    )  # fmt: skip
    session().add(made)
    session().flush()
    return made


def running(klass: TeachingClass) -> ClassSignIn | None:
    """The sign-in that is open now."""
    query = select(ClassSignIn).where(ClassSignIn.class_id == klass.id, ClassSignIn.closed_at.is_(None))
    return session().scalar(query.order_by(ClassSignIn.id.desc()))


def close(actor: User, sign_in: ClassSignIn) -> None:
    """Ends it; who is not in by now is absent."""
    policy.require_lead(actor, sign_in.teaching_class)
    sign_in.closed_at = sign_in.closed_at or clock.now()
    session().flush()


def code_now(sign_in: ClassSignIn) -> tuple[str, int]:
    """What stands on the screen, and for how many seconds more."""
    at = clock.now().timestamp()
    return codes.screen_code(sign_in.secret, sign_in.period_s, at), codes.seconds_left(sign_in.period_s, at)


def pass_now(sign_in: ClassSignIn) -> str:
    """What the picture on the screen holds now; it changes with the digits."""
    return codes.screen_pass(sign_in.secret, sign_in.period_s, clock.now().timestamp())


def sign_in(user: User, opened: ClassSignIn, typed: str) -> None:
    """The person is here; once is enough. Raises NotInClass, SignInClosed, WrongSignInCode, TooManyCodes."""
    _check_open(user, opened)
    refuse_guessing(user)
    if not codes.is_on_screen(codes.typed(typed), opened.secret, opened.period_s, clock.now().timestamp()):
        note_wrong(user)
        raise WrongSignInCode()
    _enter(user, opened)


def check_pass(user: User, opened: ClassSignIn, given: str) -> None:
    """What was scanned is on the screen, and the person may sign in with it. Raises NotInClass, SignInClosed, OldPass.

    Nobody guesses a pass, so old ones count as no guesses: whoever scanned too late may still type the digits.
    """
    _check_open(user, opened)
    if not codes.is_pass_on_screen(given, opened.secret, opened.period_s, clock.now().timestamp()):
        raise OldPass()


def sign_in_by_pass(user: User, opened: ClassSignIn, given: str) -> None:
    """As sign_in, with what was scanned from the screen. Raises as check_pass."""
    check_pass(user, opened, given)
    _enter(user, opened)


def correct(actor: User, opened: ClassSignIn, person: User, state: str, reason: str) -> None:
    """A teacher puts the list right; the reason is kept and logged. Raises Invalid without one, NotInClass."""
    policy.require_lead(actor, opened.teaching_class)
    reason = reason.strip()[:200]
    if state not in PRESENCES or not reason:
        raise Invalid({"reason": [_l("Say why the list is changed: the reason is kept.")]})
    entry = _entry(opened, person)
    if entry is None and not _was_member(opened, person):
        raise NotInClass()
    before = entry.state if entry is not None else "absent"
    if entry is None:
        entry = ClassSignInEntry(sign_in_id=opened.id, user_id=person.id)
        session().add(entry)
    entry.state, entry.at, entry.by_id, entry.reason = state, clock.now(), actor.id, reason
    session().flush()
    details = {"person": str(person.uuid), "before": before, "after": state}
    auditlog.record("class.sign_in_corrected", actor, about=opened, reason=reason, details=details)


def _check_open(user: User, opened: ClassSignIn) -> None:
    if not policy.is_member(user, opened.teaching_class):
        raise NotInClass()
    if opened.closed_at is not None:
        raise SignInClosed()


def _enter(user: User, opened: ClassSignIn) -> None:
    """Two taps at once make one row."""
    if _entry(opened, user) is None:
        with suppress(IntegrityError), session().begin_nested():
            session().add(ClassSignInEntry(sign_in_id=opened.id, user_id=user.id, state="present", at=clock.now()))


def _entry(opened: ClassSignIn, user: User) -> ClassSignInEntry | None:
    query = select(ClassSignInEntry).where(
        ClassSignInEntry.sign_in_id == opened.id, ClassSignInEntry.user_id == user.id
    )
    return session().scalar(query)


def _was_member(opened: ClassSignIn, user: User) -> bool:
    query = select(ClassMember.id).where(ClassMember.class_id == opened.class_id, ClassMember.user_id == user.id)
    return session().scalar(query) is not None
