"""Time that was not credited, told to the learner with the reason; their appeal; and what became of it.

A reason can hold by rule and be wrong for a person: two siblings at one account, a lecture hall, a broken clock. So whoever
learned may say so, and somebody who keeps the library decides with the rule before their eyes.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.libraries import policy as libraries
from courseware.libraries import queries as library_queries
from courseware.libraries.models import Library
from courseware.progress.credit import APPEALABLE, COUNTS_AS_TIME, Act, judge
from courseware.progress.days import date_of, day_of, start_of
from courseware.progress.due import mark_due
from courseware.progress.errors import AppealDecided, AppealedBefore, NoteNeeded, WordsTooLong
from courseware.progress.models import CreditAppeal, LearningEvent
from courseware.resources.models import Resource

SHOWN_DAYS = 60
LONGEST_WORDS = 2000
Key = tuple[int, int, str]  # day, resource, reason


@dataclass(frozen=True, slots=True)
class Lost:
    """Time of one day with one resource that one reason took away. `appeal`: what the person said about it, if anything."""

    day: int
    resource: Resource
    reason: str
    events: int
    seconds: float
    appeal: CreditAppeal | None = None

    @property
    def date(self) -> dt.date:
        """The day in the calendar."""
        return date_of(self.day)

    @property
    def can_appeal(self) -> bool:
        """Whether it can be given back and nobody asked yet."""
        return self.reason in APPEALABLE and self.appeal is None


@dataclass(frozen=True, slots=True)
class Account:
    """What one person learned in the last days: credited seconds, each once, and what was not credited, newest first."""

    credited_s: float
    lost: Sequence[Lost]

    @property
    def lost_s(self) -> float:
        """Seconds not credited and not given back."""
        return sum(one.seconds for one in self.lost if one.appeal is None or one.appeal.state != "accepted")


def account_of(user: User, *, only_day: int | None = None) -> Account:
    """The credited and the lost time of the last 60 days, or of one day; five queries at most."""
    since = start_of(only_day) if only_day is not None else clock.now() - dt.timedelta(days=SHOWN_DAYS)
    until = start_of(only_day + 1) if only_day is not None else clock.now() + dt.timedelta(days=1)
    acts, appeals = _acts(user, since, until), _appeals_of(user)
    forgiven = {(day, resource, reason) for (day, resource, reason), one in appeals.items() if one.state == "accepted"}
    found: dict[Key, list[float]] = defaultdict(list)
    credited = 0.0
    for day, mine in acts.items():
        for act, reason in zip(mine, judge(mine), strict=True):
            if reason not in COUNTS_AS_TIME and act.resource_id:
                found[day, act.resource_id, reason].append(act.seconds)
        given_back = {(resource, reason) for of_day, resource, reason in forgiven if of_day == day}
        credited += _credited(mine, judge(mine, given_back))
    return Account(credited, _lost(found, appeals))


def appeal(user: User, day: int, resource_uuid: uuidlib.UUID, reason: str, words: str) -> CreditAppeal:
    """The person says that this time was rightly spent.

    Raises NotFound for time that is credited or cannot be given back, AppealedBefore, WordsTooLong over 2,000 characters.
    """
    if len(words) > LONGEST_WORDS:
        raise WordsTooLong(limit=LONGEST_WORDS)
    lost = [
        one
        for one in account_of(user, only_day=day).lost
        if one.reason == reason and one.resource.uuid == resource_uuid
    ]
    if not lost or reason not in APPEALABLE:
        raise NotFound()
    if lost[0].appeal is not None:
        raise AppealedBefore()
    made = CreditAppeal(
        user=user, day=day, resource=lost[0].resource, reason=reason, seconds=round(lost[0].seconds, 1), words=words.strip()
    )  # fmt: skip
    try:
        with session().begin_nested():
            session().add(made)
    except IntegrityError as twice:
        raise AppealedBefore() from twice
    auditlog.record("credit.appeal", user, about=made, details={"day": day, "reason": reason})
    return made


def decide(actor: User, uuid: uuidlib.UUID, *, accept: bool, note: str) -> CreditAppeal:
    """Gives the time back, or says why not; the day is counted anew.

    Raises NotFound; NotAllowed for one's own appeal and for people who do not keep the library; AppealDecided; NoteNeeded
    for a refusal without a word; WordsTooLong.
    """
    found = session().scalar(select(CreditAppeal).where(CreditAppeal.uuid == uuid).with_for_update())
    if found is None:
        raise NotFound()
    require_decide(actor, found)
    if found.state != "open":
        raise AppealDecided()
    if len(note) > LONGEST_WORDS:
        raise WordsTooLong(limit=LONGEST_WORDS)
    if not accept and not note.strip():
        raise NoteNeeded()
    found.state, found.note = "accepted" if accept else "declined", note.strip()
    found.decided_by, found.decided_at = actor, clock.now()
    session().flush()
    if accept:
        mark_due([(found.user_id, found.day)])
    auditlog.record("credit.accept" if accept else "credit.decline", actor, about=found, reason=found.note)
    return found


def require_decide(actor: User, found: CreditAppeal) -> None:
    """Those who keep the resource's library decide, never about themselves. Raises NotAllowed."""
    library = session().get_one(Library, found.resource.library_id)
    if found.user_id == actor.id or not libraries.can_manage(actor, library):
        raise NotAllowed()


def appeals_for(actor: User, state: str, limit: int = 100) -> Sequence[CreditAppeal]:
    """Appeals about resources of the libraries that the actor keeps, oldest first; the newest decided first."""
    mine = [library.id for library in library_queries.all_libraries() if libraries.can_manage(actor, library)]
    order = CreditAppeal.id if state == "open" else CreditAppeal.id.desc()
    query = (
        select(CreditAppeal)
        .join(Resource, Resource.id == CreditAppeal.resource_id)
        .where(Resource.library_id.in_(mine))
    )
    loading = joinedload(CreditAppeal.user), joinedload(CreditAppeal.resource), joinedload(CreditAppeal.decided_by)
    query = query.where(CreditAppeal.state == state, CreditAppeal.user_id != actor.id).options(*loading)
    return session().scalars(query.order_by(order).limit(limit)).all()


def _acts(user: User, since: dt.datetime, until: dt.datetime) -> Mapping[int, list[Act]]:
    """The person's acts by day, whole days only."""
    first = start_of(day_of(since))
    event = LearningEvent
    query = select(
        event.uuid, event.verb, event.resource_id, event.occurred_at, event.seconds, event.sitting, event.excluded
    ).where(event.user_id == user.id, event.occurred_at >= first, event.occurred_at < until)
    found: dict[int, list[Act]] = defaultdict(list)
    for uuid, verb, resource, at, seconds, sitting, excluded in session().execute(
        query.where(event.resource_id.is_not(None))
    ):
        found[day_of(at)].append(Act(uuid, verb, resource or 0, at.timestamp(), seconds, sitting, excluded))
    return found


def _appeals_of(user: User) -> dict[Key, CreditAppeal]:
    query = select(CreditAppeal).where(CreditAppeal.user_id == user.id).options(joinedload(CreditAppeal.decided_by))
    return {(one.day, one.resource_id, one.reason): one for one in session().scalars(query)}


def _credited(acts: Sequence[Act], reasons: Iterable[str]) -> float:
    seconds, reached = 0.0, 0.0
    counted = (act for act, reason in zip(acts, reasons, strict=True) if reason in COUNTS_AS_TIME)
    for act in sorted(counted, key=lambda one: one.start):
        if act.end > reached:
            seconds += act.end - max(act.start, reached)
            reached = act.end
    return seconds


def _lost(found: Mapping[Key, Sequence[float]], appeals: Mapping[Key, CreditAppeal]) -> list[Lost]:
    ids = {resource for _, resource, _ in found}
    resources = {r.id: r for r in session().scalars(select(Resource).where(Resource.id.in_(ids)))} if ids else {}
    return [
        Lost(key[0], resources[key[1]], key[2], len(found[key]), sum(found[key]), appeals.get(key))
        for key in sorted(found, key=lambda key: (-key[0], key[1], key[2]))
    ]
