"""The people of a class, and accounts found by number or e-mail."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.classes.models import ClassMember, TeachingClass
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page

PAGE = 50
CLASSES = "classes"  # the name of what `is_member_somewhere` tells


def people_of(klass: TeachingClass, after: int = 0, limit: int = PAGE) -> Page[ClassMember]:
    """Members with their accounts, in the order they came; two queries."""
    query = (
        select(ClassMember)
        .where(ClassMember.class_id == klass.id, ClassMember.left_at.is_(None), ClassMember.id > after)
        .options(joinedload(ClassMember.user))
        .order_by(ClassMember.id)
        .limit(limit + 1)
    )
    rows = session().scalars(query).all()
    shown = rows[:limit]
    return Page(shown, str(shown[-1].id) if len(rows) > limit else None)


def count_people(klass: TeachingClass) -> int:
    """How many are in the class now."""
    query = select(func.count()).select_from(ClassMember)
    return session().scalar(query.where(ClassMember.class_id == klass.id, ClassMember.left_at.is_(None))) or 0


def is_member_somewhere(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the person of this id is in any class now, closed ones too: a condition for statements about people."""
    return exists().where(ClassMember.user_id == person, ClassMember.left_at.is_(None))


def person_of(klass: TeachingClass, person_uuid: uuidlib.UUID) -> User:
    """Somebody who is or was in the class; raises NotFound."""
    query = select(User).join(ClassMember, ClassMember.user_id == User.id)
    person = session().scalar(query.where(ClassMember.class_id == klass.id, User.uuid == person_uuid))
    if person is None:
        raise NotFound()
    return person


def account_by_text(text: str) -> User | None:
    """The open account with exactly this number or e-mail: nobody is found by part of a name."""
    text = text.strip()
    if not text:
        return None
    same = or_(User.email == text.lower(), User.key.in_([text, text.upper(), text.lower()]))
    found = session().scalars(select(User).where(same, User.closed_at.is_(None)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def accounts_by_uuid(uuids: Sequence[uuidlib.UUID]) -> Sequence[User]:
    """Open accounts by their uuids, in the order given; unknown ones are left out."""
    query = select(User).where(User.uuid.in_(uuids), User.closed_at.is_(None))
    found = {user.uuid: user for user in session().scalars(query)} if uuids else {}
    return [found[one] for one in dict.fromkeys(uuids) if one in found]


def accounts_by_id(ids: Sequence[int]) -> dict[int, User]:
    """Accounts by id."""
    return {user.id: user for user in session().scalars(select(User).where(User.id.in_(ids)))} if ids else {}


def ids_in(klass: TeachingClass) -> set[int]:
    """The accounts in the class now."""
    query = select(ClassMember.user_id).where(ClassMember.class_id == klass.id, ClassMember.left_at.is_(None))
    return set(session().scalars(query))
