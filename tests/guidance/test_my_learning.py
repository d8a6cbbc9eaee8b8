"""My learning: the time of the week, the map with its gaps, the plan, suggestions with reasons, and who gets which."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from courseware.accounts.models import User
from courseware.core import agenda, intervals
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.guidance import counting, policy, services, suggestions
from courseware.guidance.errors import PlanUnclear
from courseware.guidance.models import CoUse, PopularResource
from courseware.guidance.views import read_page
from courseware.knowledge import services as knowledge
from courseware.monitoring.rollups import keeping, own
from courseware.monitoring.rollups.reading import fold_everything
from courseware.progress import services as progress
from courseware.progress.days import day_of
from courseware.progress.services import EventIn
from courseware.resources import services as resources
from tests.catalog.world import World
from tests.counting import statements


def use(user: User, resource: Any, seconds: float = 60, at: dt.datetime | None = None, sitting: str = "") -> None:
    event = EventIn(
        uuid.uuid4(), "read", at or core_clock.now(), resource=resource.uuid, seconds=seconds, sitting=sitting
    )
    assert progress.record_events(user, [event])[0].status == "accepted"


def recounted(user: User, first: int) -> dict[int, float]:
    """Seconds by day from all events anew, by another way than the page."""
    found: dict[int, list[Any]] = {}
    for number, sums in fold_everything(session().connection()):
        for row in sums.persons:
            if number == user.id and row["day"] >= first and row["first_at"]:
                found.setdefault(row["day"], []).extend(map(tuple, row["stretches"]))
    return {day: intervals.length(parts) / 1000 for day, parts in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_the_time_of_the_week_is_what_a_recount_of_all_events_gives(world: World, clock: Any, seed: int) -> None:
    clock("2026-02-01 08:00")
    items = [world.resource(f"资源 {n}") for n in range(4)]
    chance, now = random.Random(seed), clock("2026-03-05 20:00")
    first = day_of(now) - 3

    def learn(count: int) -> None:
        for _ in range(count):
            who = chance.choice([world.student, world.classmate])
            at = now - dt.timedelta(minutes=chance.randrange(10 * 24 * 60))
            use(who, chance.choice(items), chance.randrange(20, 900), at, chance.choice(["", "a", "b"]))

    learn(30)
    session().commit()
    keeping.fold_all_due()
    learn(12)  # days that wait: some of them were folded before
    session().flush()
    for person in (world.student, world.classmate):
        counted = own.own_days(person.id, first, first).seconds
        assert counted == pytest.approx(recounted(person, first))
        assert read_page(person).week_s == pytest.approx(sum(recounted(person, first).values()))
    session().commit()
    keeping.fold_all_due()
    mine = own.own_days(world.student.id, first, first)
    assert mine.seconds == pytest.approx(recounted(world.student, first))
    assert set(mine.seconds) <= set(mine.learned)


def test_the_number_of_queries_does_not_grow_with_what_was_learned(world: World) -> None:
    world.lesson(*[world.resource(f"资源 {n}") for n in range(3)])
    world.enrol()
    read_page(world.student)
    with statements() as before:
        read_page(world.student)
    made = [world.resource(f"更多 {n}", points=world.points) for n in range(12)]
    world.lesson(*made, title="第二课")
    for one in made:
        use(world.student, one)
    session().commit()
    keeping.fold_all_due()
    read_page(world.student)
    with statements() as after:
        read_page(world.student)
    assert len(after) <= len(before) + 1  # the cards of what is suggested now


def test_a_point_that_was_skipped_is_a_gap_and_comes_first_with_its_reason(client: Any, world: World) -> None:
    work, travel, posture = world.points
    librarian = world.person("何书棠", Role.LIBRARIAN)
    knowledge.add_prerequisite(travel, work, librarian)
    knowledge.add_prerequisite(posture, travel, librarian)
    basic, middle, late = (
        world.resource(title, points=[p]) for title, p in zip(("先学", "再学", "后学"), world.points, strict=True)
    )
    lesson = world.lesson(basic, middle, late)
    world.enrol()
    use(world.student, late)
    session().commit()
    page = read_page(world.student)
    assert page.mastery == {posture.id: "done", travel.id: "gap"}
    assert list(page.suggested) == [], "the way to the gap begins with what she is told to go on with anyway"
    course = page.learning.mastery_of
    around = suggestions.around_of(world.student, course, personal=True)
    further = replace(around, mastery={work.id: "done", posture.id: "done"})
    shown, _used = suggestions.with_used_last(world.student, suggestions.choose(further, course, personal=True))
    assert [(one.resource_id, one.reason.kind, one.reason.name) for one in shown] == [(middle.id, "gap", "枪姿调整")]
    assert shown[0].href.startswith(f"/learn/{lesson.uuid}?at=")


@dataclass
class Crowd:
    """Four others who used the same two resources as the student, and one more."""

    mine: Any
    near: Any
    far: Any
    people: list[User]


@pytest.fixture
def crowd(world: World) -> Crowd:
    mine, near, far = (world.resource(t, points=[]) for t in ("我用过的", "大家还用过的", "没人用过的"))
    world.lesson({"kind": "text", "title": "小结", "text": "…"})
    people = [world.person(f"同学{n}", Role.STUDENT) for n in range(4)]
    for person in people:
        use(person, mine)
        use(person, near)
    use(world.teacher, far)
    world.enrol()
    use(world.student, mine)
    session().commit()
    counting.recount()
    return Crowd(mine, near, far, people)


def suggested_to(user: User) -> list[tuple[int, str]]:
    return [(one.resource_id, one.reason.kind) for one in read_page(user).suggested]


def test_what_people_with_the_same_resources_used_is_suggested_with_their_number(world: World, crowd: Crowd) -> None:
    (found,) = read_page(world.student).suggested
    assert (found.resource_id, found.reason.kind, found.reason.name, found.reason.people) == (
        crowd.near.id,
        "co_use",
        "我用过的",
        4,
    )


def test_not_for_me_is_for_ever_unless_taken_back(client: Any, world: World, crowd: Crowd) -> None:
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    assert "4 people used this and" in client.get("/my-learning").text
    path = f"/my-learning/suggestions/{crowd.near.uuid}"
    assert client.post(path).location == "/my-learning"
    client.post(path)
    assert "大家还用过的" not in client.get("/my-learning").text
    assert "大家还用过的" in client.get("/my-learning/choices").text
    client.post(path, data={"back": "1"})
    assert suggested_to(world.student) == [(crowd.near.id, "co_use")]


def test_switched_off_nothing_is_suggested_and_ones_use_is_left_out_of_the_counts(
    client: Any, world: World, crowd: Crowd
) -> None:
    client.sign_in(crowd.people[0])
    client.post("/my-learning/choices", data={"weeks": "1"})
    assert suggested_to(crowd.people[0]) == []
    assert session().get(CoUse, (crowd.mine.id, crowd.near.id)).people == 4
    counting.recount()
    assert session().get(CoUse, (crowd.mine.id, crowd.near.id)).people == 3
    assert session().get(PopularResource, (world.course.id, crowd.mine.id)).people == 4  # three others and the student


def test_minors_see_what_is_popular_and_are_counted_nowhere(world: World, crowd: Crowd) -> None:
    services.choose(world.student, shows_weeks=True, takes_suggestions=True, age="minor")
    assert suggested_to(world.student) == [(crowd.near.id, "popular")]
    for person in crowd.people[:2]:
        services.choose(person, shows_weeks=True, takes_suggestions=True, age="minor")
    session().commit()
    counting.recount()
    assert session().get(CoUse, (crowd.mine.id, crowd.near.id)) is None, "two people are too few to tell"


@pytest.mark.parametrize(
    ("level", "age", "allowed"),
    [("高职专科", "", True), ("中职", "", False), ("中职", "adult", True), ("高职专科", "minor", False)],
)
def test_who_counts_as_a_minor(world: World, level: str, age: str, allowed: bool) -> None:
    world.school.school_level = level
    choice = services.choose(world.student, shows_weeks=True, takes_suggestions=True, age=age)
    assert policy.may_suggest(world.student, choice) is allowed


def test_withdrawn_resources_are_suggested_to_nobody(world: World, crowd: Crowd) -> None:
    resources.withdraw(world.teacher, crowd.near, "过时")
    assert suggested_to(world.student) == []


def test_below_a_resource_stands_what_goes_with_it(client: Any, world: World, crowd: Crowd) -> None:
    page = client.get(f"/resources/{crowd.mine.uuid}").text
    assert "大家还用过的" in page.split('id="beside"')[1]
    assert "没人用过的" not in page
    assert 'id="beside"' not in client.get(f"/resources/{crowd.far.uuid}").text


def test_a_favourite_is_kept_once_and_let_go(client: Any, world: World) -> None:
    resource = world.resource("想再看的")
    session().commit()
    path = f"/resources/{resource.uuid}/favourite"
    assert "/sign-in" in client.post(path, data={"keep": "1"}).location
    client.sign_in(world.student)
    for _twice in range(2):
        client.post(path, data={"keep": "1"})
    world.enrol()
    session().commit()
    assert "想再看的" in client.get("/my-learning?show=kept").text.split('id="courses"')[1]
    answer = client.post(path, data={"next": "https://elsewhere.example/"})
    assert answer.location == "/"
    assert read_page(world.student).favourites == 0


def test_a_plan_proposes_lessons_and_refuses_what_is_no_week(client: Any, world: World, clock: Any) -> None:
    clock("2026-03-04 09:00")  # a Wednesday
    world.lesson({"kind": "task", "title": "焊一道缝"}, title="立向上角焊")
    world.enrol()
    session().commit()
    client.sign_in(world.student)
    client.post("/my-learning/plan", data={"day": ["0", "2"], "minutes": "30"})
    week = read_page(world.student).week
    assert week is not None
    assert [(day.planned, day.is_over, [p.minutes for p in day.portions]) for day in week.days] == [
        (30, True, []),
        (30, False, [30]),
    ]
    for wrong in (
        {"day": ["9"], "minutes": "30"},
        {"day": ["x"], "minutes": "30"},
        {"day": ["1"], "minutes": "999"},
        {},
    ):
        client.post("/my-learning/plan", data=wrong)
        assert services.choice_of(world.student).plan_days == [0, 2]
    with pytest.raises(PlanUnclear):
        services.plan(world.student, [1], 0)
    client.post("/my-learning/plan", data={"minutes": "30"})
    assert read_page(world.student).week is None


def test_what_is_due_comes_from_whoever_knows_of_it_and_late_is_said_without_blame(
    client: Any, world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock("2026-03-04 09:00")
    lesson = world.lesson({"kind": "task", "title": "焊一道缝"})
    world.enrol()
    session().commit()

    def due(title: str, day: int, *, is_done: bool = False) -> Any:
        return SimpleNamespace(
            title=title, title_en=title, class_name="焊接一班", lesson_uuid=lesson.uuid, due_on=dt.date(2026, 3, day),
            is_begun=False, is_done=is_done,
        )  # fmt: skip

    dues = [due("后面的", 9), due("已做完的", 2, is_done=True), due("过了日子的", 3)]
    monkeypatch.setattr(agenda, "sources", [lambda _user: dues])
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    page = client.get("/my-learning").text
    assert page.index("过了日子的") < page.index("后面的")
    assert "已做完的" not in page
    assert page.count("the day is over; you can still do it") == 1


def test_weeks_are_shown_until_they_are_switched_off(client: Any, world: World) -> None:
    world.lesson(world.resource())
    world.enrol()
    use(world.student, world.resource("别的"))
    session().commit()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    assert "Learned in 1 of the last 12 weeks" in client.get("/my-learning").text
    client.post("/my-learning/choices", data={"suggestions": "1"})
    assert "of the last 12 weeks" not in client.get("/my-learning").text
