"""Sessions of people (Flask-Login) and of programs (bearer tokens), with idle and absolute ends (SEC3, SEC6)."""

from __future__ import annotations

import time
import uuid

from flask import Flask, Request, request, session
from flask_login import LoginManager, logout_user
from sqlalchemy import select

from courseware.accounts import services
from courseware.accounts.models import User
from courseware.core.database import session as database
from courseware.core.roles import Role
from courseware.web.actor import actor

IDLE_S = {True: 15 * 60, False: 30 * 60}  # administrators, everybody else
ABSOLUTE_S = 12 * 3600
TOUCH_S = 60  # the cookie is written again at most once a minute

manager = LoginManager()


def init_sessions(app: Flask) -> None:
    """Loads people from cookies and tokens; ends sessions that idled or grew old."""
    manager.init_app(app)
    app.before_request(_end_old_session)


@manager.user_loader
def load_user(session_id: str) -> User | None:
    """The person of a cookie; None once the password changed or the account closed."""
    text, _colon, epoch = session_id.partition(":")
    user = database().scalar(select(User).where(User.uuid == uuid.UUID(text)))
    return user if user and user.is_active and str(user.session_epoch) == epoch else None


@manager.request_loader
def load_token(incoming: Request) -> User | None:
    """The person behind a bearer token of the API."""
    kind, _blank, token = incoming.headers.get("Authorization", "").partition(" ")
    found = services.user_of_token(token) if kind == "Bearer" and incoming.path.startswith("/api/") else None
    return found[0] if found else None


def _end_old_session() -> None:
    if "_user_id" not in session or request.path.startswith("/static/"):
        return
    now, person = int(time.time()), actor()
    if person is None:
        return
    idle = IDLE_S[person.has_role(Role.ADMINISTRATOR)]
    seen, begun = session.get("seen", now), session.setdefault("begun", now)
    if now - seen > idle or now - begun > ABSOLUTE_S:
        logout_user()
        session.clear()
    elif now - seen > TOUCH_S or "seen" not in session:
        session["seen"] = now
