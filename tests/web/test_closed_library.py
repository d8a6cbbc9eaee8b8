"""A library that is closed is there for its own people alone (SEC8, decision 49): at every address, in every list and count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.auditlog.models import AuditEntry
from courseware.catalog import policy as catalog
from courseware.catalog import promise
from courseware.catalog.errors import PromisesStand
from courseware.catalog.models import Lesson
from courseware.catalog.queries import contents_of
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.discovery import indexing
from courseware.enrollment.models import Enrollment
from courseware.knowledge.policy import can_see_point
from courseware.libraries import policy, services
from courseware.libraries.models import Library
from courseware.resources import policy as resources
from courseware.resources import serving
from courseware.resources.models import Rendition, Resource
from tests.servers.rewound import MadeOnce
from tests.web.site import Site, make_indexed_site
from tests.web.test_rights import endpoints

pytestmark = pytest.mark.one_database

#: Names of what lies in the closed library of the small site: none of them may stand in an answer to a stranger.
INSIDE = (
    "机器人编程", "焊枪角度", "工业机器人资源库", "第一课", "干伸长", "示教器", "坐标系", "会编写示教程序", "待审的课",
)  # fmt: skip
LISTS = (
    "/search?q=焊枪", "/api/v1/search?q=焊枪", "/search/suggest?q=焊枪", "/courses?q=机器人", "/api/v1/resources", "/api/v1/courses",
    "/libraries", "/courses", "/map", "/?major=460305",
)  # fmt: skip


@pytest.fixture
def site(made_once: MadeOnce) -> Site:
    made: Site = made_once(make_indexed_site)
    return made


@pytest.fixture
def far(site: Site) -> dict[str, User | None]:
    """People who have no part in the library: a guest, a student, and one who teaches and keeps libraries at another school."""
    unit = session().scalars(select(Unit).where(Unit.key == "other")).one()
    people = {"student": [Role.STUDENT], "staff": [Role.TEACHER, Role.LIBRARIAN]}
    made = {
        name: accounts.create_user(f"far-{name}@example.org", name, unit=unit, roles=r) for name, r in people.items()
    }
    session().commit()
    return {"guest": None, **made}


def close(site: Site) -> None:
    """As the librarian does it on the page, with the search having followed."""
    services.close_library(site.world.library, site.world.librarian)
    session().commit()
    indexing._follow_library(site.world.library.uuid)


def addresses(app: Flask, site: Site) -> Iterator[str]:
    for rule, method in endpoints(app, reading=True):
        yield site.address(app, rule, method)


def test_strangers_learn_nothing_of_it_at_any_address(app: Flask, site: Site, far: dict[str, User | None]) -> None:
    close(site)
    told = [
        f"{name}: {address} tells {word}"
        for name, person in far.items()
        for address, text in answers(app, person, [*addresses(app, site), *LISTS])
        for word in INSIDE
        if word in text
        and not (name == "staff" and address.startswith("/review"))  # reviewing is called across schools
    ]
    assert told == []


def answers(app: Flask, person: User | None, asked: list[str]) -> Iterator[tuple[str, str]]:
    client: Any = app.test_client()
    if person is not None:
        client.sign_in(person)
    for address in asked:
        answer = client.get(address)
        if answer.status_code == 200:
            yield address, answer.get_data().decode(errors="replace")


def test_while_it_is_open_the_same_answers_tell_of_it(app: Flask, site: Site) -> None:
    """What makes the test before this one worth something."""
    told = {word for _address, text in answers(app, None, [*LISTS, "/"]) for word in INSIDE if word in text}
    assert told >= {"机器人编程", "焊枪角度", "工业机器人资源库"}


def test_its_own_people_and_reviewers_go_on_in_it(app: Flask, site: Site) -> None:
    close(site)
    world, values = site.world, site.values
    course, resource = f"/courses/{world.course.uuid}", f"/resources/{values['resource_uuid']}"
    pages = [course, resource, f"/learn/{values['lesson_uuid']}", f"/points/{values['point_uuid']}", "/libraries/ROBOT"]
    for person in (world.colleague, world.librarian, site.people["a"]):
        assert [address for address, _text in answers(app, person, pages)] == pages
    assert [address for address, _text in answers(app, site.world.reviewer, [resource])] == [resource]
    assert [address for address, _text in answers(app, world.student, pages)] == []


def test_its_board_offers_its_units_though_the_search_holds_none(app: Flask, site: Site) -> None:
    close(site)
    tray = f"/teach/lessons/{site.values['lesson_uuid']}/tray"
    found = dict(answers(app, site.world.author, [f"{tray}?q=焊枪", f"{tray}?q=焊枪焊丝"]))
    assert [("焊枪角度" in text) for text in found.values()] == [True, False]


def test_its_files_go_to_nobody_else(site: Site, far: dict[str, User | None]) -> None:
    """A segment, a picture or a package of a simulation is asked for by its own address, which people pass on."""
    live = session().scalars(select(Resource).where(Resource.uuid == site.values["resource_uuid"])).one()
    rendition = session().scalars(select(Rendition).where(Rendition.uuid == site.values["rendition_uuid"])).one()
    assert live.published_version is not None
    live.published_version.asset_id = rendition.asset_id
    session().flush()
    assert serving.simulation_prefix(lambda: None, rendition.uuid) == ("nowhere", True)

    close(site)
    serving.forget()
    for stranger in (*far.values(), site.world.student):
        with pytest.raises(NotFound):
            serving.simulation_prefix(lambda who=stranger: who, rendition.uuid)  # type: ignore[misc]
        with pytest.raises(NotFound):
            serving.original_file(stranger, live, inline=True)
    assert serving.simulation_prefix(lambda: site.world.colleague, rendition.uuid) == ("nowhere", False)
    assert not serving.original_file(site.world.colleague, live).is_public


def test_lists_and_objects_follow_one_rule(site: Site, far: dict[str, User | None]) -> None:
    """`visible_to` says in SQL what `can_see` says of an object, for everybody and every library."""
    close(site)
    libraries = session().scalars(select(Library)).all()
    for person in [*far.values(), *site.people.values(), site.world.colleague]:
        listed = set(session().scalars(select(Library.code).where(policy.visible_to(person))))
        assert listed == {library.code for library in libraries if policy.can_see(person, library)}


def test_what_lies_in_it_asks_the_library(site: Site, far: dict[str, User | None]) -> None:
    lesson = session().scalars(select(Lesson).where(Lesson.uuid == site.values["lesson_uuid"])).one()
    live = session().scalars(select(Resource).where(Resource.uuid == site.values["resource_uuid"])).one()
    point = site.world.points[0]

    def seen_by(person: User | None) -> set[bool]:
        return {
            catalog.can_see_course(person, lesson.course), catalog.can_see_lesson(person, lesson),
            can_see_point(person, point.library), resources.can_view(person, live),
            resources.can_read_version(person, live.published_version),
        }  # fmt: skip

    assert [seen_by(person) for person in far.values()] == [{True}] * 3
    close(site)
    assert [seen_by(person) for person in far.values()] == [{False}] * 3
    assert seen_by(site.world.colleague) == {True}
    staff = far["staff"]
    assert not catalog.can_build(staff, lesson.course)
    assert not catalog.can_add_lesson(staff, lesson.course)
    assert not resources.can_edit(staff, live)
    assert not resources.can_create(staff, point.library)


def test_opening_it_again_brings_everything_back(app: Flask, site: Site) -> None:
    close(site)
    services.open_library(site.world.library, site.world.librarian)
    session().commit()
    indexing._follow_library(site.world.library.uuid)
    told = {word for _address, text in answers(app, None, [*LISTS, "/"]) for word in INSIDE if word in text}
    assert told >= {"机器人编程", "焊枪角度", "工业机器人资源库"}
    acts = session().scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("library.%")).order_by(AuditEntry.id)
    )
    assert list(acts)[-2:] == ["library.close", "library.open"]


def test_learners_keep_what_they_did_and_read_why(app: Flask, site: Site) -> None:
    place = session().scalars(select(Enrollment).where(Enrollment.user_id == site.world.student.id)).one()
    place.completed_at = None
    close(site)
    [(_address, text)] = answers(app, site.world.student, ["/my-learning"])
    assert "机器人编程" in text
    assert f"/courses/{site.world.course.uuid}" not in text
    [(_address, kept)] = answers(app, site.world.student, ["/my-learning/certificates"])
    assert "机器人编程" in kept


def test_a_promise_to_learners_keeps_it_open(site: Site) -> None:
    """The small site has a course promised until 2099, whose withdrawal two people have yet to agree to."""
    with pytest.raises(PromisesStand, match="机器人编程"):
        promise.close_library(site.world.librarian, site.world.library)
    assert site.world.library.is_public


def test_only_those_who_keep_it_open_or_close_it(site: Site, far: dict[str, User | None]) -> None:
    for person in (*far.values(), site.world.author, site.world.reviewer):
        with pytest.raises(NotAllowed):
            services.close_library(site.world.library, person)
    services.close_library(site.world.library, site.people["a"])
    with pytest.raises(NotAllowed):
        services.open_library(site.world.library, site.world.author)
    assert not site.world.library.is_public


def test_the_page_opens_it_closes_it_and_says_what_it_means(app: Flask, site: Site) -> None:
    client: Any = app.test_client()
    client.sign_in(site.world.librarian)
    page, act = "/admin/libraries/CAR", "/admin/libraries/CAR/opening"
    assert client.get(page).status_code in (403, 404)  # of another school
    client = app.test_client()
    client.sign_in(site.people["a"])
    assert 'value="no"' in client.get(page).get_data(as_text=True)
    for wanted, is_open in (("no", False), ("no", False), ("yes", True)):
        assert client.post(act, data={"open": wanted}).status_code == 302
        session().expire_all()
        assert site.world.other_library.is_public is is_open


def test_a_lesson_elsewhere_that_uses_its_unit_says_that_it_is_not_there(site: Site) -> None:
    """The library of cars is open and one of its lessons holds a unit of the closed library."""
    lesson = session().scalars(select(Lesson).where(Lesson.uuid == site.values["lesson_uuid"])).one()
    cars = site.world.other_library
    course = services.create_course(cars, "CAR1", "汽车检测", "core", cars.core_major)
    lesson.course_id = lesson.module.course_id = course.id
    session().flush()

    def is_gone() -> list[bool]:
        session().refresh(course)
        [facts] = contents_of(course).lessons
        return [item.is_gone for item in facts.items if item.resource_id]

    assert is_gone() == [False]
    close(site)
    assert is_gone() == [True]
