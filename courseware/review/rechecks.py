"""Random re-checks of what is published: a sample that can be drawn again, a light case for each (R40)."""

from __future__ import annotations

import datetime as dt
import random
import secrets
import uuid as uuidlib
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Actor
from courseware.libraries import policy as libraries
from courseware.libraries.models import Library
from courseware.resources.models import Resource, ResourceVersion
from courseware.review import policy, takedowns
from courseware.review.errors import AlreadyChecked, SelfReview
from courseware.review.models import Recheck, RecheckSample

DUE_IN = dt.timedelta(days=14)
MOST = 500


def draw(actor: User, library: Library, asked: str, seed: str = "") -> RecheckSample:
    """Draws `asked` ("20" or "5%") published resources of the library by `seed`, kept so that anybody can draw again.

    Resources that still wait from an earlier sample are left out. Raises NotAllowed, Invalid.
    """
    libraries.require_manager(actor, library)
    chosen, now = seed.strip()[:40] or secrets.token_hex(4), clock.now()
    ids = population(library)
    picked = pick(ids, size_of(asked, len(ids)), chosen)
    sample = RecheckSample(
        library_id=library.id, drawn_by_id=actor.id, drawn_at=now, asked=asked.strip(), seed=chosen, population=len(ids)
    )
    session().add(sample)
    session().flush()
    versions = select(Resource.id, Resource.published_version_id).where(Resource.id.in_(picked))
    session().add_all(
        Recheck(sample_id=sample.id, resource_id=resource, version_id=version, due_at=now + DUE_IN, state="open")
        for resource, version in session().execute(versions)
    )
    session().flush()
    auditlog.record("review.sample", actor, about=library, details={"asked": asked, "seed": chosen, "of": len(ids)})
    return sample


def population(library: Library) -> list[int]:
    """What can be drawn now: live resources that do not wait for a re-check, in the order of their numbers."""
    waiting = select(Recheck.resource_id).where(Recheck.state == "open")
    query = select(Resource.id).where(
        Resource.library_id == library.id, Resource.is_live.is_(True), Resource.published_version_id.is_not(None),
        Resource.id.not_in(waiting),
    )  # fmt: skip
    return list(session().scalars(query.order_by(Resource.id)))


def pick(ids: Sequence[int], size: int, seed: str) -> list[int]:
    """The sample that `seed` draws from `ids`; the same every time."""
    return sorted(random.Random(seed).sample(list(ids), min(size, len(ids))))  # noqa: S311 - drawn again by its seed


def size_of(asked: str, population: int) -> int:
    """How many "20" or "5%" are; a share is rounded up. Raises Invalid."""
    text = asked.strip().replace("％", "%")
    digits = text.removesuffix("%").strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 6) or int(digits) < 1:
        raise Invalid({"asked": [_l("Write a number such as 20, or a share such as 5%.")]})
    if not text.endswith("%"):
        size = int(digits)
    elif int(digits) > 100:
        raise Invalid({"asked": [_l("A share goes up to 100%.")]})
    else:
        size = -(-population * int(digits) // 100)
    if size > MOST:
        raise Invalid({"asked": [_l("At most 500 at a time.")]})
    return size


def check(actor: User, row: Recheck, *, is_passed: bool, note: str = "", remedy: str = "") -> None:
    """The verdict on one. One that fails is returned to its author, or taken down at once; both need a note.

    Raises NotAllowed, SelfReview, AlreadyChecked, Invalid, and what taking down raises.
    """
    if not policy.can_review(actor):
        raise NotAllowed()
    if not policy.can_recheck(actor, row.resource):
        raise SelfReview()
    session().flush()
    session().execute(select(Recheck.id).where(Recheck.id == row.id).with_for_update())
    session().refresh(row, ["state"])
    if row.state != "open":
        raise AlreadyChecked()
    problems = {}
    if not is_passed and not note.strip():
        problems["note"] = [_l("Say what is wrong: the author reads it.")]
    if not is_passed and remedy not in ("return", "take_down"):
        problems["remedy"] = [_l("Choose what follows: back to the author, or offline at once.")]
    if problems:
        raise Invalid(problems)
    row.state, row.note, row.remedy = "passed" if is_passed else "failed", note.strip(), "" if is_passed else remedy
    row.checked_by_id, row.checked_at = actor.id, clock.now()
    session().flush()
    auditlog.record(f"review.recheck_{row.state}", actor, about=row.resource, reason=note)
    if row.remedy == "take_down" and row.resource.is_live:
        takedowns.take_down(actor, row.resource, note)


def find(recheck_uuid: uuidlib.UUID, actor: Actor | None) -> Recheck:
    """The row with what its page shows. Raises NotFound for those who do not review."""
    query = select(Recheck).where(Recheck.uuid == recheck_uuid).options(*_parts())
    row = session().scalar(query)
    if row is None or not policy.can_review(actor):
        raise NotFound()
    return row


def listed(state: str = "open", limit: int = 200) -> Sequence[Recheck]:
    """Open ones, those due first; or done ones, newest first. A constant number of queries."""
    query = select(Recheck).where(Recheck.state == "open" if state == "open" else Recheck.state != "open")
    order = (Recheck.due_at, Recheck.id) if state == "open" else (Recheck.checked_at.desc(), Recheck.id.desc())
    return session().scalars(query.options(*_parts()).order_by(*order).limit(limit)).all()


def samples(limit: int = 20) -> list[tuple[RecheckSample, dict[str, int]]]:
    """The samples drawn, newest first, with how many of each are open, passed and failed. Two queries."""
    rows = session().scalars(
        select(RecheckSample).options(joinedload(RecheckSample.library), joinedload(RecheckSample.drawn_by))
        .order_by(RecheckSample.id.desc()).limit(limit)
    ).all()  # fmt: skip
    counts = session().execute(
        select(Recheck.sample_id, Recheck.state, func.count())
        .where(Recheck.sample_id.in_([row.id for row in rows]))
        .group_by(Recheck.sample_id, Recheck.state)
    )
    found: dict[int, dict[str, int]] = {}
    for sample_id, state, count in counts:
        found.setdefault(sample_id, {})[state] = count
    return [(row, found.get(row.id, {})) for row in rows]


def count_open() -> int:
    """How many wait."""
    return session().scalar(select(func.count()).select_from(Recheck).where(Recheck.state == "open")) or 0


def returned_to(author: Actor, limit: int = 10) -> Sequence[Recheck]:
    """What a re-check sent back to this author, until a newer version is published."""
    wrote = select(ResourceVersion.resource_id).where(ResourceVersion.author_id == author.id)
    query = (
        select(Recheck)
        .join(Resource, Resource.id == Recheck.resource_id)
        .where(Recheck.state == "failed", Recheck.remedy == "return", Resource.is_live.is_(True))
        .where(Resource.published_version_id == Recheck.version_id)
        .where(or_(Resource.author_id == author.id, Resource.id.in_(wrote)))
    )
    return session().scalars(query.options(joinedload(Recheck.resource)).order_by(Recheck.id).limit(limit)).all()


def _parts() -> tuple[ExecutableOption, ...]:
    resource = joinedload(Recheck.resource)
    return (
        resource.joinedload(Resource.course), resource.joinedload(Resource.library), resource.joinedload(Resource.author),
        joinedload(Recheck.checked_by), joinedload(Recheck.sample).joinedload(RecheckSample.library),
        selectinload(Recheck.version).joinedload(ResourceVersion.asset),
    )  # fmt: skip
