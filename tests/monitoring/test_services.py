"""Rosters, invitations, answers; and who may see figures."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring import policy, queries, services
from courseware.monitoring.errors import ScoreOutOfRange, UnitNotInLibrary
from courseware.monitoring.models import Roster, RosterEntry
from courseware.monitoring.periods import parse_period

CENSUS = dt.date(2026, 10, 31)


def test_a_roster_keeps_unknown_names_and_lists_nobody_twice(library: Library, school: Unit) -> None:
    known = accounts.create_user("a@example.org", "甲", unit=school, roles=["student"], key="s1")
    services.import_roster(library, school, CENSUS, [known, known, "查无此人"], [])
    entries = session().execute(select(RosterEntry.name, RosterEntry.user_id).order_by(RosterEntry.id)).all()
    assert [tuple(entry) for entry in entries] == [("s1", known.id), ("查无此人", None)]


def test_a_later_roster_keeps_the_earlier_one(library: Library, school: Unit) -> None:
    services.import_roster(library, school, CENSUS, ["甲", "乙"], [])
    services.import_roster(library, school, CENSUS, ["甲"], [])
    assert session().scalar(select(func.count()).select_from(Roster)) == 2
    (result,) = queries.compute(library, parse_period("2026"), ids=["M12.A"])
    assert result.tally.parts["students"] == (0, 1)


def test_a_unit_that_takes_no_part_has_no_roster_here(library: Library) -> None:
    stranger = accounts.create_unit("u2", "乙校", "school")
    with pytest.raises(UnitNotInLibrary):
        services.import_roster(library, stranger, CENSUS, ["甲"], [])


@pytest.mark.parametrize("score", [0, 6, 4.5, "5", None])
def test_a_score_is_1_to_5(library: Library, school: Unit, score: object) -> None:
    person = accounts.create_user("a@example.org", "甲", unit=school, roles=["student"])
    with pytest.raises(ScoreOutOfRange):
        services.answer_survey(library, person, score, 20)  # type: ignore[arg-type]


def test_librarians_see_the_figures_of_their_own_libraries_only(library: Library, school: Unit) -> None:
    other = accounts.create_unit("u2", "乙校", "school")
    own = accounts.create_user("l1@example.org", "甲", unit=school, roles=["librarian"])
    foreign = accounts.create_user("l2@example.org", "乙", unit=other, roles=["librarian"])
    teacher = accounts.create_user("t@example.org", "丙", unit=school, roles=["teacher"])
    administrator = accounts.create_user("a@example.org", "丁", unit=other, roles=["administrator"])
    assert [policy.can_monitor(who, library) for who in (own, foreign, teacher, administrator, None)] == [
        True, False, False, True, False]  # fmt: skip


def test_figures_are_shown_as_of_where_a_replay_ended(library: Library) -> None:
    moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    services.hold_clock(moment)
    assert queries.reporting_now() == moment
    services.hold_clock(None)
    assert queries.reporting_now() > moment


def test_during_collection_the_year_that_ended_is_shown(library: Library) -> None:
    shown = [
        queries.default_period(library, dt.datetime(2026, month, day, tzinfo=dt.UTC)).year
        for month, day in ((10, 30), (11, 20), (12, 20))
    ]
    assert shown == [2026, 2026, 2027]
