"""Library pages: readable in both languages by everyone, changed only by those who keep the library."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from courseware.core.database import session
from courseware.core.roles import Role
from courseware.libraries import services
from courseware.libraries.models import Library
from tests.counting import statements
from tests.libraries.builders import a_course, a_library, a_major, a_plan, a_point, a_unit, a_user, an_admin

LANGUAGES = [("zh_Hans", 'lang="zh-Hans"'), ("en", 'lang="en"')]


@pytest.fixture
def library(app: Flask) -> Library:
    a_library(code="NOISE")
    library = a_library(
        code="ROBOT", name_en="Robot library", introduction="介绍文字", introduction_en="About it",
        served_majors=[a_major()], hosts=[a_unit(), a_unit()], participants=[a_unit("enterprise")],
    )  # fmt: skip
    services.set_task(library, library.members[2].unit, "提供岗位案例")
    a_plan(library)
    course = a_course(library, "RP", name_en="Operating robots")
    knowledge = a_point(library, course=course, posts=["系统操作员"])
    a_point(library, course=course, kind="skill", prerequisites=[knowledge], posts=["系统操作员"])
    session().commit()
    return library


@pytest.mark.parametrize(("language", "mark"), LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/libraries", "/libraries/ROBOT", "/libraries/ROBOT/plan", "/libraries/ROBOT?kind=core"]
)
def test_guests_read_library_pages_in_both_languages(
    client: Any, library: Library, path: str, language: str, mark: str
) -> None:
    client.set_cookie("kk_lang", language)
    answer = client.get(path)
    assert answer.status_code == 200
    assert mark in answer.text


def test_the_page_shows_who_keeps_the_library_and_what_they_took_on(client: Any, library: Library) -> None:
    text = client.get("/libraries/ROBOT").text
    for member in library.members:
        assert member.unit.name in text
    assert "提供岗位案例" in text
    assert "操作与编程" in text or "示例课程" in text


def test_a_library_that_is_not_public_is_not_there_for_guests(client: Any, app: Flask) -> None:
    host = a_unit()
    a_library(code="HIDDEN", published=False, hosts=[host])
    session().commit()
    assert client.get("/libraries/HIDDEN").status_code == 404
    assert client.get("/map?library=HIDDEN").status_code == 404
    assert "HIDDEN" not in client.get("/libraries").text
    client.sign_in(a_user(Role.TEACHER, unit=host))
    assert client.get("/libraries/HIDDEN").status_code == 200


def test_an_empty_site_says_so(client: Any, app: Flask) -> None:
    assert client.get("/libraries").status_code == 200
    assert client.get("/map").status_code == 200


def test_unknown_libraries_and_versions_are_not_found(client: Any, library: Library) -> None:
    assert client.get("/libraries/NONE").status_code == 404
    assert client.get("/libraries/ROBOT/plan?version=9").status_code == 404


def test_the_sixth_served_major_is_refused_with_a_sentence_and_nothing_changes(client: Any, library: Library) -> None:
    admin = an_admin()
    extra = [a_major() for _ in range(5)]
    client.sign_in(admin)
    codes = [major.code for major in extra]
    client.set_cookie("kk_lang", "en")
    for code in codes[:4]:
        client.post("/admin/libraries/ROBOT/majors", data={"major": code})
    answer = client.post("/admin/libraries/ROBOT/majors", data={"major": codes[4]}, follow_redirects=True)
    assert answer.status_code == 200
    assert "A library serves at most 5 majors" in answer.text
    session().refresh(library)
    assert len(library.served_majors) == 5


def test_only_those_who_keep_the_library_open_its_form(client: Any, library: Library) -> None:
    assert client.get("/admin/libraries/ROBOT").status_code in (302, 401)
    client.sign_in(a_user(Role.TEACHER, unit=library.members[0].unit))
    assert client.get("/admin/libraries/ROBOT").status_code == 403
    client.sign_in(a_user(Role.LIBRARIAN, unit=a_unit()))
    assert client.get("/admin/libraries/ROBOT").status_code == 403
    client.sign_in(a_user(Role.LIBRARIAN, unit=library.members[0].unit))
    assert client.get("/admin/libraries/ROBOT").status_code == 200


def test_units_join_and_leave_by_the_form(client: Any, library: Library) -> None:
    firm = a_unit("enterprise")
    client.sign_in(an_admin())
    key = firm.key
    client.post("/admin/libraries/ROBOT/units", data={"unit": key, "role": "host"})
    session().refresh(library)
    assert key not in {member.unit.key for member in library.members}
    client.post("/admin/libraries/ROBOT/units", data={"unit": key, "role": "participant"})
    session().expire_all()
    assert key in {member.unit.key for member in library.members}
    client.post("/admin/libraries/ROBOT/units/remove", data={"unit": key})
    session().expire_all()
    assert key not in {member.unit.key for member in library.members}


def test_queries_do_not_grow_with_courses_units_and_points(client: Any, library: Library) -> None:
    client.get("/libraries/ROBOT")
    with statements() as before:
        client.get("/libraries/ROBOT")
    for _ in range(5):
        course = a_course(library)
        services.set_team(course, [(a_user(Role.TEACHER), "leader")])
        services.add_member(library, a_unit("enterprise"), "participant", an_admin())
        a_point(library, course=library.courses[0], posts=["系统操作员", "运维员"])
    session().commit()
    client.get("/libraries/ROBOT")  # the figures are counted anew once, because facts changed
    with statements() as after:
        client.get("/libraries/ROBOT")
    assert len(after) <= len(before) + 2
    assert len(after) < 60


def test_the_command_lists_code_name_and_core_major(app: Flask, library: Library) -> None:
    import json

    answer = app.test_cli_runner().invoke(args=["libraries", "list", "--json"])
    assert answer.exit_code == 0
    rows = {row["code"]: row for row in json.loads(answer.output)}
    assert set(rows) == {"NOISE", "ROBOT"}
    assert rows["ROBOT"]["core_major"]["code"] == library.core_major.code
