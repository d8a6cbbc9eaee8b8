"""Sessions of people, with idle and absolute ends (SEC3, SEC6). Bearer tokens are the API's: courseware/web/api.py."""

from __future__ import annotations

import secrets
import uuid
from functools import cache
from typing import Any, cast

from flask import Flask, request, session
from flask_login import LoginManager, logout_user, user_logged_in
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from courseware.accounts import services
from courseware.accounts.models import EndedSession, User
from courseware.core import clock
from courseware.core.database import session as database
from courseware.core.roles import Role
from courseware.web import waiting
from courseware.web.actor import actor

IDLE_S = {True: 15 * 60, False: 30 * 60}  # administrators, everybody else
ABSOLUTE_S = int(services.SESSION_LIFE.total_seconds())
TOUCH_S = 60  # the cookie is written again at most once a minute

manager = LoginManager()


def init_sessions(app: Flask) -> None:
    """Loads people from cookies; ends sessions that idled or grew old."""
    manager.init_app(app)
    app.before_request(_end_old_session)
    user_logged_in.connect(_begin_session, app)


_ENDED = select(EndedSession.id).where(EndedSession.sid == bindparam("sid")).exists()


@cache
def _person() -> Select[*tuple[Any, ...]]:
    """Built once, when all subjects are there: with the roles, and with what may wait (waiting.py), in the same statement."""
    query = select(User, *waiting.columns()).where(User.uuid == bindparam("person"), ~_ENDED)
    return query.options(joinedload(User.grants))


@manager.user_loader
def load_user(session_id: str) -> User | None:
    """The person of a cookie; None once they signed out, the password changed or the account closed."""
    text, _colon, epoch = session_id.partition(":")
    asked = {"person": uuid.UUID(text), "sid": session.get("sid", "")}
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
    person, moment = actor(), _now()
    if person is None:
        return
    idle = IDLE_S[person.has_role(Role.ADMINISTRATOR)]
    seen, begun = session.get("seen", moment), session.setdefault("begun", moment)
    if moment - seen > idle or moment - begun > ABSOLUTE_S:
        logout_user()
        session.clear()
    elif moment - seen > TOUCH_S or "seen" not in session:
        session["seen"] = moment


def _now() -> int:
    return int(clock.now().timestamp())
