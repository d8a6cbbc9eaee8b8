"""The accounts that a visitor of the demonstration signs in with. Everybody may know the password: use it nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.database import session

PASSWORD = "Keku-Demo-2026"  # noqa: S105  printed by `flask demo` and written in its README
KEYS = {"student": "s01", "teacher": "t2", "reviewer": "v1", "librarian": "lib1", "administrator": "adm1"}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One line of the list."""

    role: str
    email: str
    name: str


def give_passwords() -> None:
    """Gives the accounts of the list their one password."""
    for user in _users():
        accounts.set_password(user, PASSWORD)


def list_accounts() -> Sequence[DemoAccount]:
    """One account for each role, as stored."""
    known = {user.key: user for user in _users()}
    return [
        DemoAccount(role, known[key].email, known[key].name) for role, key in KEYS.items() if known[key].password_hash
    ]


def _users() -> Sequence[User]:
    return session().scalars(select(User).where(User.key.in_(KEYS.values()), User.is_demo)).all()
