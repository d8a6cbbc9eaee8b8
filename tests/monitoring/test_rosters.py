"""Rosters: read from files as schools send them, matched to accounts, decided where in doubt, compared with the last."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.auditlog.models import AuditEntry
from courseware.core import clock as clocks
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.tables import TableUnreadable
from courseware.libraries import services as libraries
from courseware.libraries.models import Library
from courseware.monitoring import queries as figures
from courseware.monitoring.errors import AccountTaken, NoSuchAccount, RosterFaulty, UnitNotInLibrary
from courseware.monitoring.models import Roster, RosterEntry
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries.cache import forget_all, remember
from courseware.monitoring.rosters import queries, services
from courseware.monitoring.rosters.matching import Account, Directory, alone_by_name, match
from courseware.monitoring.rosters.models import RosterDraft
from courseware.monitoring.rosters.people import Listed, RosterUnreadable, TwoCensusDays, day_of
from courseware.monitoring.rosters.reading import read_roster
from tests.counting import statements
from tests.servers.client import TestClient

CENSUS, YEAR_BEFORE = dt.date(2026, 10, 31), dt.date(2025, 10, 31)
HEAD = "姓名,学号,邮箱,身份\n"


# --- what a file says --------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A file with this content; lists of texts become a sheet of Excel, dictionaries a zip of csv files."""

    def write(content: Any, name: str = "名册.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, list):
            book = Workbook()
            for row in content:
                book.active.append(row)  # type: ignore[union-attr]
            book.save(path)
        elif isinstance(content, dict):
            with zipfile.ZipFile(path, "w") as archive:
                for inside, text in content.items():
                    archive.writestr(inside, text)
        else:
            path.write_bytes(content.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_csv_is_read_in_every_encoding_that_schools_send(file: Callable[..., Path], encoding: str) -> None:
    reading = read_roster(file(HEAD + "王䶮,2023001,W@Example.org,学生\n李老师,T01,,教师\n", encoding=encoding))
    assert reading.people == [
        Listed(2, "student", "王䶮", "2023001", "w@example.org"), Listed(3, "teacher", "李老师", "T01", "")]  # fmt: skip


def test_a_sheet_of_excel_with_a_title_above_and_numbers_as_numbers(file: Callable[..., Path]) -> None:
    rows = [
        ["2026 年在校生名册"],
        ["姓名", "学号", "身份", "普查日期"],
        ["王一", 2023001, "学生", dt.datetime(2026, 10, 31)],
    ]
    reading = read_roster(file(rows, "名册.xlsx"))
    assert reading.people == [Listed(3, "student", "王一", "2023001")]
    assert reading.days == {CENSUS: 3}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("王一,2023001,,校长", "unknown_role"), ("王一,2023001,,", "unknown_role"), (",,,学生", "no_person"),
        ("王一,2023001,nobody,学生", "bad_email"), ("甲,2023009,,学生", "same_person_twice"),
        ("王一,2023001,,学生,多余", "broken_line"),
    ],
    ids=["unknown role", "no role", "nobody", "bad e-mail", "number twice", "too many cells"],
)  # fmt: skip
def test_a_faulty_line_is_named_with_its_number_and_reason(file: Callable[..., Path], line: str, reason: str) -> None:
    reading = read_roster(file(f"{HEAD}乙,2023009,,学生\n{line}\n"))
    assert [(problem.row, problem.reason) for problem in reading.problems] == [(3, reason)]
    assert [person.name for person in reading.people] == ["乙"]


def test_the_same_line_twice_counts_once_and_is_remarked(file: Callable[..., Path]) -> None:
    reading = read_roster(file(HEAD + "王一,2023001,,学生\n王一,2023001,,学生\n"))
    assert len(reading.people) == 1
    assert not reading.problems
    assert [(remark.row, remark.reason) for remark in reading.remarks] == [(3, "twice")]


def test_two_people_of_one_name_need_a_number(file: Callable[..., Path]) -> None:
    reading = read_roster(file("姓名,身份\n王伟,学生\n王伟,学生\n王伟,教师\n"))
    assert [(problem.row, problem.reason) for problem in reading.problems] == [(3, "same_person_twice")]
    assert [person.role for person in reading.people] == ["student", "teacher"]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "产品,价格\n锤子,3\n", "姓名,学号\n王一,1\n", "PK\x03\x04 no zip"],
    ids=["empty", "blank", "other columns", "no role", "damaged"],
)  # fmt: skip
def test_what_is_no_roster_is_refused_in_words(file: Callable[..., Path], text: str) -> None:
    with pytest.raises((TableUnreadable, RosterUnreadable)):
        read_roster(file(text))


def test_a_list_of_a_head_alone_lists_nobody(file: Callable[..., Path]) -> None:
    assert [problem.reason for problem in read_roster(file(HEAD)).problems] == ["empty"]


def test_a_file_without_roles_may_be_said_to_be_all_students(file: Callable[..., Path]) -> None:
    path = file("username,firstname,lastname,email\nstudent1,Student,One,s1@example.com\n")
    assert read_roster(path, "student").people == [Listed(2, "student", "Student One", "student1", "s1@example.com")]


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2200, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"]),
)
def test_a_day_is_read_however_it_is_written(day: dt.date, form: str) -> None:
    assert day_of(day.strftime(form)) == day


@given(st.text(max_size=12))
def test_what_is_no_day_is_no_day_and_nothing_worse(text: str) -> None:
    found = day_of(text)
    assert found is None or isinstance(found, dt.date)


# --- OneRoster ---------------------------------------------------------------------------------------------------------

ORGS = "sourcedId,status,name,type,identifier,parentSourcedId\no1,active,甲校,school,u1,\no2,,乙校,school,u2,\nd1,,机电系,department,,o1\n"
USERS_11 = (
    "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier,email\n"
    "a,,TRUE,o1,student,wang,一,王,2023001,\nb,,TRUE,d1,teacher,li,老师,李,T01,li@example.org\n"
    "c,,TRUE,o2,student,x,二,张,2023002,\nd,tobedeleted,TRUE,o1,student,y,三,赵,2023003,\n"
    'e,,FALSE,"o2,o1",student,z,四,钱,2023004,\nf,,TRUE,o1,parent,p,五,孙,,\n'
)
USERS_12 = (
    "sourcedId,status,enabledUser,username,givenName,familyName,userMasterIdentifier,email\n"
    "a,,true,wang,一,王,2023001,NULL\nb,,true,li,Ann,Lee,T01,li@example.org\nc,,true,x,二,张,2023002,\n"
)
ROLES_12 = (
    "sourcedId,status,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
    "1,,a,primary,student,2023-09-01,2026-10-31,o1\n2,,b,primary,teacher,,,o1\n3,,b,secondary,student,,,o1\n"
    "4,,c,primary,student,2023-09-01,2026-10-30,o1\n5,tobedeleted,c,secondary,teacher,,,o1\n"
)  # fmt: skip


def manifest(version: str) -> str:
    return f"propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\n"


def test_oneroster_1_1_gives_the_school_asked_for_with_its_departments(file: Callable[..., Path]) -> None:
    path = file({"manifest.csv": manifest("1.1"), "orgs.csv": ORGS, "users.csv": USERS_11}, "甲.zip")
    reading = read_roster(path, unit_names=("u1", "甲校"))
    assert [(p.role, p.name, p.number) for p in reading.people] == [
        ("student", "王一", "2023001"), ("teacher", "李老师", "T01"), ("student", "钱四", "2023004")]  # fmt: skip
    assert (reading.left_out, reading.file_format) == (3, "OneRoster 1.1")


def test_oneroster_1_2_takes_roles_held_on_the_census_day(file: Callable[..., Path]) -> None:
    tables = {"manifest.csv": manifest("1.2"), "orgs.csv": ORGS, "users.csv": USERS_12, "roles.csv": ROLES_12}
    reading = read_roster(file(tables, "x.zip"), unit_names=("甲校",), census=CENSUS)
    assert [(p.role, p.name, p.email) for p in reading.people] == [
        ("student", "王一", ""), ("student", "Ann Lee", "li@example.org"), ("teacher", "Ann Lee", "li@example.org")]  # fmt: skip
    assert reading.left_out == 1


@pytest.mark.parametrize(
    "tables",
    [
        {"orgs.csv": ORGS, "users.csv": USERS_11}, {"manifest.csv": manifest("2.0"), "orgs.csv": ORGS, "users.csv": USERS_11},
        {"manifest.csv": manifest("1.2"), "orgs.csv": ORGS, "users.csv": USERS_12},
        {"manifest.csv": manifest("1.1"), "orgs.csv": ORGS.replace("甲校", "丙校").replace("u1", "u3"), "users.csv": USERS_11},
        {"something.txt": "1"},
    ],
    ids=["no manifest", "unknown version", "no roles", "no such school", "another zip"],
)  # fmt: skip
def test_an_oneroster_file_that_cannot_be_told_is_refused(file: Callable[..., Path], tables: dict[str, str]) -> None:
    with pytest.raises(RosterUnreadable):
        read_roster(file(tables, "x.zip"), unit_names=("u1", "甲校"))


# --- who is meant ------------------------------------------------------------------------------------------------------

ONE = Account(1, "2023001", "w1@example.org", "王一", 7)
TWO = Account(2, "2023002", "w2@example.org", "王二", 7)
NAMESAKE = Account(3, "", "w3@example.org", "王一", 7)
FOREIGN = Account(4, "", "w4@example.org", "赵六", 8)
BOOK = Directory([NAMESAKE, FOREIGN, ONE, TWO], 7)


@pytest.mark.parametrize(
    ("person", "how", "user"),
    [
        (Listed(1, "student", "王一", "2023001"), "number", 1), (Listed(1, "student", "王 一", "2023001"), "number", 1),
        (Listed(1, "student", "", "2023001"), "number", 1), (Listed(1, "student", "王二", "", "W2@example.org"), "email", 2),
        (Listed(1, "student", "李四", "2023001"), "doubt_other_name", None),
        (Listed(1, "student", "王二", "9999", "w2@example.org"), "doubt_other_name", None),
        (Listed(1, "student", "王一", "2023001", "w2@example.org"), "doubt_two", None),
        (Listed(1, "student", "王一"), "doubt_name", None), (Listed(1, "student", "赵六"), "none", None),
        (Listed(1, "student", "赵六", "", "w4@example.org"), "email", 4),
    ],
    ids=["number", "blank in name", "number alone", "e-mail", "other name", "other number", "two accounts", "namesakes",
         "of another unit", "e-mail of another unit"],
)  # fmt: skip
def test_only_two_signs_make_a_match_sure(person: Listed, how: str, user: int | None) -> None:
    (found,) = match([person], BOOK, {})
    assert (found.how, found.user_id) == (how, user)


def test_one_account_is_given_to_one_person_of_a_group_the_surest() -> None:
    people = [Listed(1, "student", "王二", "", "w2@example.org"), Listed(2, "student", "王二", "2023002"), Listed(3, "teacher", "王二", "2023002")]  # fmt: skip
    assert [(m.how, m.user_id) for m in match(people, BOOK, {})] == [
        ("doubt_taken", None),
        ("number", 2),
        ("number", 2),
    ]


def test_what_was_decided_once_holds_for_the_next_list() -> None:
    people = [
        Listed(1, "student", "王一"),
        Listed(2, "student", "王二", "2023002"),
        Listed(3, "student", "王一", "2023077"),
    ]
    found = match(people, BOOK, {"name:王一": 3, "number:2023002": None})
    assert [(m.how, m.user_id) for m in found[:2]] == [("decided", 3), ("nobody", None)]
    assert found[2].how == "doubt_name", "a bare name does not speak for somebody with a number"


def test_a_common_yes_is_only_for_names_that_one_person_and_one_account_have() -> None:
    people = [Listed(1, "student", "王二"), Listed(2, "student", "王一"), Listed(3, "student", "赵六")]
    assert alone_by_name(people, match(people, BOOK, {})) == [0]
    twice = [*people, Listed(4, "student", "王二", "77")]
    assert alone_by_name(twice, match(twice, BOOK, {})) == []


@given(st.lists(st.builds(Listed, st.just(1), st.sampled_from(["student", "teacher"]), st.sampled_from(["王一", "王二", "赵六", ""]), st.sampled_from(["", "2023001", "2023002", "1"]), st.sampled_from(["", "w1@example.org", "w3@example.org"])), max_size=12))  # fmt: skip
def test_no_list_gives_one_account_to_two_people_of_a_group(people: list[Listed]) -> None:
    given = [(p.role, m.user_id) for p, m in zip(people, match(people, BOOK, {}), strict=True) if m.user_id]
    assert len(given) == len(set(given))


# --- taken in ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def school(app: Flask) -> Unit:
    return accounts.create_unit("u1", "甲校", "school")


@pytest.fixture
def library(school: Unit) -> Library:
    major = libraries.create_major("460305", "工业机器人技术")
    return libraries.create_library("LIB", "资源库", major, hosts=[school])


@pytest.fixture
def keeper(school: Unit) -> User:
    return accounts.create_user("lib@example.org", "馆员", unit=school, roles=["librarian"])


def student(school: Unit, name: str, number: str | None = None) -> User:
    return accounts.create_user(f"{number or name}@example.org", name, unit=school, roles=["student"], key=number)


def take(
    library: Library, school: Unit, path: Path, day: dt.date = CENSUS, actor: User | None = None, *, meant: bool = False
) -> Roster:
    shown = services.preview(library, school, day, read_roster(path))
    return services.take(library, school, day, path.name, shown, actor, is_loss_meant=meant)


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


# --- command and pages -------------------------------------------------------------------------------------------------


def test_the_command_checks_then_takes_and_speaks_json(app: Flask, library: Library, school: Unit, file: Callable[..., Path]) -> None:  # fmt: skip
    student(school, "王一", "2023001")
    session().commit()
    good, bad = file(HEAD + "王一,2023001,,学生\n", "a.csv"), file(HEAD + "王一,2023001,,校长\n", "b.csv")
    place = ["--library", "LIB", "--unit", "u1", "--census", "2026-10-31", "--json"]

    def run(path: Path, *more: str) -> tuple[int, dict[str, Any]]:
        answer = app.test_cli_runner().invoke(args=["import", "roster", str(path), *place, *more])
        return answer.exit_code, json.loads(answer.stdout)

    code, checked = run(good, "--dry-run")
    assert (code, checked["written"], checked["matched"]) == (0, False, 1)
    assert run(bad)[0] == 1
    assert run(good)[1]["written"]
    assert session().scalar(select(func.count()).select_from(Roster)) == 1


@pytest.mark.parametrize(
    "options", [["--census", "gestern"], ["--unit", "nowhere"], ["--library", "nowhere"]],
    ids=["no day", "no unit", "no library"],
)  # fmt: skip
def test_the_command_refuses_in_words(
    app: Flask, library: Library, file: Callable[..., Path], options: list[str]
) -> None:
    session().commit()
    place = ["--library", "LIB", "--unit", "u1", "--census", "2026-10-31"]
    answer = app.test_cli_runner().invoke(
        args=["import", "roster", str(file(HEAD + "王一,1,,学生\n")), *place, *options]
    )
    assert (answer.exit_code, "Traceback" in answer.output) == (2, False)


def test_a_keeper_checks_a_file_on_the_page_takes_it_and_decides(
    client: TestClient, library: Library, school: Unit, keeper: User
) -> None:
    person = student(school, "王二", "2023002")
    client.sign_in(keeper)
    content = (HEAD + "王二,,,学生\n钱七,7,,学生\n").encode("gb18030")
    form = {"library": "LIB", "unit": "u1", "census": "2026-10-31", "file": (io.BytesIO(content), "名册.csv")}
    checked = client.post("/monitor/rosters/check", data=form)
    assert checked.status_code == 302
    shown = client.get(checked.location)
    assert "钱七" not in shown.text.split("<main")[0]
    assert shown.status_code == 200
    assert session().scalar(select(func.count()).select_from(Roster)) == 0, "looking at a file takes nothing"
    taken = client.post(checked.location + "/take")
    assert taken.status_code == 302
    page = client.get(taken.location + "?only=doubtful")
    assert "王二" in page.text
    assert "钱七" not in page.text
    entry = session().scalars(select(RosterEntry).where(RosterEntry.person == "王二")).one()
    client.post(f"/monitor/rosters/people/{entry.id}", data={"is": str(person.uuid)})
    assert session().scalar(select(RosterEntry.user_id).where(RosterEntry.id == entry.id)) == person.id
    assert session().scalar(select(func.count()).select_from(RosterDraft)) == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "产品,价格\n锤子,3\n".encode()], ids=["empty", "binary", "another sheet"])  # fmt: skip
def test_a_bad_file_on_the_page_is_answered_in_words(
    client: TestClient, library: Library, keeper: User, content: bytes
) -> None:
    client.sign_in(keeper)
    form = {"library": "LIB", "unit": "u1", "census": "2026-10-31", "file": (io.BytesIO(content), "x.csv")}
    answer = client.post("/monitor/rosters/check", data=form)
    assert answer.status_code == 422
    assert "kk-err" in answer.text


def test_what_nobody_took_is_forgotten_after_a_day(
    library: Library, school: Unit, keeper: User, file: Callable[..., Path], clock: Any
) -> None:
    services.keep_draft(library, school, CENSUS, "x.csv", read_roster(file(HEAD + "王一,1,,学生\n")), keeper)
    services.drop_old_drafts()
    assert session().scalar(select(func.count()).select_from(RosterDraft)) == 1
    clock(clocks.now() + dt.timedelta(days=2))
    services.drop_old_drafts()
    assert session().scalar(select(func.count()).select_from(RosterDraft)) == 0
