"""Events are stored once, in any order, and what follows from them does not depend on how they came."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from courseware.catalog import services as catalog
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.enrollment import queries as enrollment
from courseware.progress import queries, services
from courseware.progress.errors import BatchTooLarge, CreditNeedsEnrollment
from courseware.progress.models import LearningEvent, LessonProgress, ResourceProgress
from courseware.progress.services import EventIn
from courseware.resources import services as resources
from tests.catalog.world import World
from tests.counting import statements

NOW = dt.datetime(2030, 5, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock(NOW)


def watched(resource: Any, from_s: float, to_s: float, **more: Any) -> EventIn:
    return EventIn(
        more.pop("uuid", None) or uuid.uuid4(), "watched", more.pop("at", core_clock.now()), resource=resource.uuid,
        from_s=from_s, to_s=to_s, **more,
    )  # fmt: skip


def read(resource: Any, seconds: float, **more: Any) -> EventIn:
    return EventIn(uuid.uuid4(), "read", core_clock.now(), resource=resource.uuid, seconds=seconds, **more)


def seen(user: Any, resource: Any) -> ResourceProgress:
    query = select(ResourceProgress).where(
        ResourceProgress.user_id == user.id, ResourceProgress.resource_id == resource.id
    )
    return session().scalars(query.execution_options(populate_existing=True)).one()


def later(world: World) -> None:
    """What was published a moment ago was live before now."""
    core_clock.set_clock(core_clock.now() + dt.timedelta(minutes=5))


def reasons(user: Any) -> list[str]:
    return list(
        session().scalars(
            select(LearningEvent.excluded).where(LearningEvent.user_id == user.id).order_by(LearningEvent.id)
        )
    )


def test_a_repeated_batch_counts_once(world: World) -> None:
    video = world.video()
    later(world)
    batch = [watched(video, 0, 40), watched(video, 30, 60)]
    first = services.record_events(world.student, batch)
    second = services.record_events(world.student, [*batch, batch[0]])
    assert [o.status for o in first] == ["accepted", "accepted"]
    assert [o.status for o in second] == ["repeated"] * 3
    assert session().scalar(select(func.count()).select_from(LearningEvent)) == 2
    assert (seen(world.student, video).ranges, seen(world.student, video).attention_s) == ([[0.0, 60.0]], 70.0)


def test_the_same_event_twice_in_one_batch_counts_once(world: World) -> None:
    video = world.video()
    later(world)
    event = watched(video, 0, 40)
    assert [o.status for o in services.record_events(world.student, [event, event])] == ["accepted", "repeated"]


def test_a_repeated_batch_is_still_told_the_progress(world: World) -> None:
    lesson = world.lesson(video := world.video())
    world.enrol()
    later(world)
    batch = [watched(video, 0, 50, lesson=lesson.uuid)]
    services.record_batch(world.student, batch)
    again = services.record_batch(world.student, batch)
    assert again.resources[video.uuid].percent == 50
    assert again.lessons[lesson.uuid].steps()[0].seconds == 30


parts = st.lists(st.tuples(st.integers(0, 110), st.integers(1, 40)), min_size=1, max_size=12)


@pytest.mark.one_database
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=parts, seed=st.integers(0, 10_000), cut=st.integers(0, 12))
def test_any_order_and_any_batches_give_the_same_union(
    world: World, parts: list[tuple[int, int]], seed: int, cut: int
) -> None:
    video = world.video(seconds=100.0)
    later(world)
    one, two = world.person(str(uuid.uuid4())), world.person(str(uuid.uuid4()))
    for person, shuffled in ((one, False), (two, True)):
        batch = [watched(video, start, start + length) for start, length in parts]
        if shuffled:
            random.Random(seed).shuffle(batch)
        services.record_events(person, batch[:cut])
        services.record_events(person, batch[cut:])
        services.record_events(person, batch)
    seconds = {second for start, length in parts for second in range(start, min(start + length, 100))}
    assert seen(one, video).ranges == seen(two, video).ranges
    assert seen(one, video).watched_s == len(seconds)


def test_a_late_event_counts_where_it_happened_and_does_not_move_the_place_to_resume(world: World) -> None:
    video = world.video()
    later(world)
    services.record_events(world.student, [watched(video, 60, 80)])
    services.record_events(world.student, [watched(video, 0, 20, at=core_clock.now() - dt.timedelta(minutes=4))])
    assert seen(world.student, video).position_s == 80
    assert seen(world.student, video).ranges == [[0.0, 20.0], [60.0, 80.0]]


def test_events_from_the_future_and_from_before_publication_are_refused(world: World) -> None:
    video = world.video()
    later(world)
    ahead = core_clock.now() + dt.timedelta(minutes=3)
    before = core_clock.now() - dt.timedelta(days=1)
    batch = [watched(video, 0, 9, at=ahead), watched(video, 0, 9, at=before), watched(video, 0, 9)]
    outcomes = services.record_events(world.student, batch)
    assert [o.reason for o in outcomes] == ["future", "not_live", ""]
    assert session().scalar(select(func.count()).select_from(LearningEvent)) == 1


def test_a_clock_that_is_a_minute_ahead_is_forgiven(world: World) -> None:
    video = world.video()
    later(world)
    [outcome] = services.record_events(
        world.student, [watched(video, 0, 9, at=core_clock.now() + dt.timedelta(minutes=1))]
    )
    assert outcome.status == "accepted"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"from_s": -1.0, "to_s": 5.0}, "bad_range"), ({"from_s": 5.0, "to_s": 5.0}, "bad_range"),
        ({"from_s": 9.0, "to_s": 5.0}, "bad_range"), ({"from_s": 0.0, "to_s": 1e9}, "bad_range"),
        ({"seconds": -3.0}, "bad_seconds"), ({"seconds": float("nan")}, "bad_seconds"), ({"speed": 0.0}, "bad_speed"),
        ({"speed": float("inf")}, "bad_speed"), ({"verb": "dreamt"}, "unknown_verb"), ({"resource": uuid.uuid4()}, "unknown_object"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_the_rest_of_the_batch_goes_on(
    world: World, more: dict[str, Any], reason: str
) -> None:
    video = world.video()
    later(world)
    given_ = {
        "verb": "watched",
        "occurred_at": core_clock.now(),
        "resource": video.uuid,
        "from_s": 0.0,
        "to_s": 9.0,
        **more,
    }
    outcomes = services.record_events(world.student, [EventIn(uuid.uuid4(), **given_), watched(video, 0, 10)])
    assert [o.reason for o in outcomes] == [reason, ""]


def test_ranges_past_the_end_are_clipped(world: World) -> None:
    video = world.video(seconds=100.0)
    later(world)
    services.record_events(world.student, [watched(video, 90, 140)])
    assert (seen(world.student, video).ranges, seen(world.student, video).watched_s) == ([[90.0, 100.0]], 10.0)


def test_speed_above_two_is_kept_and_not_credited(world: World) -> None:
    video = world.video()
    later(world)
    services.record_events(world.student, [watched(video, 0, 60, speed=3), watched(video, 0, 50, speed=2)])
    assert seen(world.student, video).watched_s == 50
    assert reasons(world.student) == ["speed", ""]


def test_own_use_test_accounts_previews_and_short_looks_do_not_count(world: World) -> None:
    video, text = world.video(), world.resource()
    tester = world.person("tester", is_test=True)
    later(world)
    services.record_events(world.teacher, [watched(video, 0, 60)])
    services.record_events(tester, [watched(video, 0, 60)])
    services.record_events(
        world.student,
        [watched(video, 0, 60, context="preview"), watched(video, 0, 5), read(text, 9), watched(video, 60, 90)],
    )
    assert (reasons(world.teacher), reasons(tester)) == (["own_use"], ["test_account"])
    assert reasons(world.student) == ["preview", "too_short", "too_short", ""]
    assert seen(world.student, video).ranges == [[0.0, 5.0], [60.0, 90.0]]


def test_short_parts_of_one_sitting_count_together(world: World) -> None:
    video = world.video(seconds=600.0)
    later(world)
    sent = [watched(video, n * 10, n * 10 + 10, sitting="s1") for n in range(2)]
    services.record_events(world.student, sent)
    services.record_events(world.student, [watched(video, 20, 30, sitting="s1"), watched(video, 30, 40, sitting="s2")])
    assert reasons(world.student) == ["too_short", "too_short", "", "too_short"]


def test_a_sitting_of_many_tiny_parts_counts_as_long_as_it_was(world: World) -> None:
    """Its newest parts alone would be too short, and another sitting of the same evening adds nothing."""
    video = world.video(seconds=600.0)
    later(world)
    for n in range(29):
        services.record_events(world.student, [watched(video, n, n + 1, sitting="s1")])
        services.record_events(world.student, [watched(video, n, n + 1, sitting="s2")] if n % 2 else [])
    services.record_events(world.student, [watched(video, 29, 30, sitting="s1"), watched(video, 29, 30, sitting="s2")])
    assert reasons(world.student)[-2:] == ["", "too_short"]
    services.record_events(world.student, [watched(video, 30, 31, sitting="s1")])
    assert reasons(world.student)[-1] == ""


def test_a_batch_is_bounded(world: World) -> None:
    video = world.video()
    with pytest.raises(BatchTooLarge):
        services.record_events(world.student, [watched(video, 0, 1)] * 501)


# --- lessons and courses ----------------------------------------------------------------------------------------------


def test_watching_enough_completes_lesson_and_course(world: World) -> None:
    video, text = world.video(), world.resource()
    lesson = world.lesson(video, text, {"kind": "task", "title": "焊一道缝"})
    world.enrol()
    later(world)
    services.record_events(
        world.student, [watched(video, 0, 79, lesson=lesson.uuid), read(text, 20, lesson=lesson.uuid)]
    )
    assert [(step.item.type or step.item.kind, step.seconds) for step in queries.why_not_complete(world.student, lesson)] == [
        ("video", 1.0), ("task", None),
    ]  # fmt: skip
    services.record_events(world.student, [watched(video, 79, 81, lesson=lesson.uuid)])
    progress = services.mark_done(world.student, lesson, lesson.published_version.activities[2].key)
    assert (progress.done, progress.required, progress.completed_at) == (3, 3, core_clock.now())
    assert enrollment.courses_of(world.student)[0].completed_at == core_clock.now()
    done = select(func.count()).where(LearningEvent.verb == "completed_course")
    assert session().scalar(done) == 1


def test_who_is_outside_gets_no_credit_until_joining_and_then_for_what_was_seen(world: World) -> None:
    lesson = world.lesson(video := world.video(), {"kind": "task", "title": "焊"})
    later(world)
    services.record_events(world.student, [watched(video, 0, 90, lesson=lesson.uuid)])
    assert session().scalar(select(func.count()).select_from(LessonProgress)) == 0
    with pytest.raises(CreditNeedsEnrollment):
        services.mark_done(world.student, lesson, lesson.published_version.activities[1].key)
    world.enrol()
    services.open_lesson(world.student, lesson)
    assert [step.item.kind for step in queries.why_not_complete(world.student, lesson)] == ["task"]


def test_a_resource_finished_elsewhere_completes_the_lesson_that_waits_for_it(world: World) -> None:
    lesson = world.lesson(video := world.video())
    world.enrol()
    later(world)
    services.open_lesson(world.student, lesson)
    services.record_events(world.student, [watched(video, 0, 90)])
    kept = session().scalars(select(LessonProgress).execution_options(populate_existing=True)).one()
    assert kept.completed_at is not None


def test_a_withdrawn_resource_holds_nobody_up(world: World) -> None:
    video, gone = world.video(), world.resource("要下架的")
    lesson = world.lesson(video, gone)
    world.enrol()
    later(world)
    resources.withdraw(world.teacher, gone, "过时")
    services.record_events(world.student, [watched(video, 0, 90, lesson=lesson.uuid)])
    session().refresh(world.course)
    assert queries.why_not_complete(world.student, lesson) == []


def test_a_course_waits_only_for_lessons_that_ask_something(world: World) -> None:
    lesson = world.lesson({"kind": "task", "title": "焊"})
    world.lesson({"kind": "resource", "resource": world.resource(), "required": False}, title="选学")
    world.enrol()
    later(world)
    services.mark_done(world.student, lesson, lesson.published_version.activities[0].key)
    assert enrollment.courses_of(world.student)[0].completed_at is not None


def test_a_lesson_published_again_keeps_what_was_done(world: World) -> None:
    lesson = world.lesson({"kind": "task", "title": "焊"}, world.video())
    world.enrol()
    later(world)
    services.mark_done(world.student, lesson, lesson.published_version.activities[0].key)
    catalog.publish_lesson(world.teacher, lesson)
    session().refresh(world.course)
    assert [step.item.type for step in queries.why_not_complete(world.student, lesson)] == ["video"]


def test_recording_asks_no_more_of_the_database_for_longer_batches_and_lessons(world: World) -> None:
    short = world.lesson(world.video(), title="短")
    many = [world.video(f"片{n}") for n in range(20)]
    long = world.lesson(*many, title="长")
    world.enrol()
    later(world)
    first = short.published_version.activities[0].resource
    counts = []
    for lesson, video, size in (
        (short, first, 1),
        (short, first, 1),
        (long, many[0], 1),
        (long, many[0], 1),
        (long, many[1], 2),
        (long, many[0], 40),
    ):
        session().flush()
        with statements() as sent:
            services.record_batch(
                world.student, [watched(video, n, n + 1, lesson=lesson.uuid, sitting="s") for n in range(size)]
            )
        counts.append(len(sent))
    assert counts[3] <= counts[1]
    assert counts[4] <= counts[3] + 1  # several events are looked for first; one tells by being stored
    assert counts[5] <= counts[4] + 1  # the first use that is long enough begins the course, once


def test_a_player_that_goes_on_asks_for_none_of_its_events(world: World) -> None:
    video, other = world.video(seconds=600.0), world.video()
    later(world)

    def asked(sitting: str, start: int) -> int:
        with statements() as sent:
            services.record_events(world.student, [watched(video, start, start + 10, sitting=sitting)])
        return sum("FROM learning_event" in line for line in sent)

    services.record_events(world.student, [watched(other, 0, 10, sitting="one")])
    assert [asked("one", 0), asked("one", 10), asked("one", 20)] == [0, 0, 0]
    assert reasons(world.student) == ["too_short", "too_short", "too_short", ""]  # 10 s of the other, then 10, 20, 30 s
    assert (asked("two", 30), asked("one", 40)) == (1, 1)  # another tab: only the events tell
    assert reasons(world.student)[4:] == ["too_short", ""]


def test_a_single_event_told_again_after_its_lesson_was_withdrawn_is_known(world: World) -> None:
    lesson = world.lesson(world.video())
    later(world)
    opened = EventIn(uuid.uuid4(), "opened_lesson", core_clock.now(), lesson=lesson.uuid)
    assert [o.status for o in services.record_events(world.student, [opened])] == ["accepted"]
    catalog.withdraw_lesson(world.teacher, lesson, "改版")
    session().flush()
    assert [o.status for o in services.record_events(world.student, [opened])] == ["repeated"]
