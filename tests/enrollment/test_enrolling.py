"""Joining, leaving and completing, free of charge (R42), and what is counted of it (M14)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from courseware.catalog import services as catalog
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.enrollment import queries, services
from courseware.enrollment.errors import AlreadyEnrolled, NotEnrolled, NotOpen
from courseware.enrollment.models import Enrollment
from courseware.progress import services as progress
from tests.catalog.world import World


def test_joining_twice_is_refused_and_leaves_one_place(world: World) -> None:
    services.enrol(world.student, world.course)
    with pytest.raises(AlreadyEnrolled):
        services.enrol(world.student, world.course)
    assert session().scalar(select(func.count()).select_from(Enrollment)) == 1


def test_coming_back_after_leaving_reuses_the_place_and_keeps_the_changes(world: World) -> None:
    services.enrol(world.student, world.course)
    place = services.leave(world.student, world.course)
    services.enrol(world.student, world.course)
    session().refresh(place)
    assert [change.kind for change in place.changes] == ["enrolled", "withdrawn", "enrolled"]
    assert place.withdrawn_at is None


def test_leaving_without_being_there_is_refused(world: World) -> None:
    with pytest.raises(NotEnrolled):
        services.leave(world.student, world.course)


def test_a_run_that_is_over_and_an_unpublished_course_are_not_open(world: World, clock: Any) -> None:
    clock("2026-05-01 09:00")
    catalog.open_run(world.course, "5", core_clock.now())
    catalog.open_run(world.course, "6", core_clock.now(), clock("2026-06-01 09:00"))
    clock.advance(days=1)
    with pytest.raises(NotOpen):
        services.enrol(world.student, world.course, "6")
    with pytest.raises(NotOpen):
        services.enrol(world.student, world.course, "no such run")
    world.course.published_at = None
    with pytest.raises(NotOpen):
        services.enrol(world.student, world.course)


def test_both_completion_rates_are_counted_by_persons(world: World, clock: Any) -> None:
    """Of five who joined one left at once; of the four, three began and one completed."""
    now = clock("2026-05-01 09:00")
    lesson = world.lesson(world.video())
    people = [world.person(f"s{n}") for n in range(5)]
    for person in people:
        services.enrol(person, world.course)
    services.enrol(world.person("elsewhere"), world.other_course)
    clock.advance(hours=2)
    services.leave(people[0], world.course)
    for person in people[1:4]:
        progress.open_lesson(person, lesson)
    clock.advance(days=3)
    services.leave(people[1], world.course)
    progress.complete_course(people[2], world.course)
    numbers = queries.course_numbers(world.course)
    assert (numbers.learning, numbers.enrolled, numbers.started, numbers.completed) == (3, 4, 3, 1)
    assert str(numbers.of_starters.percent()) == "33.33"
    assert str(numbers.of_enrolled.percent()) == "25.00"
    assert now is not None


def test_opening_one_s_own_lesson_or_a_preview_is_no_start(world: World) -> None:
    lesson = world.lesson(world.video())
    services.enrol(world.teacher, world.course)
    services.enrol(world.student, world.course)
    progress.open_lesson(world.teacher, lesson)
    progress.open_lesson(world.student, lesson, context="preview")
    assert queries.course_numbers(world.course).started == 0


def test_the_button_joins_and_a_second_click_says_so(client: Any, world: World) -> None:
    client.sign_in(world.student)
    path = f"/courses/{world.course.uuid}"
    assert "免费加入" in client.get(path).text or "Join free" in client.get(path).text
    assert client.post(f"{path}/enrol").location == path
    client.post(f"{path}/enrol")
    assert queries.is_enrolled(world.student, world.course)
    client.post(f"{path}/leave")
    assert not queries.is_enrolled(world.student, world.course)
    assert client.post(f"{path}/leave").status_code == 302


def test_a_guest_who_joins_is_led_to_the_sign_in_page_and_back(client: Any, world: World) -> None:
    answer = client.post(f"/courses/{world.course.uuid}/enrol")
    assert answer.status_code == 302
    assert f"/courses/{world.course.uuid}" in answer.location.replace("%2F", "/")
    assert "/sign-in" in answer.location


def test_joining_needs_the_form_token(client: Any, world: World) -> None:
    client.sign_in(world.student).sends_token = False
    assert client.post(f"/courses/{world.course.uuid}/enrol").status_code == 400
    assert not queries.is_enrolled(world.student, world.course)
