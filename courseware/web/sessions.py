"""Sessions of people, with idle and absolute ends (SEC3, SEC6). Bearer tokens are the API's: courseware/web/api.py."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, logout_user, user_logged_in
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from courseware.accounts import services
from courseware.accounts.models import EndedSession, RoleGrant, User
from courseware.core import clock
from courseware.core.database import session as database
from courseware.core.roles import Role
from courseware.web import waiting
from courseware.web.actor import actor

IDLE_S = {True: 15 * 60, False: 30 * 60}  # administrators, everybody else
ABSOLUTE_S = int(services.SESSION_LIFE.total_seconds())
TOUCH_S = 60  # the cookie is written again at most once a minute

manager = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])


def init_sessions(app: Flask) -> None:
    """Loads people from cookies; ends sessions that idled or grew old."""
    manager.init_app(app)
    app.before_request(_end_old_session)
    user_logged_in.connect(_begin_session, app)


_ENDED = select(EndedSession.id).where(EndedSession.sid == bindparam("sid")).exists()
_KNOWN = [User.uuid == bindparam("person"), ~_ENDED]
_KEEPS_SITE = (
    select(RoleGrant.id).where(RoleGrant.user_id == User.id, RoleGrant.role == Role.ADMINISTRATOR.value).exists()
)
_VISITOR = select(User.id, User.is_test, User.closed_at, User.session_epoch, _KEEPS_SITE, User.locale).where(*_KNOWN)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person of a cookie, as much of them as the busiest endpoint needs, read without loading objects."""

    id: int
    is_test: bool
    is_administrator: bool
    locale: str


def light(view: View) -> View:
    """Marks a view that asks for `visitor()` and not for `actor()`: its requests load no account."""
    view.is_light = True  # type: ignore[attr-defined]
    return view


def visitor() -> Visitor | None:
    """The person of this request's cookie, as `load_user` would find them; None for a guest."""
    if "visitor" not in g:
        g.visitor = _read_visitor(session["_user_id"]) if "_user_id" in session else None
    found: Visitor | None = g.visitor
    return found


def _read_visitor(session_id: str) -> Visitor | None:
    text, epoch = _parts(session_id)
    rows = database().connection().execute(_VISITOR, {"person": text, "sid": session.get("sid", "")}).all()
    return next((_visitor(*row, epoch=epoch) for row in rows), None)


def _visitor(
    number: int,
    is_test: bool,
    closed_at: dt.datetime | None,
    current: int,
    keeps_site: bool,
    locale: str,
    *,
    epoch: str,
) -> Visitor | None:
    return Visitor(number, is_test, bool(keeps_site), locale) if closed_at is None and str(current) == epoch else None


def _parts(session_id: str) -> tuple[uuid.UUID, str]:
    text, _colon, epoch = session_id.partition(":")
    return uuid.UUID(text), epoch


@cache
def _person() -> Select[*tuple[Any, ...]]:
    """Built once, when all subjects are there: with the roles, and with what may wait (waiting.py), in the same statement."""
    query = select(User, *waiting.columns()).where(*_KNOWN)
    return query.options(joinedload(User.grants))


@manager.user_loader
def load_user(session_id: str) -> User | None:
    """The person of a cookie; None once they signed out, the password changed or the account closed."""
    person, epoch = _parts(session_id)
    asked = {"person": person, "sid": session.get("sid", "")}
    found = database().execute(_person(), asked).unique().one_or_none()
    if found is None or not found.User.is_active or str(found.User.session_epoch) != epoch:
        return None
    waiting.keep(found[1:])
    return cast(User, found.User)


def _begin_session(_app: Flask, **_more: Any) -> None:
    """A new name and a new age at every sign-in."""
    moment = _now()
    session.update(sid=secrets.token_hex(12), begun=moment, seen=moment)


def _end_old_session() -> None:
    if "_user_id" not in session or request.path.startswith(("/static/", "/simulations/")):
        return
    keeps_site, moment = _keeps_site(), _now()
    if keeps_site is None:
        return
    idle = IDLE_S[keeps_site]
    seen, begun = session.get("seen", moment), session.setdefault("begun", moment)
    if moment - seen > idle or moment - begun > ABSOLUTE_S:
        logout_user()
        session.clear()
        g.visitor = None
    elif moment - seen > TOUCH_S or "seen" not in session:
        session["seen"] = moment


def _keeps_site() -> bool | None:
    """Whether the person is an administrator; None for a guest."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "is_light", False):
        known = visitor()
        return known.is_administrator if known is not None else None
    person = actor()
    return person.has_role(Role.ADMINISTRATOR) if person is not None else None


def _now() -> int:
    return int(clock.now().timestamp())
