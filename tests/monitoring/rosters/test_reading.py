"""What a file of a school says: encodings, sheets, faulty lines, days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.core.tables import TableUnreadable
from courseware.monitoring.rosters.people import Listed, RosterUnreadable, day_of
from courseware.monitoring.rosters.reading import read_roster
from tests.monitoring.rosters.lists import CENSUS, HEAD


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
