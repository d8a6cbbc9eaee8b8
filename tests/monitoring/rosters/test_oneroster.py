"""OneRoster 1.1 and 1.2: whom of the school asked for a file lists on the census day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.monitoring.rosters.people import RosterUnreadable
from courseware.monitoring.rosters.reading import read_roster
from tests.monitoring.rosters.lists import CENSUS

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
