"""The register of standards: what is read, what is refused, what it says of resources."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courseware.accounts import services as accounts
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.core.tables import TableUnreadable
from courseware.monitoring.planning.standards import Register, Standard, newest, superseded
from courseware.monitoring.radar import register


def written(folder: Path, *lines: str) -> Path:
    path = folder / "standards.csv"
    path.write_text("\n".join(lines), encoding="gb18030")
    return path


def test_a_list_is_read_with_years_in_the_number_or_beside_it(tmp_path: Path) -> None:
    path = written(tmp_path, "标准号,年份,代替标准,名称", "GB 5226.1,2002,GB/T 5226.1-2019,机械电气安全", "GB/T 5226.1-2019,,,", "JB/T 8896,1999,,工业机器人")  # fmt: skip
    read = register.read_list(path)
    assert not read.problems
    assert {str(e.standard): str(e.superseded_by or "") for e in read.entries.values()} == {
        "GB 5226.1-2002": "GB/T 5226.1-2019", "GB/T 5226.1-2019": "", "JB/T 8896-1999": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "reason"),
    [(["这不是标准,GB 1-2000"], "no_standard"), (["GB 100-2000,不知道"], "no_standard"),
     (["GB 100-2000,", "GB 100-2000,GB 100-2010"], "twice"),
     (["GB 100-2000,GB 200-2001", "GB 200-2001,GB 100-2000"], "circle")],
)  # fmt: skip
def test_a_faulty_line_is_named_and_nothing_of_the_list_is_taken(
    app: Flask, tmp_path: Path, lines: list[str], reason: str
) -> None:
    read = register.read_list(written(tmp_path, "标准号,代替标准", "GB/T 300-2001,", *lines))
    assert reason in {problem.reason for problem in read.problems}
    keeper = accounts.create_user("k@example.org", "馆员", unit=None, roles=[Role.LIBRARIAN])
    assert register.import_list(keeper, read) == 0
    assert register.size() == 0


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableUnreadable):
        register.read_list(written(tmp_path, "姓名,学号", "王,1"))


def test_a_second_import_changes_what_is_new_and_forgets_nothing(app: Flask, tmp_path: Path) -> None:
    keeper = accounts.create_user("k@example.org", "馆员", unit=None, roles=[Role.LIBRARIAN])
    first = register.read_list(written(tmp_path, "标准号,代替标准,名称", "GB 100-2000,,旧", "GB 200-2001,,"))
    assert register.import_list(keeper, first) == 2
    again = register.read_list(written(tmp_path, "标准号,代替标准", "GB 100-2000,GB/T 100-2020"))
    assert register.import_list(keeper, again) == 1
    assert register.import_list(keeper, again) == 0
    assert [(one.number, one.superseded_by, one.title) for one in register.listed()] == [
        ("GB 100-2000", "GB/T 100-2020", "旧"), ("GB 200-2001", "", ""),
    ]  # fmt: skip
    assert [one.number for one in register.listed("GB 2")] == ["GB 200-2001"]
    register.forget(keeper, register.listed()[0].id)
    assert register.size() == 1


def test_a_teacher_changes_no_register(app: Flask, tmp_path: Path) -> None:
    teacher = accounts.create_user("t@example.org", "教师", unit=None, roles=[Role.TEACHER])
    read = register.read_list(written(tmp_path, "标准号", "GB 100-2000"))
    with pytest.raises(NotAllowed):
        register.import_list(teacher, read)


def test_a_successor_under_another_number_makes_an_old_one_and_standing_beside_it_does_not() -> None:
    old, middle, new = Standard("GB 5226.1", 2002), Standard("GB 5226.1", 2008), Standard("GB/T 5226.1", 2019)
    told = Register([old, middle, new], {old: middle, middle: new})
    known = newest(told.known)
    assert superseded([old], known, told) == [(old, new)]
    assert superseded([old, new], known, told) == []
    assert superseded([new], known, told) == []
    assert superseded([Standard("GB 1", 2000)], known, told) == []


standard = st.builds(  # few of them, so that chains and circles come about
    Standard, st.sampled_from(["GB 100", "GB 200", "GB/T 100"]), st.integers(2000, 2003)
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(standard, max_size=6), st.dictionaries(standard, standard, max_size=6), st.lists(standard, max_size=6))
def test_no_register_however_odd_makes_a_standard_its_own_successor(
    known: list[Standard], heirs: dict[Standard, Standard], named: list[Standard]
) -> None:
    pairs = superseded(named, newest([*known, *named]), Register(known, heirs))
    assert all(old != new and new not in named for old, new in pairs)
