"""Who is meant by the name of an author."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.resources.importing.batches import batches


def account_of(name: str) -> User | None:
    """The account meant by a key, an address or a name; several people of one name are nobody."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:20]
    exact = select(User).where((User.key == name) | (User.email == name.lower()) | (User.key == f"imported-{digest}"))
    found = session().scalar(exact.limit(1))
    if found is not None:
        return found
    same = session().scalars(select(User).where(User.name == name, User.closed_at.is_(None)).limit(2)).all()
    return same[0] if len(same) == 1 and same[0].has_role(Role.TEACHER) else None


def known_authors(names: Iterable[str]) -> set[str]:
    """Those of `names` that mean an account, as `account_of` finds it; two queries for five hundred names."""
    found: set[str] = set()
    for some in batches(sorted(names)):
        digests = {f"imported-{hashlib.sha256(name.encode()).hexdigest()[:20]}": name for name in some}
        exact = select(User.key, User.email).where(
            User.key.in_([*some, *digests]) | User.email.in_([name.lower() for name in some])
        )
        seen = {value for row in session().execute(exact) for value in row}
        found |= {name for name in some if name in seen or name.lower() in seen} | {
            digests[k] for k in digests if k in seen
        }
        same: dict[str, list[User]] = {}
        for user in session().scalars(select(User).where(User.name.in_(some), User.closed_at.is_(None))):
            same.setdefault(user.name, []).append(user)
        found |= {name for name, users in same.items() if len(users) == 1 and users[0].has_role(Role.TEACHER)}
    return found
