"""Taking rosters in, and deciding who is meant. The actor is an argument; None is a command on the machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from courseware.accounts.models import Unit, User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring.errors import AccountTaken, NoSuchAccount, RosterFaulty, RosterShrinks
from courseware.monitoring.models import Roster, RosterEntry
from courseware.monitoring.rosters import queries
from courseware.monitoring.rosters.matching import (
    DECIDED,
    DOUBTS,
    NOBODY,
    NONE,
    ONLY_NAME,
    Match,
    alone_by_name,
    match,
)
from courseware.monitoring.rosters.models import RosterDraft, RosterIdentity
from courseware.monitoring.rosters.people import Listed, Reading, counted, settle_day
from courseware.monitoring.rosters.shrinking import Loss, earlier_than, great_loss
from courseware.monitoring.services import require_member

KEEP_DRAFTS = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking a file would do: who is known, in doubt, unknown; what it replaces; who came and left; a great loss."""

    reading: Reading
    matches: Sequence[Match]
    replaces: Roster | None
    difference: queries.Difference | None
    loss: Loss | None

    @property
    def sizes(self) -> dict[str, int]:
        """How many are listed, known, in doubt, unknown."""
        known = sum(m.user_id is not None for m in self.matches)
        doubtful = sum(m.how in DOUBTS for m in self.matches)
        rest = {"known": known, "doubtful": doubtful, "unknown": len(self.matches) - known - doubtful}
        return {**counted(self.reading.people), **rest}

    def as_dict(self) -> dict[str, Any]:
        """For JSON answers."""
        sizes = self.sizes
        return {
            "format": self.reading.file_format, "rows": len(self.reading.people), "students": sizes["student"],
            "teachers": sizes["teacher"], "matched": sizes["known"], "doubtful": sizes["doubtful"],
            "unmatched": sizes["unknown"], "left_out": self.reading.left_out,
            "replaces": str(self.replaces.uuid) if self.replaces else None,
            "difference": self.difference.as_dict() if self.difference else None, "loss": self._loss(),
            "errors": [problem.as_dict() for problem in self.reading.problems],
            "remarks": [remark.as_dict() for remark in self.reading.remarks],
        }  # fmt: skip

    def _loss(self) -> dict[str, Any] | None:
        if self.loss is None:
            return None
        before = self.loss.before
        return {"census": before.census_on.isoformat(), "before": dict(before.sizes), "now": dict(self.loss.now)}


def preview(library: Library, unit: Unit, census_on: dt.date, reading: Reading) -> Preview:
    """What taking `reading` as the list of `unit` on `census_on` would do; writes nothing.

    Raises UnitNotInLibrary, TwoCensusDays.
    """
    require_member(library, unit)
    settle_day(reading, census_on)
    people = reading.people
    found = match(people, queries.directory(unit.id, people), queries.decisions(unit.id))
    before = queries.latest_before(library.id, unit.id, census_on)
    now = [(p.role, m.user_id, p.label, p.name) for p, m in zip(people, found, strict=True)]
    changed = queries.difference(before, now) if before else None
    lost = great_loss(counted(people), earlier_than(census_on, queries.list_sizes(library.id, unit.id)))
    return Preview(reading, found, queries.latest_of(library.id, unit.id, census_on), changed, lost)


def take(
    library: Library,
    unit: Unit,
    census_on: dt.date,
    filename: str,
    shown: Preview,
    actor: Actor | None,
    *,
    is_loss_meant: bool = False,
) -> Roster:
    """Stores the list; a later one for the same day replaces it and both are kept (M12).

    Raises RosterFaulty while lines have faults, RosterShrinks for a great loss that nobody said is meant, NotAllowed for
    those who answer neither for the unit nor for the library.
    """
    if actor is not None:
        policy.require_names_of(actor, library, unit.id)
    if shown.reading.problems:
        raise RosterFaulty(count=len(shown.reading.problems))
    if shown.loss is not None and not is_loss_meant:
        raise RosterShrinks(before=shown.loss.before.whole, now=len(shown.reading.people))
    reading = shown.reading
    roster = Roster(
        library_id=library.id, unit_id=unit.id, census_on=census_on, received_at=clock.now(), filename=filename[:200],
        file_sha256=reading.sha256, file_format=reading.file_format, left_out=reading.left_out,
    )  # fmt: skip
    session().add(roster)
    session().flush()
    rows = [_entry(roster.id, p, m) for p, m in zip(reading.people, shown.matches, strict=True)]
    session().execute(insert(RosterEntry).execution_options(render_nulls=True), rows)
    details = {"unit": unit.key, "census": census_on.isoformat(), "entries": len(rows), "sha256": reading.sha256}
    details |= {"entries_before": shown.loss.before.whole} if shown.loss else {}
    auditlog.record("roster.import", actor, about=roster, details=details)
    return roster


def _entry(roster_id: int, person: Listed, found: Match) -> dict[str, Any]:
    return {
        "roster_id": roster_id, "role": person.role, "name": person.label, "person": person.name,
        "number": person.number, "email": person.email, "user_id": found.user_id, "match": found.how,
    }  # fmt: skip


def keep_draft(
    library: Library, unit: Unit, census_on: dt.date, filename: str, reading: Reading, actor: User
) -> RosterDraft:
    """Keeps what a file says until the person has looked at it. Raises NotAllowed."""
    policy.require_names_of(actor, library, unit.id)
    draft = RosterDraft(
        library_id=library.id, unit_id=unit.id, census_on=census_on, filename=filename[:200], content=reading.as_dict(),
        made_by_id=actor.id,
    )  # fmt: skip
    session().add(draft)
    session().flush()
    return draft


def take_draft(draft: RosterDraft, actor: User, *, is_loss_meant: bool = False) -> Roster:
    """Stores a list that was looked at. Accounts are matched anew: some may have come meanwhile. Raises as `take`."""
    shown = preview(draft.library, draft.unit, draft.census_on, Reading.from_dict(draft.content))
    roster = take(draft.library, draft.unit, draft.census_on, draft.filename, shown, actor, is_loss_meant=is_loss_meant)
    session().delete(draft)
    session().flush()
    return roster


def drop_draft(draft: RosterDraft, actor: User) -> None:
    """Forgets a file that is not to be taken. Raises NotAllowed."""
    policy.require_names_of(actor, draft.library, draft.unit_id)
    session().delete(draft)
    session().flush()


def drop_old_drafts() -> None:
    """Forgets files that nobody took within a day: they hold names."""
    session().execute(delete(RosterDraft).where(RosterDraft.created_at < clock.now() - KEEP_DRAFTS))


def decide(entry: RosterEntry, user: User | None, actor: User) -> None:
    """Says that a person of a list is `user`, or nobody; kept for the next list, and logged.

    The same person on other lists of this unit in this library follows, where nobody decided otherwise. Raises
    NotAllowed, Conflict when the account stands on the list already.
    """
    roster, library, unit = _place(entry)
    policy.require_names_of(actor, library, unit.id)
    if user is not None:
        _require_free(entry, user)
    _remember(unit.id, queries.listed(entry).keys[0], user, actor)
    _settle(roster, entry, user)
    details = {"unit": unit.key, "census": roster.census_on.isoformat(), "to": str(user.uuid) if user else "nobody"}
    auditlog.record("roster.match", actor, about=roster, details=details)


def decide_by_text(entry: RosterEntry, text: str, actor: User) -> User:
    """As `decide`, with the account named by e-mail or number. Raises NoSuchAccount."""
    user = queries.find_account(text)
    if user is None:
        raise NoSuchAccount(text=text.strip())
    decide(entry, user, actor)
    return user


def accept_names(roster: Roster, library: Library, actor: User) -> int:
    """Says yes to everybody whose name only one account and only one person on the list have; how many. Raises NotAllowed."""
    policy.require_names_of(actor, library, roster.unit_id)
    entries = list(session().scalars(select(RosterEntry).where(RosterEntry.roster_id == roster.id)))
    people = [queries.listed(entry) for entry in entries]
    known = queries.directory(roster.unit_id, [p for p, e in zip(people, entries, strict=True) if e.match == ONLY_NAME])
    found = [_now(entry, person, known) for entry, person in zip(entries, people, strict=True)]
    chosen = alone_by_name(people, found)
    for place in chosen:
        entries[place].user_id, entries[place].match = found[place].candidates[0], DECIDED
    _remember_all(roster.unit_id, {people[n].keys[0]: found[n].candidates[0] for n in chosen}, actor)
    auditlog.record("roster.match", actor, about=roster, details={"accepted_by_name": len(chosen)})
    return len(chosen)


def match_again(roster: Roster, library: Library, actor: User) -> int:
    """Looks for accounts of those still unknown or in doubt: people who signed up since. How many were found."""
    policy.require_names_of(actor, library, roster.unit_id)
    entries = queries.unsettled(roster.id)
    people = [queries.listed(entry) for entry in entries]
    found = match(people, queries.directory(roster.unit_id, people), queries.decisions(roster.unit_id))
    held = select(RosterEntry.role, RosterEntry.user_id).where(RosterEntry.roster_id == roster.id)
    taken = set(session().execute(held.where(RosterEntry.user_id.is_not(None))).tuples())
    fresh = 0
    for entry, m in zip(entries, found, strict=True):
        if (entry.role, m.user_id) not in taken:
            entry.user_id, entry.match = m.user_id, m.how
            fresh += m.user_id is not None
    auditlog.record("roster.match", actor, about=roster, details={"found_again": fresh})
    return fresh


def _now(entry: RosterEntry, person: Listed, known: Any) -> Match:
    return known.find(person) if entry.match == ONLY_NAME else Match(entry.match or NONE, entry.user_id)


def _settle(roster: Roster, entry: RosterEntry, user: User | None) -> None:
    how, user_id = (DECIDED, user.id) if user else (NOBODY, None)
    entry.match, entry.user_id = how, user_id
    lists = select(Roster.id).where(Roster.library_id == roster.library_id, Roster.unit_id == roster.unit_id)
    same = (RosterEntry.role == entry.role) & (RosterEntry.name == entry.name)
    follows = update(RosterEntry).where(RosterEntry.roster_id.in_(lists), same, RosterEntry.match.in_((*DOUBTS, NONE)))
    session().execute(follows.values(match=how, user_id=user_id).execution_options(synchronize_session=False))
    session().flush()


def _require_free(entry: RosterEntry, user: User) -> None:
    taken = select(RosterEntry.id).where(
        RosterEntry.roster_id == entry.roster_id, RosterEntry.role == entry.role, RosterEntry.user_id == user.id,
        RosterEntry.id != entry.id,
    )  # fmt: skip
    if session().scalar(taken) is not None:
        raise AccountTaken(name=user.name)


def _remember(unit_id: int, key: str, user: User | None, actor: User) -> None:
    _remember_all(unit_id, {key: user.id if user else None}, actor)


def _remember_all(unit_id: int, decided: dict[str, Any], actor: User) -> None:
    keys = list(decided)
    for start in range(0, len(keys), queries.CHUNK):
        some = keys[start : start + queries.CHUNK]
        session().execute(delete(RosterIdentity).where(RosterIdentity.unit_id == unit_id, RosterIdentity.key.in_(some)))
    rows = [
        {"unit_id": unit_id, "key": key, "user_id": user, "decided_by_id": actor.id, "decided_at": clock.now()}
        for key, user in decided.items()
    ]
    if rows:
        session().execute(insert(RosterIdentity).execution_options(render_nulls=True), rows)
    session().flush()


def _place(entry: RosterEntry) -> tuple[Roster, Library, Unit]:
    roster = session().get_one(Roster, entry.roster_id)
    return roster, session().get_one(Library, roster.library_id), session().get_one(Unit, roster.unit_id)
