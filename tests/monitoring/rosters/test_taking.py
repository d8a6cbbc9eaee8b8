"""Lists taken in: counted by M12, replaced, compared with the census before, decided where in doubt."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.auditlog.models import AuditEntry
from courseware.core import clock as clocks
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.libraries.models import Library
from courseware.monitoring import queries as figures
from courseware.monitoring.errors import AccountTaken, NoSuchAccount, RosterFaulty, UnitNotInLibrary
from courseware.monitoring.models import Roster, RosterEntry
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries.cache import forget_all, remember
from courseware.monitoring.rosters import queries, services
from courseware.monitoring.rosters.people import TwoCensusDays
from courseware.monitoring.rosters.reading import read_roster
from tests.counting import statements
from tests.monitoring.rosters.lists import CENSUS, HEAD, YEAR_BEFORE, student, take


def covered_of(library: Library) -> Any:
    (result,) = figures.compute(library, parse_period("2026"), ids=["M12.A"])
    return result.tally.parts["students"], dict(result.tally.rest)


def test_a_file_becomes_a_list_that_m12_counts(library: Library, school: Unit, file: Callable[..., Path]) -> None:
    known = student(school, "王一", "2023001")
    student(school, "王二", "2023002")
    roster = take(library, school, file(HEAD + "王一,2023001,,学生\n王二,,,学生\n查无此人,2023099,,学生\n"))
    entries = session().execute(
        select(RosterEntry.name, RosterEntry.person, RosterEntry.match, RosterEntry.user_id).order_by(RosterEntry.id)
    )
    assert [tuple(entry) for entry in entries] == [
        ("2023001", "王一", "number", known.id), ("王二", "王二", "doubt_name", None), ("2023099", "查无此人", "none", None),
    ]  # fmt: skip
    assert (roster.file_format, len(roster.file_sha256)) == ("sheet", 64)
    assert covered_of(library)[0] == (0, 3)


def test_a_faulty_file_is_not_taken_at_all(library: Library, school: Unit, file: Callable[..., Path]) -> None:
    with pytest.raises(RosterFaulty):
        take(library, school, file(HEAD + "王一,1,,学生\n王二,2,,校长\n"))
    assert session().scalar(select(func.count()).select_from(Roster)) == 0


def test_two_census_days_in_one_file_are_refused_and_another_day_is_a_fault(
    library: Library, school: Unit, file: Callable[..., Path]
) -> None:
    head = "姓名,身份,普查日\n"
    with pytest.raises(TwoCensusDays):
        services.preview(library, school, CENSUS, read_roster(file(head + "甲,学生,2026-10-31\n乙,学生,2026/10/30\n")))
    shown = services.preview(library, school, CENSUS, read_roster(file(head + "甲,学生,2025年10月31日\n")))
    assert [problem.reason for problem in shown.reading.problems] == ["another_census"]


def test_a_later_file_replaces_and_the_census_before_is_compared(
    library: Library, school: Unit, file: Callable[..., Path]
) -> None:
    take(library, school, file(HEAD + "甲,1,,学生\n乙,2,,学生\n丙,3,,教师\n"), YEAR_BEFORE)
    first = take(library, school, file(HEAD + "甲,1,,学生\n"), meant=True)
    shown = services.preview(library, school, CENSUS, read_roster(file(HEAD + "甲,1,,学生\n丁,4,,学生\n丙,3,,教师\n")))
    assert shown.replaces is first
    assert shown.difference is not None
    assert (shown.difference.came["student"], shown.difference.left["student"]) == (["丁"], ["乙"])
    assert shown.difference.came_sizes == {"student": 1, "teacher": 0}
    second = services.take(library, school, CENSUS, "x.csv", shown, None)
    assert [(sent.roster.id, sent.counts) for sent in queries.sent_rosters(library)][:2] == [
        (second.id, True), (first.id, False)]  # fmt: skip


def test_a_decision_changes_the_figure_is_logged_and_kept(
    library: Library, school: Unit, keeper: User, file: Callable[..., Path]
) -> None:
    person = student(school, "王二", "2023002")
    roster = take(library, school, file(HEAD + "王二,,,学生\n王三,,,学生\n"))
    forget_all()
    moment = clocks.now()
    before = remember("M12", moment, lambda: covered_of(library)[1])
    one, other = session().scalars(select(RosterEntry).order_by(RosterEntry.id))
    services.decide(one, person, keeper)
    after = remember("M12", moment, lambda: covered_of(library)[1])
    assert (set(before) - set(after), set(after) - set(before)) == ({("student", "王二")}, {("student", person.id)})
    with pytest.raises(AccountTaken):
        services.decide(other, person, keeper)
    services.decide(other, None, keeper)
    again = take(library, school, file(HEAD + "王二,,,学生\n王三,,,学生\n"))
    kept = session().execute(
        select(RosterEntry.match, RosterEntry.user_id).where(RosterEntry.roster_id == again.id).order_by(RosterEntry.id)
    )
    assert [tuple(row) for row in kept] == [("decided", person.id), ("nobody", None)]
    logged = session().scalars(select(AuditEntry.details).where(AuditEntry.action == "roster.match")).all()
    assert [entry["to"] for entry in logged] == [str(person.uuid), "nobody"]
    assert "王二" not in json.dumps(logged, ensure_ascii=False)
    assert roster.id != again.id


def test_names_that_one_person_has_are_accepted_together(
    library: Library, school: Unit, keeper: User, file: Callable[..., Path]
) -> None:
    alone = student(school, "王二")
    student(school, "李雷", "1"), student(school, "李雷", "2")
    roster = take(library, school, file("姓名,身份\n王二,学生\n李雷,学生\n无此人,学生\n"))
    assert services.accept_names(roster, library, keeper) == 1
    found = session().execute(select(RosterEntry.match, RosterEntry.user_id).order_by(RosterEntry.id)).all()
    assert [tuple(row) for row in found] == [("decided", alone.id), ("doubt_name", None), ("none", None)]


def test_people_who_signed_up_later_are_found_when_asked(
    library: Library, school: Unit, keeper: User, file: Callable[..., Path]
) -> None:
    roster = take(library, school, file(HEAD + "王一,2023001,,学生\n"))
    late = student(school, "王一", "2023001")
    assert services.match_again(roster, library, keeper) == 1
    assert session().scalar(select(RosterEntry.user_id)) == late.id


def test_only_keepers_take_lists_and_decide(library: Library, school: Unit, file: Callable[..., Path]) -> None:
    teacher = accounts.create_user("t@example.org", "教师", unit=school, roles=["teacher"])
    path = file(HEAD + "王一,1,,学生\n")
    with pytest.raises(NotAllowed):
        take(library, school, path, actor=teacher)
    take(library, school, path)
    entry = session().scalars(select(RosterEntry)).one()
    with pytest.raises(NotAllowed):
        services.decide(entry, None, teacher)


def test_an_account_that_nobody_has_is_no_answer(library: Library, school: Unit, keeper: User, file: Callable[..., Path]) -> None:  # fmt: skip
    take(library, school, file(HEAD + "王一,1,,学生\n"))
    with pytest.raises(NoSuchAccount):
        services.decide_by_text(session().scalars(select(RosterEntry)).one(), "nobody@example.org", keeper)


def test_a_foreign_unit_sends_no_list(library: Library, file: Callable[..., Path]) -> None:
    with pytest.raises(UnitNotInLibrary):
        take(library, accounts.create_unit("u2", "乙校", "school"), file(HEAD + "王一,1,,学生\n"))


def test_matching_and_showing_cost_as_many_queries_for_many_as_for_few(
    library: Library, school: Unit, file: Callable[..., Path]
) -> None:
    for n in range(30):
        student(school, f"人{n}", f"k{n}")
    costs = []
    for size in (3, 30):
        path = file(HEAD + "".join(f"人{n},{'' if n % 2 else f'k{n}'},,学生\n" for n in range(size)))
        with statements() as counted:
            roster = take(library, school, path)
            queries.page_of(roster, "doubtful")
            queries.sent_rosters(library)
        costs.append(len(counted))
    assert costs[0] == costs[1]


@pytest.mark.one_database
def test_twenty_thousand_people_are_read_and_matched_in_seconds(library: Library, school: Unit, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    with path.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows([["姓名", "学号", "身份"], *([f"学生{n}", n, "学生"] for n in range(20_000))])
    started = time.process_time()
    roster = take(library, school, path)
    assert time.process_time() - started < 15
    assert session().scalar(select(func.count()).where(RosterEntry.roster_id == roster.id)) == 20_000
