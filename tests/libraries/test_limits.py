"""R1 and R2: one core major, five served, three hosts, one of them first, all of them vocational schools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.libraries import errors, services
from courseware.libraries.models import HOST, PARTICIPANT
from tests.libraries.builders import a_course, a_library, a_major, a_unit, a_user, an_admin


def test_a_library_serves_five_majors_and_refuses_the_sixth(app: Flask) -> None:
    a_library(served_majors=[a_major() for _ in range(5)])
    library = a_library(served_majors=[a_major() for _ in range(4)])
    admin = an_admin()
    services.add_served_major(library, a_major(), admin)
    with pytest.raises(errors.TooManyServedMajors) as refusal:
        services.add_served_major(library, a_major(), admin)
    assert refusal.value.params["limit"] == 5
    assert len(library.served_majors) == 5


def test_the_sixth_is_refused_at_the_founding_too(app: Flask) -> None:
    with pytest.raises(errors.TooManyServedMajors):
        a_library(served_majors=[a_major() for _ in range(6)])


def test_the_sentence_names_the_major_and_the_limit(app: Flask) -> None:
    library = a_library(served_majors=[a_major() for _ in range(5)])
    sixth = a_major()
    with force_locale("en"), pytest.raises(errors.TooManyServedMajors) as refusal:
        services.add_served_major(library, sixth, an_admin())
    assert sixth.name in str(refusal.value)
    assert "5" in str(refusal.value)


def test_where_the_setting_counts_the_core_major_in_the_fifth_is_refused(make_app: Callable[..., Flask]) -> None:
    with make_app(served_majors_include_core="on").app_context():
        library = a_library(served_majors=[a_major() for _ in range(4)])
        with pytest.raises(errors.TooManyServedMajors):
            services.add_served_major(library, a_major(), an_admin())
        session().rollback()


def test_the_core_major_is_not_served_a_second_time(app: Flask) -> None:
    library = a_library()
    with pytest.raises(errors.MajorServedAlready):
        services.add_served_major(library, library.core_major, an_admin())


def test_a_major_with_courses_stays(app: Flask) -> None:
    major = a_major()
    library = a_library(served_majors=[major])
    services.create_course(library, "X1", "示例课程", "core", major)
    with pytest.raises(errors.MajorInUse):
        services.remove_served_major(library, major, an_admin())


def test_a_course_belongs_to_a_major_of_its_library(app: Flask) -> None:
    library, foreign = a_library(), a_major()
    with pytest.raises(errors.MajorOfOtherLibrary):
        services.create_course(library, "X1", "示例课程", "core", foreign)


def test_the_fourth_host_is_refused(app: Flask) -> None:
    library = a_library(hosts=[a_unit(), a_unit()], participants=[a_unit()])
    admin = an_admin()
    services.add_member(library, a_unit(), HOST, admin)
    with pytest.raises(errors.TooManyHosts):
        services.add_member(library, a_unit(), HOST, admin)
    services.add_member(library, a_unit(), PARTICIPANT, admin)
    assert [m.role for m in library.members].count(HOST) == 3


@pytest.mark.parametrize("kind", ["university", "enterprise", "institute", "industry_body"])
def test_only_vocational_schools_host(app: Flask, kind: str) -> None:
    library, unit = a_library(), a_unit(kind)
    with pytest.raises(errors.HostMustBeVocational):
        services.add_member(library, unit, HOST, an_admin())
    services.add_member(library, unit, PARTICIPANT, an_admin())


def test_a_library_without_a_host_is_refused(app: Flask) -> None:
    with pytest.raises(errors.LibraryNeedsHost):
        a_library(hosts=[])


def test_exactly_one_host_is_the_first(app: Flask) -> None:
    first, second = a_unit(), a_unit()
    library = a_library(hosts=[first, second])
    assert [m.unit.id for m in library.members if m.is_first_host] == [first.id]
    services.name_first_host(library, second, an_admin())
    assert [m.unit.id for m in library.members if m.is_first_host] == [second.id]


def test_the_first_host_does_not_leave(app: Flask) -> None:
    first, second = a_unit(), a_unit()
    library = a_library(hosts=[first, second])
    with pytest.raises(errors.LastHostStays):
        services.remove_member(library, first, an_admin())
    services.remove_member(library, second, an_admin())
    assert len(library.members) == 1


@pytest.mark.parametrize("role", [Role.STUDENT, Role.TEACHER, Role.REVIEWER, Role.LIBRARIAN])
def test_people_of_other_units_do_not_change_a_library(app: Flask, role: Role) -> None:
    library = a_library()
    stranger = a_user(role, unit=a_unit())
    for actor in (stranger, None):
        with pytest.raises(NotAllowed):
            services.add_served_major(library, a_major(), actor)


def test_a_librarian_of_a_host_keeps_the_library(app: Flask) -> None:
    host = a_unit()
    library = a_library(hosts=[host])
    services.add_served_major(library, a_major(), a_user(Role.LIBRARIAN, unit=host))
    assert len(library.served_majors) == 1


def test_a_team_has_its_leader_first_and_only_one(app: Flask) -> None:
    course = a_course(a_library())
    member, leader = a_user(Role.TEACHER), a_user(Role.TEACHER)
    services.set_team(course, [(member, "teacher"), (leader, "leader")])
    assert [row.user.id for row in course.team] == [leader.id, member.id]
    wrong: list[list[tuple[Any, str]]] = [[(member, "teacher")], [(member, "leader"), (leader, "leader")]]
    for team in wrong:
        with pytest.raises(errors.TeamNeedsLeader):
            services.set_team(course, team)


def test_codes_are_unique(app: Flask) -> None:
    library = a_library(code="ONE")
    a_course(library, "RP")
    a_course(a_library(), "RP")
    for again in (lambda: a_library(code="ONE"), lambda: a_course(library, "RP")):
        with pytest.raises(errors.CodeTaken):
            again()
