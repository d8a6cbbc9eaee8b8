"""A door that is closed to a person takes no learning, whoever sends it; what happened while it stood open still counts (R52)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from flask_babel import force_locale

from courseware.catalog import prerequisites, promise, runs
from courseware.catalog.models import CourseRun, Lesson
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.enrollment import services as enrollment
from courseware.enrollment.queries import learned_contents
from courseware.progress import queries, services
from courseware.progress.errors import REFUSALS, RunEnded
from courseware.progress.services import EventIn
from tests.catalog.world import World

DAY = dt.timedelta(days=1)
START = dt.datetime(2030, 9, 1, tzinfo=dt.UTC)
END = START + 100 * DAY
TASK = {"kind": "task", "title": "焊一道缝"}


@pytest.fixture(autouse=True)
def _before_the_run(world: World, clock: Any) -> None:
    clock(START - 10 * DAY)
    run = runs.run_by_key(world.course, "1")
    assert run is not None
    run.starts_at = START - 300 * DAY
    session().flush()


def a_run(world: World, **more: Any) -> CourseRun:
    times = {"starts_at": START, "ends_at": END, "kind": "spoc", "is_frozen": False, **more}
    run = runs.create_run(world.teacher, world.course, "2030-1", **times)
    session().refresh(world.course)
    return run


def close_the_run_open_to_all(world: World) -> None:
    open_to_all = runs.run_by_key(world.course, "1")
    assert open_to_all is not None
    runs.change_run(world.teacher, open_to_all, starts_at=open_to_all.starts_at, ends_at=core_clock.now(), title="")
    session().refresh(world.course)


def opened(lesson: Lesson, at: dt.datetime) -> EventIn:
    return EventIn(uuid.uuid4(), "opened_lesson", at, lesson=lesson.uuid)


def watched(video: Any, lesson: Lesson, at: dt.datetime, to_s: float = 90.0) -> EventIn:
    return EventIn(uuid.uuid4(), "watched", at, resource=video.uuid, lesson=lesson.uuid, from_s=0, to_s=to_s)


def told(user: Any, *events: EventIn) -> list[str]:
    return [outcome.reason for outcome in services.record_events(user, events)]


def test_before_a_run_begins_and_after_it_ended_nothing_is_recorded_and_what_lies_between_is(
    world: World, clock: Any
) -> None:
    video = world.video()
    lesson, run = world.lesson(video), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    clock(START - DAY)
    assert told(world.student, watched(video, lesson, core_clock.now())) == ["run_not_begun"]
    clock(END + 3 * DAY)
    moments = (START - DAY, START, END - dt.timedelta(seconds=1), END, END + DAY)
    assert told(world.student, *(opened(lesson, at) for at in moments)) == [
        "run_not_begun", "", "", "run_ended", "run_ended",
    ]  # fmt: skip


def test_what_was_learned_without_network_before_the_end_completes_the_course_after_it(
    world: World, clock: Any
) -> None:
    video = world.video()
    lesson, run = world.lesson(video), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    clock(END + 3 * DAY)
    assert told(world.student, watched(video, lesson, END - DAY)) == [""]
    place = enrollment.place_of(world.student, world.course)
    assert place is not None
    assert place.completed_at is not None
    assert queries.why_not_complete(world.student, lesson) == []


def test_the_rest_of_a_batch_goes_on_when_a_part_of_it_was_behind_a_door(world: World, clock: Any) -> None:
    video = world.video()
    lesson, run = world.lesson(video), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    alone = EventIn(uuid.uuid4(), "watched", END + DAY, resource=video.uuid, from_s=0, to_s=30)
    clock(END + 2 * DAY)
    assert told(world.student, watched(video, lesson, END + DAY), alone) == ["run_ended", ""]
    seen = queries.lesson_state(world.student, learned_contents(world.student, world.course).lessons[0])
    assert [found.watched_s for found in seen.seen.values()] == [30], "a resource on its own page has no door"


def test_marking_something_done_in_a_run_that_is_over_is_refused_in_words(world: World, clock: Any) -> None:
    lesson, run = world.lesson(TASK), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    assert lesson.published_version is not None
    key = lesson.published_version.activities[0].key
    clock(END)
    with pytest.raises(RunEnded, match="2030-1"):
        services.mark_done(world.student, lesson, key)
    clock(END - DAY)
    assert services.mark_done(world.student, lesson, key).done == 1


def test_who_is_on_no_class_list_learns_in_a_run_open_to_all_and_in_no_other(world: World, clock: Any) -> None:
    lesson = world.lesson(TASK)
    a_run(world)
    clock(START + DAY)
    assert told(world.classmate, opened(lesson, core_clock.now())) == [""], "run 1 is open to all"
    close_the_run_open_to_all(world)
    while_open = core_clock.now() - dt.timedelta(hours=1)
    assert told(world.classmate, opened(lesson, core_clock.now()), opened(lesson, while_open)) == ["class_list", ""]
    clock(END + DAY)
    assert told(world.classmate, opened(lesson, core_clock.now())) == ["run_ended"]


def test_who_was_taken_off_the_list_is_outside_again(world: World, clock: Any) -> None:
    lesson, run = world.lesson(TASK), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    clock(START + DAY)
    close_the_run_open_to_all(world)
    assert told(world.student, opened(lesson, core_clock.now())) == [""]
    enrollment.leave(world.student, world.course, run.key)
    assert told(world.student, opened(lesson, core_clock.now())) == ["class_list"]


def test_a_course_taken_from_learners_takes_no_more_learning_and_keeps_what_came_before(
    world: World, clock: Any
) -> None:
    lesson = world.lesson(TASK)
    world.enrol()
    clock(START)
    promise.request_withdrawal(world.teacher, world.course, "标准已换新")
    clock(START + DAY)
    assert told(world.student, opened(lesson, START + DAY), opened(lesson, START - DAY)) == ["course_withdrawn", ""]


def test_a_lesson_of_the_schedule_takes_learning_from_its_moment_on(world: World, clock: Any) -> None:
    first, later, run = world.lesson(TASK, title="一"), world.lesson(TASK, title="二"), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    runs.set_schedule(world.teacher, run, {later.id: START + 7 * DAY})
    clock(START + 8 * DAY)
    at = START + DAY
    assert told(world.student, opened(first, at), opened(later, at), opened(later, START + 7 * DAY)) == [
        "", "lesson_not_open", "",
    ]  # fmt: skip


def test_a_lesson_that_another_one_precedes_opens_within_the_very_batch_that_completes_that_one(
    world: World, clock: Any
) -> None:
    video, second = world.video("一", 100), world.video("二", 100)
    first, then = world.lesson(video, title="一"), world.lesson(second, title="二")
    prerequisites.set_lesson_needs(world.teacher, then, {first.id: True})
    session().refresh(world.course)
    world.enrol()
    clock(START)
    now = START - dt.timedelta(minutes=10)
    assert told(world.student, watched(second, then, now)) == ["lesson_first"]
    ride = [watched(second, then, now + dt.timedelta(minutes=4)), watched(video, first, now)]
    recorded = services.record_batch(world.student, ride)
    assert [outcome.status for outcome in recorded.outcomes] == ["accepted", "accepted"]
    assert recorded.lessons[then.uuid].is_complete


def test_previews_have_no_doors_and_every_refusal_has_its_sentence(world: World, clock: Any) -> None:
    lesson, run = world.lesson(TASK), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    clock(START - DAY)
    preview = EventIn(uuid.uuid4(), "opened_lesson", core_clock.now(), lesson=lesson.uuid, context="preview")
    assert told(world.student, preview, opened(lesson, core_clock.now())) == ["", "run_not_begun"]
    doors = ("run_not_begun", "run_ended", "class_list", "course_withdrawn", "lesson_not_open", "lesson_first")
    with force_locale("en"):
        assert all("not recorded" in str(REFUSALS[code]) for code in doors)


def test_a_program_hears_the_reason_event_by_event(client: Any, world: World, clock: Any) -> None:
    lesson, run = world.lesson(TASK), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    clock(END + DAY)
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    events = [
        {"uuid": str(uuid.uuid4()), "verb": "opened_lesson", "lesson": str(lesson.uuid), "occurred_at": at.isoformat()}
        for at in (END - DAY, END + DAY)
    ]
    open_one, shut = client.post("/api/v1/events", json={"events": events}).json["results"]
    assert (open_one["status"], shut["status"], shut["reason"]) == ("accepted", "refused", "run_ended")
    assert shut["message"].startswith("The run of this course had ended by then")


def test_the_page_of_a_run_that_is_over_can_be_read_and_leads_to_a_run_that_goes_on(
    client: Any, world: World, clock: Any
) -> None:
    lesson, run = world.lesson(TASK), a_run(world)
    enrollment.enrol(world.student, world.course, run.key, by_class=True)
    clock(END + DAY)
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    page = client.get(f"/learn/{lesson.uuid}").text
    assert "nothing more is counted in this run" in page
    assert "Go on in run 1" in page
    assert "Mark as done" not in page
    client.post(f"/courses/{world.course.uuid}/enrol", data={"lesson": lesson.uuid})
    again = client.get(f"/learn/{lesson.uuid}").text
    assert "Mark as done" in again
    close_the_run_open_to_all(world)
    client.sign_in(world.classmate)
    assert "so what you do here is not recorded" in client.get(f"/learn/{lesson.uuid}").text
