"""What completes a course, what comes before it, what it promises, and who may do what in its team."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.catalog import completion, courses, policy, prerequisites, promise, queries, services, team
from courseware.catalog.errors import (
    ApprovedAlready,
    CourseWithdrawn,
    InTeamAlready,
    LeaderStays,
    NeededElsewhere,
    NeedsCircle,
    OwnRequest,
    RequestEnded,
    WithdrawalAsked,
)
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.enrollment import services as enrollment
from courseware.enrollment.errors import FirstOther, NotOpen
from courseware.enrollment.impact import impact_of
from courseware.jobs.models import Job
from courseware.libraries import services as libraries
from courseware.progress import jobs as progress_jobs
from courseware.progress import queries as progress
from courseware.progress import services as learning
from courseware.progress.errors import LessonClosed
from tests.catalog.world import World

TASK = {"kind": "task", "title": "焊一道缝", "text": "焊。"}


def do(world: World, lesson: Any) -> None:
    learning.mark_done(world.student, lesson, lesson.published_version.activities[0].key)


def has_completed(world: World) -> bool:
    return enrollment.place_of(world.student, world.course).completed_at is not None


def three_lessons(world: World) -> list[Any]:
    made = [world.lesson(TASK, title=f"第{n}课") for n in "一二三"]
    world.enrol()
    return made


# ---- What completes a course


def test_without_a_rule_every_lesson_completes_the_course(world: World) -> None:
    one, two, three = three_lessons(world)
    do(world, one)
    do(world, two)
    assert not has_completed(world)
    assert [lesson.title for lesson in progress.why_course_not_complete(world.student, world.course)] == ["第三课"]
    do(world, three)
    assert has_completed(world)
    assert not progress.why_course_not_complete(world.student, world.course)


def test_a_share_is_rounded_up(world: World) -> None:
    one, two, _three = three_lessons(world)
    completion.set_completion(world.teacher, world.course, "share", share=34)
    do(world, one)
    assert not has_completed(world), "34 % of three lessons are two"
    do(world, two)
    assert has_completed(world)


def test_named_lessons_complete_the_course_whatever_else_is_open(world: World) -> None:
    one, two, three = three_lessons(world)
    completion.set_completion(world.teacher, world.course, "named", lesson_ids=[three.id])
    do(world, one)
    assert [lesson.title for lesson in progress.why_course_not_complete(world.student, world.course)] == ["第三课"]
    do(world, three)
    assert has_completed(world)
    assert two.is_live


def test_who_has_done_enough_by_a_new_rule_completes_the_course(world: World) -> None:
    one, *_rest = three_lessons(world)
    do(world, one)
    enrollment.enrol(world.classmate, world.course)
    completion.set_completion(world.teacher, world.course, "named", lesson_ids=[one.id])
    job = session().query(Job).filter(Job.kind == "progress.completions").one()
    places = progress_jobs._next_places(job.payload["course"], 0)
    assert [progress_jobs._complete(place) for place in places] == [True, False]
    assert has_completed(world)


def test_a_rule_names_lessons_of_its_own_course_and_a_share_that_exists(world: World) -> None:
    for wrong in (
        {"kind": "share", "share": 0},
        {"kind": "named"},
        {"kind": "named", "lesson_ids": [10**9]},
        {"kind": "x"},
    ):
        with pytest.raises(Invalid):
            completion.set_completion(world.teacher, world.course, wrong.pop("kind"), **wrong)


# ---- What comes first


def another_course(world: World, code: str) -> Any:
    course = libraries.create_course(world.library, code, f"课程{code}", "core", world.library.core_major)
    libraries.set_team(course, [(world.teacher, "leader")])
    course.published_at = clock.now()
    session().flush()
    return course


def test_a_circle_of_courses_is_refused_and_named(world: World) -> None:
    second, third = another_course(world, "B"), another_course(world, "C")
    prerequisites.set_course_needs(world.teacher, second, {world.course.id: False})
    prerequisites.set_course_needs(world.teacher, third, {second.id: False})
    with pytest.raises(NeedsCircle) as refusal:
        prerequisites.set_course_needs(world.teacher, world.course, {third.id: False})
    assert refusal.value.params["path"] == "焊接机器人操作基础 → 课程C → 课程B → 焊接机器人操作基础"
    with pytest.raises(NeedsCircle):
        prerequisites.set_course_needs(world.teacher, world.course, {world.course.id: False})


def test_a_course_as_a_condition_keeps_out_until_it_is_completed_and_advice_does_not(world: World) -> None:
    lesson = world.lesson(TASK)
    later = another_course(world, "B")
    prerequisites.set_course_needs(world.teacher, later, {world.course.id: False})
    enrollment.enrol(world.classmate, later)
    prerequisites.set_course_needs(world.teacher, later, {world.course.id: True})
    with pytest.raises(FirstOther, match="焊接机器人操作基础"):
        enrollment.enrol(world.student, later)
    world.enrol()
    do(world, lesson)
    enrollment.enrol(world.student, later)


def test_a_lesson_as_a_condition_closes_the_next_one_until_it_is_done(world: World) -> None:
    one, two, three = three_lessons(world)
    prerequisites.set_lesson_needs(world.teacher, two, {one.id: True})
    prerequisites.set_lesson_needs(world.teacher, three, {one.id: False})
    with pytest.raises(LessonClosed):
        do(world, two)
    do(world, three)  # advice only
    do(world, one)
    do(world, two)
    with pytest.raises(NeedsCircle):
        prerequisites.set_lesson_needs(world.teacher, one, {two.id: True})


def test_a_lesson_taken_from_learners_holds_nobody_up(world: World) -> None:
    one, two, _three = three_lessons(world)
    prerequisites.set_lesson_needs(world.teacher, two, {one.id: True})
    services.withdraw_lesson(world.teacher, one, "旧")
    session().refresh(world.course)
    do(world, two)


def test_what_comes_first_belongs_to_the_library_or_the_course(world: World) -> None:
    lesson = world.lesson(TASK)
    with pytest.raises(NeededElsewhere):
        prerequisites.set_course_needs(world.teacher, world.course, {10**9: True})
    with pytest.raises(NeededElsewhere):
        prerequisites.set_lesson_needs(world.teacher, lesson, {10**9: True})


# ---- The promise


TODAY = dt.datetime(2026, 3, 2, 4, 0, tzinfo=dt.UTC)


def librarian(world: World, name: str) -> Any:
    return world.person(name, Role.LIBRARIAN)


def promised(world: World) -> None:
    world.lesson(TASK)
    promise.set_promise(world.teacher, world.course, dt.date(2031, 3, 2), is_national=True)


def test_a_nationally_selected_course_promises_five_years(world: World) -> None:
    world.course.published_at = TODAY
    with clock.frozen(TODAY):
        with pytest.raises(Invalid) as refusal:
            promise.set_promise(world.teacher, world.course, dt.date(2031, 3, 1), is_national=True)
        assert "2031-03-02" in str(refusal.value.problems["free_until"][0])
        promise.set_promise(world.teacher, world.course, dt.date(2031, 3, 2), is_national=True)


def test_a_promise_is_prolonged_and_never_shortened(world: World) -> None:
    world.course.published_at = TODAY
    with clock.frozen(TODAY):
        promise.set_promise(world.teacher, world.course, dt.date(2028, 1, 1), is_national=False)
        for shorter in (dt.date(2027, 12, 31), None):
            with pytest.raises(Invalid):
                promise.set_promise(world.teacher, world.course, shorter, is_national=False)
        promise.set_promise(world.teacher, world.course, dt.date(2029, 1, 1), is_national=False)
    session().refresh(world.course)
    assert queries.contents_of(world.course).terms.free_until == dt.date(2029, 1, 1)


def test_before_the_end_of_the_promise_two_other_persons_agree(world: World) -> None:
    asking, first, second = (librarian(world, name) for name in ("甲", "乙", "丙"))
    with clock.frozen(TODAY):
        promised(world)
        request = promise.request_withdrawal(asking, world.course, "教材停用")
        with pytest.raises(WithdrawalAsked):
            promise.request_withdrawal(world.teacher, world.course, "再来一次")
        with pytest.raises(OwnRequest):
            promise.approve_withdrawal(asking, request)
        with pytest.raises(NotAllowed):
            promise.approve_withdrawal(world.teacher, request)
        promise.approve_withdrawal(first, request)
        assert world.course.published_at is not None
        with pytest.raises(ApprovedAlready):
            promise.approve_withdrawal(first, request)
        promise.approve_withdrawal(second, request)
        assert (request.state, world.course.published_at) == ("done", None)
        with pytest.raises(RequestEnded):
            promise.refuse_withdrawal(second, request, "晚了")


def test_without_a_promise_the_leader_withdraws_at_once(world: World) -> None:
    with pytest.raises(Invalid):
        promise.request_withdrawal(world.teacher, world.course, "  ")
    assert promise.request_withdrawal(world.teacher, world.course, "重做").state == "done"
    assert world.course.published_at is None


def test_a_refused_request_leaves_the_course_open_and_can_be_asked_again(world: World) -> None:
    with clock.frozen(TODAY):
        promised(world)
        request = promise.request_withdrawal(world.teacher, world.course, "旧了")
        promise.refuse_withdrawal(librarian(world, "乙"), request, "还有三个班在学。")
        assert world.course.published_at is not None
        again = promise.request_withdrawal(world.teacher, world.course, "班级都结束了")
        promise.take_back_request(world.teacher, again)
        assert again.state == "taken_back"


def test_learners_of_a_withdrawn_course_hear_why_and_keep_what_they_did(world: World) -> None:
    lesson = world.lesson(TASK)
    world.enrol()
    assert impact_of(world.course).midway == 1
    promise.request_withdrawal(world.teacher, world.course, "标准更新")
    for look in (
        lambda: queries.course_head(world.course.uuid, world.student),
        lambda: queries.course_of_lesson(lesson.uuid, world.student),
    ):
        with pytest.raises(CourseWithdrawn, match="标准更新"):
            look()
    with pytest.raises(NotFound):
        queries.course_head(another_unpublished(world).uuid, world.student)
    with pytest.raises(NotOpen):
        enrollment.enrol(world.classmate, world.course)
    assert queries.course_head(world.course.uuid, world.teacher).is_public is False
    courses.publish_course(world.teacher, world.course)
    assert queries.course_head(world.course.uuid, world.student).is_public
    assert enrollment.place_of(world.student, world.course).withdrawn_at is None


def another_unpublished(world: World) -> Any:
    course = another_course(world, "NEW")
    course.published_at = None
    session().flush()
    return course


def test_the_checklist_names_everything_at_once(world: World) -> None:
    draft = another_unpublished(world)
    lesson = services.create_lesson(world.teacher, services.add_module(world.teacher, draft, "一"), "草稿")
    hidden = another_course(world, "HID")
    hidden.published_at = None
    session().flush()
    prerequisites.set_course_needs(world.teacher, draft, {hidden.id: True})
    completion.set_completion(world.teacher, draft, "named", lesson_ids=[lesson.id])
    assert len(courses.course_problems(draft)) == 4


# ---- The team


def test_rights_follow_the_role(world: World) -> None:
    people = {role: world.person(role, Role.TEACHER) for role in ("teacher", "assistant", "editor")}
    for role, person in people.items():
        team.add_member(world.teacher, world.course, person, role)
    people["leader"] = world.teacher
    rights = {
        role: tuple(
            ask(person, world.course)
            for ask in (policy.can_build, policy.can_teach, policy.can_lead, policy.can_assist)
        )
        for role, person in people.items()
    }
    assert rights == {
        "leader": (True, True, True, True), "teacher": (True, True, False, True),
        "assistant": (False, False, False, True), "editor": (True, False, False, False),
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        team.remove_member(people["teacher"], world.course, people["editor"])


def test_a_course_always_has_one_leader(world: World) -> None:
    with pytest.raises(LeaderStays):
        team.change_role(world.teacher, world.course, world.teacher, "editor")
    with pytest.raises(LeaderStays):
        team.remove_member(world.teacher, world.course, world.teacher)
    team.add_member(world.teacher, world.course, world.colleague, "leader")
    assert [(m.user.name, m.role) for m in world.course.team] == [("陈默川", "leader"), ("林知遥", "teacher")]


def test_a_team_takes_teachers_once_and_of_any_unit(world: World) -> None:
    from courseware.accounts import services as accounts

    firm = accounts.create_unit("firm", "明途机器人公司", "enterprise")
    engineer = accounts.create_user("eng@example.org", "高工", unit=firm, roles=[Role.TEACHER])
    assert [p.name for p in team.find_people(world.teacher, world.course, "明途")] == ["高工"]
    team.add_member(world.teacher, world.course, engineer, "teacher")
    assert not team.find_people(world.teacher, world.course, "明途"), "who is in the team is not offered again"
    with pytest.raises(InTeamAlready):
        team.add_member(world.teacher, world.course, engineer, "editor")
    with pytest.raises(Invalid):
        team.add_member(world.teacher, world.course, world.student, "editor")
    with pytest.raises(NotFound):
        team.change_role(world.teacher, world.course, world.colleague, "editor")
    team.add_member(world.teacher, world.course, world.colleague, "editor")
    team.move_member(world.teacher, world.course, world.colleague, -1)
    assert [m.user.name for m in world.course.team] == ["林知遥", "陈默川", "高工"]
