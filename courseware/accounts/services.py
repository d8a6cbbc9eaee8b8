"""Units, accounts, signing in."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import sys
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select, update

from courseware.accounts.errors import AccountLocked, EmailTaken, LinkExpired, SignInRefused, UnknownScope
from courseware.accounts.models import ApiToken, EndedSession, RoleGrant, SetupLink, SignInFailure, Unit, User
from courseware.accounts.passwords import hash_password, password_problems, verify_password
from courseware.auditlog import services as auditlog
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.roles import Role

SENDER = sys.modules[__name__]
LOCK_AFTER, LOCK_WINDOW, LOCK_FOR = 5, dt.timedelta(minutes=15), dt.timedelta(minutes=30)
LINK_LIFE = dt.timedelta(hours=72)
TOKEN_LIFE = dt.timedelta(days=90)
SESSION_LIFE = dt.timedelta(hours=12)

# What an API token may be issued for, and which wider scope covers it.
SCOPES = {"read": "read", "metrics": "read", "write": "write", "events": "write"}


def create_unit(
    key: str,
    name: str,
    kind: str,
    *,
    name_en: str = "",
    school_level: str = "",
    province: str = "",
    parent: Unit | None = None,
) -> Unit:
    """A new unit; `key` is unique."""
    unit = Unit(key=key, name=name, kind=kind, name_en=name_en, school_level=school_level, province=province)
    unit.parent_id = parent.id if parent else None
    session().add(unit)
    session().flush()
    return unit


def create_user(
    email: str,
    name: str,
    *,
    unit: Unit | None,
    roles: Iterable[Role | str],
    key: str | None = None,
    title: str = "",
    is_test: bool = False,
    is_demo: bool = False,
    verified: bool = True,
    actor: User | None = None,
) -> User:
    """A new account without a password; raises EmailTaken (e-mails differ only in case are the same, SEC1)."""
    address = email.strip().lower()
    if session().scalar(select(User.id).where(User.email == address)):
        raise EmailTaken()
    now = clock.now()
    user = User(email=address, name=name, key=key, title=title, is_test=is_test, is_demo=is_demo, created_at=now)
    user.unit_id = unit.id if unit else None
    user.verified_at = now if verified else None
    user.grants = [RoleGrant(role=Role(role).value) for role in roles]
    session().add(user)
    session().flush()
    auditlog.record("account.create", actor, about=user, details={"roles": sorted(r.value for r in user.roles)})
    return user


def sign_up(email: str, name: str, password: str) -> User:
    """A learner's own account with a password; raises EmailTaken, or Invalid and leaves no account behind."""
    with session().begin_nested():
        user = create_user(email, name, unit=None, roles=[Role.STUDENT])
        set_password(user, password)
    return user


def set_password(user: User, password: str) -> None:
    """Sets a new password and ends every other session; raises Invalid with all problems (SEC1, SEC6)."""
    problems = password_problems(user, password)
    if problems:
        raise Invalid({"password": problems})
    user.password_hash = hash_password(password)
    user.session_epoch += 1
    session().flush()
    auditlog.record("account.password", user, about=user)


def issue_setup_link(user: User) -> str:
    """A one-time token to choose a password, good for 72 hours. Links issued before open nothing any more."""
    _close_links(user)
    token = secrets.token_urlsafe(32)
    session().add(SetupLink(user_id=user.id, token_hash=_digest(token), expires_at=clock.now() + LINK_LIFE))
    session().flush()
    auditlog.record("account.setup_link", None, about=user)
    return token


def user_of_setup_link(token: str) -> User:
    """The person a link was made for; raises LinkExpired."""
    return _open_link(token)[1]


def use_setup_link(token: str, password: str) -> User:
    """Chooses a password by link, once; raises LinkExpired or Invalid."""
    _link, user = _open_link(token)
    set_password(user, password)
    _close_links(user)
    return user


def authenticate(email: str, password: str, address: str) -> User:
    """The person with this e-mail and password. Raises SignInRefused or AccountLocked; failures are counted (SEC2)."""
    account = email.strip().lower()[:200]
    if is_locked(account):
        raise AccountLocked()
    user = session().scalar(select(User).where(User.email == account))
    if not verify_password(user.password_hash if user else "", password) or user is None or not user.is_active:
        session().add(SignInFailure(account=account, address=address, at=clock.now()))
        session().flush()
        auditlog.record("account.sign_in", None, about=user, result="failed")
        if is_locked(account):
            auditlog.record("account.lock", None, about=user, reason="too many failures")
        raise SignInRefused()
    session().execute(delete(SignInFailure).where(SignInFailure.account == account))
    auditlog.record("account.sign_in", user, about=user)
    return user


def enter(user: User) -> None:
    """A session of the person begins, by whatever way they came; whoever counts sign-ins hears of it (M11.B)."""
    events.signed_in.send(SENDER, user=user)


def is_locked(account: str) -> bool:
    """Whether five failures within 15 minutes happened less than 30 minutes ago."""
    recent = (
        select(SignInFailure.at)
        .where(SignInFailure.account == account)
        .order_by(SignInFailure.at.desc())
        .limit(LOCK_AFTER)
    )
    times = list(session().scalars(recent))
    if len(times) < LOCK_AFTER:
        return False
    return times[0] - times[-1] <= LOCK_WINDOW and clock.now() - times[0] < LOCK_FOR


def unlock(actor: User, user: User) -> None:
    """An administrator lets a locked person try again."""
    session().execute(delete(SignInFailure).where(SignInFailure.account == user.email))
    auditlog.record("account.unlock", actor, about=user)


def issue_token(user: User, scopes: Sequence[str]) -> str:
    """A new API token, shown once and good for 90 days; raises UnknownScope."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise UnknownScope(scope=unknown[0], known=", ".join(SCOPES))
    token = f"keku_{secrets.token_urlsafe(32)}"
    session().add(ApiToken(user_id=user.id, token_hash=_digest(token), scopes=list(scopes)))
    session().flush()
    auditlog.record("account.token", None, about=user, details={"scopes": list(scopes)})
    return token


def user_of_token(token: str) -> tuple[User, list[str]] | None:
    """The person and the scopes of a token that is still good."""
    row = session().scalar(
        select(ApiToken)
        .where(ApiToken.token_hash == _digest(token), ApiToken.revoked_at.is_(None))
        .where(ApiToken.created_at > clock.now() - TOKEN_LIFE)
    )
    return (row.user, row.scopes) if row and row.user.is_active else None


def allows(scopes: Iterable[str], wanted: str) -> bool:
    """Whether a token with `scopes` may do what needs `wanted`: by that very scope, or by the wider one."""
    return not {wanted, SCOPES[wanted]}.isdisjoint(scopes)


def end_session(sid: str) -> None:
    """Makes the session useless on the server too; what no cookie can name any more is swept out (SEC6)."""
    session().execute(delete(EndedSession).where(EndedSession.at < clock.now() - SESSION_LIFE))
    if sid and not is_session_ended(sid):
        session().add(EndedSession(sid=sid, at=clock.now()))
    session().flush()


def is_session_ended(sid: str) -> bool:
    """Whether the session was signed out."""
    return session().scalar(select(EndedSession.id).where(EndedSession.sid == sid)) is not None


def _open_link(token: str) -> tuple[SetupLink, User]:
    link = session().scalar(select(SetupLink).where(SetupLink.token_hash == _digest(token)))
    if link is None or link.used_at or link.expires_at <= clock.now():
        raise LinkExpired()
    user = session().get(User, link.user_id)
    if user is None or not user.is_active:
        raise LinkExpired()
    return link, user


def _close_links(user: User) -> None:
    open_links = (SetupLink.user_id == user.id) & SetupLink.used_at.is_(None)
    session().execute(update(SetupLink).where(open_links).values(used_at=clock.now()))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
