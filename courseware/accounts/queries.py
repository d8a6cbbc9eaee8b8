"""Finding people and units."""

from __future__ import annotations

import uuid

from sqlalchemy import exists, select

from courseware.accounts.models import Unit, User
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page


def user_by_key(key: str) -> User | None:
    """The person a scenario or roster names."""
    return session().scalar(select(User).where(User.key == key))


def user_by_email(email: str) -> User | None:
    """The person with this e-mail, in whatever case."""
    return session().scalar(select(User).where(User.email == email.strip().lower()))


def user_by_uuid(user_uuid: uuid.UUID) -> User:
    """The person with this uuid; raises NotFound."""
    user = session().scalar(select(User).where(User.uuid == user_uuid))
    if user is None:
        raise NotFound()
    return user


def unit_by_key(key: str) -> Unit | None:
    """The unit with this key."""
    return session().scalar(select(Unit).where(Unit.key == key))


def list_users(search: str = "", after: int = 0, limit: int = 50) -> Page[User]:
    """People by id, optionally those whose name or e-mail holds `search`."""
    query = select(User).where(User.id > after).order_by(User.id).limit(limit + 1)
    if search:
        query = query.where(User.name.contains(search, autoescape=True) | User.email.contains(search, autoescape=True))
    rows = list(session().scalars(query))
    return Page(rows[:limit], next=str(rows[limit - 1].id) if len(rows) > limit else None)


def has_demo_people() -> bool:
    """Whether fictional people of a demonstration live here."""
    return bool(session().scalar(select(exists().where(User.is_demo))))
