"""Writing what indicators need beside the facts of other subjects: rosters, invitations, answers.

These build and are for commands, imports and scenarios, which answer for their own actor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select

from courseware.accounts.models import Unit, User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.libraries.models import Library, LibraryUnit
from courseware.monitoring.errors import ScoreOutOfRange, UnitNotInLibrary
from courseware.monitoring.models import HeldClock, Roster, RosterEntry, SurveyAnswer, SurveyInvitation

Listed = User | str


def import_roster(
    library: Library,
    unit: Unit,
    census_on: dt.date,
    students: Sequence[Listed],
    teachers: Sequence[Listed],
    actor: Actor | None = None,
) -> Roster:
    """Stores the official list of a unit on a census day; the latest file for a day counts, earlier ones stay (M12).

    A person is given as account, or as the name on the list where none was matched; whoever is listed twice in a
    group stands there once. Raises UnitNotInLibrary.
    """
    require_member(library, unit)
    roster = Roster(library_id=library.id, unit_id=unit.id, census_on=census_on, received_at=clock.now())
    roster.entries = [*_entries("student", students), *_entries("teacher", teachers)]
    session().add(roster)
    session().flush()
    sizes = {"unit": unit.key, "census": census_on.isoformat(), "entries": len(roster.entries)}
    auditlog.record("roster.import", actor, about=roster, details=sizes)
    return roster


def invite(library: Library, user: User) -> SurveyInvitation:
    """The system asks a person how satisfied they are (M13)."""
    invitation = SurveyInvitation(library_id=library.id, user_id=user.id, at=clock.now())
    session().add(invitation)
    session().flush()
    return invitation


def answer_survey(library: Library, user: User, score: int, took_s: float) -> SurveyAnswer:
    """Stores an answer, 1 to 5, and the seconds it took; which ones count is decided when counting (M13).

    Raises ScoreOutOfRange.
    """
    if not isinstance(score, int) or not 1 <= score <= 5:
        raise ScoreOutOfRange()
    answer = SurveyAnswer(library_id=library.id, user_id=user.id, score=score, took_s=max(0.0, took_s), at=clock.now())
    session().add(answer)
    session().flush()
    return answer


def hold_clock(moment: dt.datetime | None) -> None:
    """Shows figures as of `moment` from now on, as after a replay; None lets the clock run again."""
    session().execute(delete(HeldClock))
    if moment is not None:
        session().add(HeldClock(at=moment))
    session().flush()


def require_member(library: Library, unit: Unit) -> None:
    """Raises UnitNotInLibrary for a unit that neither hosts the library nor takes part in it."""
    member = select(LibraryUnit.id).where(LibraryUnit.library_id == library.id, LibraryUnit.unit_id == unit.id)
    if session().scalar(member) is None:
        raise UnitNotInLibrary(unit=unit.name)


def _entries(role: str, people: Iterable[Listed]) -> list[RosterEntry]:
    return [
        RosterEntry(
            role=role, name=name, user_id=user.id if user else None, person=user.name if user else name,
            match="number" if user else "none",
        )
        for name, user in {_name(person): person if isinstance(person, User) else None for person in people}.items()
    ]  # fmt: skip


def _name(person: Listed) -> str:
    """What the list calls the person: the number that rosters use, which no two people share."""
    return person if isinstance(person, str) else person.key or str(person.uuid)
