"""Reading certificates: one's own, the one behind a code, those that a keeper looks after."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.certificates import policy
from courseware.certificates.codes import masked, normalised
from courseware.certificates.models import Certificate
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor, Role
from courseware.libraries.models import Course, LibraryUnit
from courseware.progress.statements import PERSON, table_of

SHOWN = 100
_table = table_of(Certificate)
IN_FORCE = select(func.count()).where(_table.c.user_id == PERSON, _table.c.revoked_at.is_(None))


@dataclass(frozen=True, slots=True)
class Verified:
    """What a stranger learns of a certificate: enough to believe it, nothing more about the person.

    `name` is masked, and empty where the holder did not agree to be named. `revoked_because` is empty while it is valid.
    """

    number: str
    name: str
    course_name: str
    course_name_en: str
    library_name: str
    library_name_en: str
    units: Sequence[Sequence[str]]
    run_key: str
    hours: int
    completed_at: dt.datetime
    issued_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_because: str
    is_demo: bool


def verify(typed: str) -> Verified | None:
    """The certificate behind a code as somebody typed it; None where there is none. One query."""
    code = normalised(typed)
    query = select(Certificate).where(Certificate.code == code).options(joinedload(Certificate.user))
    found = session().scalar(query) if code else None
    if found is None:
        return None
    return Verified(
        found.number, masked(found.printed_name), found.course_name, found.course_name_en, found.library_name,
        found.library_name_en, found.units, found.run_key, found.hours, found.completed_at, found.issued_at,
        found.revoked_at, found.revoked_because, found.user.is_demo,
    )  # fmt: skip


def certificates_of(user: User) -> Sequence[Certificate]:
    """The person's certificates, newest first, revoked ones too; one query."""
    query = select(Certificate).where(Certificate.user_id == user.id)
    return session().scalars(query.order_by(Certificate.issued_at.desc(), Certificate.id.desc())).all()


def certificate_by_uuid(uuid: uuidlib.UUID, actor: Actor | None) -> Certificate:
    """A certificate for people who may see it; raises NotFound."""
    found = session().scalar(select(Certificate).where(Certificate.uuid == uuid))
    if found is None or not policy.can_see(actor, found):
        raise NotFound()
    return found


def kept_by(actor: User, text: str = "") -> Sequence[Certificate]:
    """Certificates of the libraries that `actor` keeps, the newest 100; `text` is a number, a code, a name or a course."""
    query = select(Certificate).join(Course, Course.id == Certificate.course_id)
    if not actor.has_role(Role.ADMINISTRATOR):
        mine = select(LibraryUnit.library_id).where(LibraryUnit.unit_id == actor.unit_id)
        query = query.where(Course.library_id.in_(mine))
    if wanted := text.strip():
        query = query.where(_says(wanted))
    query = query.options(joinedload(Certificate.user), joinedload(Certificate.revoked_by))
    return session().scalars(query.order_by(Certificate.id.desc()).limit(SHOWN)).all()


def _says(text: str) -> ColumnElement[bool]:
    serial = text.upper().removeprefix("KK-").split("-")[-1]
    tests = [
        Certificate.holder_name.contains(text, autoescape=True),
        Certificate.course_name.contains(text, autoescape=True),
    ]
    if code := normalised(text):
        tests.append(Certificate.code == code)
    if serial.isascii() and serial.isdigit() and len(serial) < 12:
        tests.append(Certificate.id == int(serial))
    return or_(*tests)
