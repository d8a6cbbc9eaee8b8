"""Reading rosters: accounts to match with, the lists sent so far, doubtful people, the difference between two lists."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import Unit, User
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.libraries.models import Library, LibraryUnit
from courseware.monitoring.models import Roster, RosterEntry
from courseware.monitoring.rosters.matching import DOUBTS, NOBODY, Account, Directory
from courseware.monitoring.rosters.models import RosterDraft, RosterIdentity
from courseware.monitoring.rosters.people import STUDENT, TEACHER, Listed
from courseware.monitoring.rosters.shrinking import ListSize

CHUNK = 5000
PAGE = 25
NAMES = 200
COLUMNS = (User.id, func.coalesce(User.key, ""), User.email, User.name, User.unit_id)


def directory(unit_id: int, people: Sequence[Listed]) -> Directory:
    """The accounts that people of a list of this unit may have: open ones, two queries for every 5,000 people."""
    rows = {row[0]: row for row in session().execute(select(*COLUMNS).where(User.unit_id == unit_id, _open())).all()}
    numbers = sorted({form for p in people if p.number for form in (p.number, p.number.lower(), p.number.upper())})
    emails = sorted({person.email for person in people if person.email})
    for column, values in ((User.key, numbers), (User.email, emails)):
        for start in range(0, len(values), CHUNK):
            wanted = select(*COLUMNS).where(column.in_(values[start : start + CHUNK]), _open())
            rows |= {row[0]: row for row in session().execute(wanted).all()}
    return Directory((Account(*row) for row in rows.values()), unit_id)


def decisions(unit_id: int) -> dict[str, int | None]:
    """What was decided about people of this unit: key → account, None for nobody."""
    query = select(RosterIdentity.key, RosterIdentity.user_id).where(RosterIdentity.unit_id == unit_id)
    return dict(session().execute(query).tuples().all())


@dataclass(frozen=True, slots=True)
class Sent:
    """One roster with how many people it lists and how many of them are known."""

    roster: Roster
    unit: Unit
    students: int
    teachers: int
    matched: int
    doubtful: int
    counts: bool


def sent_rosters(library: Library, limit: int = 100) -> list[Sent]:
    """The lists sent for a library, the newest census first; `counts` for the last file of each unit and day."""
    sizes = (
        select(
            RosterEntry.roster_id,
            func.sum(case((RosterEntry.role == STUDENT, 1), else_=0)).label("students"),
            func.sum(case((RosterEntry.role == TEACHER, 1), else_=0)).label("teachers"),
            func.count(RosterEntry.user_id).label("matched"),
            func.sum(case((RosterEntry.match.in_(DOUBTS), 1), else_=0)).label("doubtful"),
        )
        .group_by(RosterEntry.roster_id)
        .subquery()
    )
    query = (
        select(Roster, Unit, sizes.c.students, sizes.c.teachers, sizes.c.matched, sizes.c.doubtful)
        .join(Unit, Unit.id == Roster.unit_id)
        .outerjoin(sizes, sizes.c.roster_id == Roster.id)
        .where(Roster.library_id == library.id)
        .order_by(Roster.census_on.desc(), Roster.id.desc())
        .limit(limit)
    )
    seen: set[tuple[int, dt.date]] = set()
    found = []
    for roster, unit, *numbers in session().execute(query).all():
        place = (roster.unit_id, roster.census_on)
        students, teachers, matched, doubtful = (int(number or 0) for number in numbers)
        found.append(Sent(roster, unit, students, teachers, matched, doubtful, place not in seen))
        seen.add(place)
    return found


def list_sizes(library_id: int, unit_id: int | None = None) -> list[ListSize]:
    """How many stand on every list sent for a library, or for one unit of it; one query."""
    groups = (func.coalesce(func.sum(case((RosterEntry.role == role, 1), else_=0)), 0) for role in (STUDENT, TEACHER))
    query = select(Roster.id, Roster.unit_id, Roster.census_on, Roster.received_at, *groups)
    query = query.outerjoin(RosterEntry, RosterEntry.roster_id == Roster.id).where(Roster.library_id == library_id)
    if unit_id is not None:
        query = query.where(Roster.unit_id == unit_id)
    rows = session().execute(query.group_by(Roster.id).order_by(Roster.id)).all()
    return [
        ListSize(key, unit, day, at, {STUDENT: int(students), TEACHER: int(teachers)})
        for key, unit, day, at, students, teachers in rows
    ]


def schools_of(library: Library) -> list[Unit]:
    """The units of a library that keep a roster, the first host first."""
    query = select(Unit).join(LibraryUnit, LibraryUnit.unit_id == Unit.id).where(LibraryUnit.library_id == library.id)
    return list(session().scalars(query.where(Unit.kind.in_(("school", "university"))).order_by(LibraryUnit.seq)))


def roster_by_uuid(roster_uuid: uuidlib.UUID) -> tuple[Roster, Library, Unit]:
    """A roster with its library and unit. Raises NotFound."""
    query = select(Roster, Library, Unit).join(Library, Library.id == Roster.library_id)
    found = session().execute(query.join(Unit, Unit.id == Roster.unit_id).where(Roster.uuid == roster_uuid)).first()
    if found is None:
        raise NotFound()
    return found[0], found[1], found[2]


def roster_uuid(roster_id: int) -> uuidlib.UUID:
    """The name outside of a list."""
    return session().scalars(select(Roster.uuid).where(Roster.id == roster_id)).one()


def draft_by_uuid(draft_uuid: uuidlib.UUID) -> RosterDraft:
    """A file that was checked. Raises NotFound, also when it was taken or dropped."""
    query = select(RosterDraft).where(RosterDraft.uuid == draft_uuid)
    draft = session().scalar(query.options(joinedload(RosterDraft.library), joinedload(RosterDraft.unit)))
    if draft is None:
        raise NotFound()
    return draft


def latest_before(library_id: int, unit_id: int, census_on: dt.date) -> Roster | None:
    """The list of the census before `census_on`."""
    query = select(Roster).where(Roster.library_id == library_id, Roster.unit_id == unit_id)
    return session().scalar(
        query.where(Roster.census_on < census_on).order_by(Roster.census_on.desc(), Roster.id.desc()).limit(1)
    )


def latest_of(library_id: int, unit_id: int, census_on: dt.date) -> Roster | None:
    """The list that counts for a day so far."""
    query = select(Roster).where(Roster.library_id == library_id, Roster.unit_id == unit_id)
    return session().scalar(query.where(Roster.census_on == census_on).order_by(Roster.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Difference:
    """Who came and who left between two lists, by group; names of the first 200 each."""

    before: dt.date
    came: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)
    came_sizes: dict[str, int] = field(default_factory=dict)
    left_sizes: dict[str, int] = field(default_factory=dict)

    def named(self) -> int:
        """How many people are named here."""
        return sum(len(names) for side in (self.came, self.left) for names in side.values())

    def as_dict(self) -> dict[str, Any]:
        """For JSON answers."""
        return {"before": self.before.isoformat(), "came": self.came_sizes, "left": self.left_sizes}


Who = tuple[str, int | None, str, str]  # group, account, label, name as written


def difference(before: Roster, people: Iterable[Who]) -> Difference:
    """Compares an earlier list with `people`: the same account, or the same label where there is none."""
    old, new = _by_identity(_who(before.id)), _by_identity(people)
    came = _grouped(new[key] for key in new.keys() - old.keys())
    left = _grouped(old[key] for key in old.keys() - new.keys())
    return Difference(before.census_on, _first(came), _first(left), _sizes(came), _sizes(left))


def _first(side: dict[str, list[str]]) -> dict[str, list[str]]:
    return {role: names[:NAMES] for role, names in side.items()}


def _sizes(side: dict[str, list[str]]) -> dict[str, int]:
    return {role: len(names) for role, names in side.items()}


def who_is_on(roster: Roster) -> list[Who]:
    """Everybody of a list."""
    return _who(roster.id)


def _who(roster_id: int) -> list[Who]:
    columns = (RosterEntry.role, RosterEntry.user_id, RosterEntry.name, RosterEntry.person)
    return list(session().execute(select(*columns).where(RosterEntry.roster_id == roster_id)).tuples().all())


def _by_identity(people: Iterable[Who]) -> dict[tuple[str, int | str], Who]:
    return {(who[0], who[1] if who[1] is not None else who[2].casefold()): who for who in people}


def _grouped(people: Iterable[Who]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {STUDENT: [], TEACHER: []}
    for role, _user, label, person in people:
        found[role].append(person or label)
    return {role: sorted(names) for role, names in found.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a list on the page, with the accounts that may be meant."""

    entry: RosterEntry
    candidates: Sequence[User]


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a list, how many there are by state, and where it goes on."""

    lines: Sequence[Line]
    sizes: dict[str, int]
    next: int | None


FILTERS = {
    "doubtful": RosterEntry.match.in_(DOUBTS),
    "unknown": RosterEntry.user_id.is_(None) & RosterEntry.match.not_in(DOUBTS),
    "known": RosterEntry.user_id.is_not(None),
}


def page_of(roster: Roster, only: str = "", search: str = "", after: int = 0) -> Page:
    """25 people of a list by state and name, in the order of the file."""
    query = select(RosterEntry).where(RosterEntry.roster_id == roster.id)
    counts = select(*(func.sum(case((rule, 1), else_=0)) for rule in FILTERS.values()), func.count())
    sizes = session().execute(counts.where(RosterEntry.roster_id == roster.id)).one()
    if only in FILTERS:
        query = query.where(FILTERS[only])
    if search:
        query = query.where(or_(RosterEntry.person.contains(search), RosterEntry.name.contains(search)))
    query = query.where(RosterEntry.id > after).order_by(RosterEntry.id).limit(PAGE + 1)
    entries = list(session().scalars(query.options(joinedload(RosterEntry.user).joinedload(User.unit))))
    shown = entries[:PAGE]
    following = shown[-1].id if len(entries) > PAGE else None
    return Page(_with_candidates(roster, shown), _named(sizes), following)


def _named(sizes: Any) -> dict[str, int]:
    return dict(zip((*FILTERS, "all"), (int(size or 0) for size in sizes), strict=True))


def _with_candidates(roster: Roster, entries: Sequence[RosterEntry]) -> list[Line]:
    doubtful = [entry for entry in entries if entry.match in DOUBTS]
    known = directory(roster.unit_id, [listed(entry) for entry in doubtful]) if doubtful else None
    meant = {entry.id: known.find(listed(entry)) for entry in doubtful} if known else {}
    wanted = {user for found in meant.values() for user in (*found.candidates, found.user_id) if user is not None}
    users = {u.id: u for u in session().scalars(select(User).where(User.id.in_(wanted)))} if wanted else {}
    return [
        Line(entry, [users[user] for user in (*found.candidates, found.user_id) if user in users])
        if (found := meant.get(entry.id))
        else Line(entry, [])
        for entry in entries
    ]


def listed(entry: RosterEntry) -> Listed:
    """An entry as the file had it."""
    return Listed(0, entry.role, entry.person or entry.name, entry.number, entry.email)


def unsettled(roster_id: int) -> list[RosterEntry]:
    """People of a list for whom no account is sure and nobody said that there is none."""
    query = select(RosterEntry).where(RosterEntry.roster_id == roster_id, RosterEntry.user_id.is_(None))
    return list(session().scalars(query.where(RosterEntry.match != NOBODY).order_by(RosterEntry.id)))


def entry_by_id(entry_id: int) -> RosterEntry:
    """One person of a list. Raises NotFound."""
    entry = session().get(RosterEntry, entry_id)
    if entry is None:
        raise NotFound()
    return entry


def find_account(text: str) -> User | None:
    """The open account with this e-mail or number."""
    query = select(User).where(or_(User.email == text.strip().lower(), User.key == text.strip()), _open())
    return session().scalar(query.order_by(User.id).limit(1))


def _open() -> Any:
    return User.closed_at.is_(None)
