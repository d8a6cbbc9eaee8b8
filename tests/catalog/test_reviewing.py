"""Lessons are read by somebody else before learners see them, where the library asks for it (R36, R37)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import uuid as uuidlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog.models import AuditEntry
from courseware.catalog import cases, queries, reviewing, services
from courseware.catalog.comparing import ADDED, REMOVED, compare_activities
from courseware.catalog.errors import LessonEmpty, NothingToReview, OwnLesson, ReviewFirst, UnitNotLive
from courseware.catalog.models import Activity, Lesson, LessonCase
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.libraries import services as libraries
from courseware.monitoring.queries.cache import content_stamp
from courseware.resources import services as resources
from courseware.review import rulebook
from courseware.review.errors import (
    AlreadyDecided,
    ChangedMeanwhile,
    NotYourLevel,
    SameReviewerTwice,
    SameUnit,
    SelfCheckMissing,
    VerdictsContradict,
    VerdictsMissing,
)
from courseware.review.rules import Level, Rules
from courseware.review.services import ALL_PASSED
from tests.catalog.world import World, as_item
from tests.counting import statements

BACK = {**ALL_PASSED, "scientific": (False, "第二步的角度应为 45°。")}


def rule(world: World, **changes: Any) -> None:
    """The library reviews its lessons from now on, with other rules as given."""
    keeper = world.person(f"keeper{world.serial[0]}", Role.ADMINISTRATOR)
    world.serial[0] += 1
    rulebook.save(keeper, world.library, dataclasses.replace(Rules(lessons=True), **changes))


def reviewer(world: World, name: str = "审核员") -> User:
    return world.person(name, Role.REVIEWER)


def text(title: str, body: str = "正文", **more: Any) -> dict[str, Any]:
    return {"kind": "text", "title": title, "text": body, **more}


def begun(world: World, *items: Any, title: str = "枪角") -> Lesson:
    lesson = services.create_lesson(world.teacher, world.module, title)
    services.save_draft(world.teacher, lesson, [as_item(item) for item in items or (text("第一步"),)])
    return lesson


def seen_by_learners(world: World, lesson: Lesson) -> list[str]:
    session().refresh(world.course)
    facts = queries.contents_of(world.course).by_lesson.get(lesson.uuid)
    return [item.title for item in facts.items] if facts else []


def test_a_library_that_chose_nothing_publishes_lessons_as_before(world: World) -> None:
    lesson = begun(world)
    services.publish_lesson(world.teacher, lesson)
    assert seen_by_learners(world, lesson) == ["第一步"]


def test_where_lessons_are_reviewed_nobody_publishes_past_the_review(world: World) -> None:
    rule(world)
    lesson = begun(world)
    with pytest.raises(ReviewFirst):
        services.publish_lesson(world.teacher, lesson)
    assert not lesson.is_live
    assert lesson.draft_version is not None


def test_an_update_is_seen_only_when_it_is_approved_and_the_old_one_stays_meanwhile(world: World) -> None:
    lesson = world.lesson(text("旧的一步"))
    world.lesson(text("别的课"), title="旁边的课")
    rule(world)
    services.save_draft(world.teacher, lesson, [text("新的一步")])
    case = reviewing.hand_in(world.teacher, lesson)
    assert seen_by_learners(world, lesson) == ["旧的一步"]
    person, counted = reviewer(world), content_stamp()
    reviewing.decide(person, case, "approve", ALL_PASSED, level=1)
    assert seen_by_learners(world, lesson) == ["新的一步"]
    assert (case.state, lesson.published_version.num, lesson.review_version) == ("approved", 2, None)
    done = [
        word
        for word in session().scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        if word.startswith("lesson.")
    ]
    assert done[-3:] == ["lesson.hand_in", "lesson.approve", "lesson.publish"]
    assert content_stamp() != counted, "figures that were kept are counted anew"


def test_what_is_handed_in_no_longer_changes_and_edits_begin_a_new_draft(world: World) -> None:
    rule(world)
    lesson = begun(world, text("交上去的"))
    case = reviewing.hand_in(world.teacher, lesson)
    services.save_draft(world.teacher, lesson, [text("后来改的")])
    assert [a.title for a in case.version.activities] == ["交上去的"]
    reviewing.decide(reviewer(world), case, "approve", ALL_PASSED)
    assert seen_by_learners(world, lesson) == ["交上去的"]
    assert [a.title for a in lesson.draft_version.activities] == ["后来改的"], "the newer draft stays a draft"


def test_handing_in_again_takes_the_place_of_the_earlier_case_and_its_reviewer_is_told(world: World) -> None:
    rule(world)
    lesson = begun(world, text("第一稿"))
    first = reviewing.hand_in(world.teacher, lesson)
    services.save_draft(world.teacher, lesson, [text("第二稿")])
    second = reviewing.hand_in(world.teacher, lesson)
    with pytest.raises(ChangedMeanwhile):
        reviewing.decide(reviewer(world), first, "approve", ALL_PASSED, level=1)
    assert (first.state, cases.newer_than(first)) == ("withdrawn", second)
    assert seen_by_learners(world, lesson) == []


def test_a_returned_lesson_is_the_draft_again_and_its_owner_reads_why(world: World) -> None:
    rule(world)
    lesson = begun(world)
    case = reviewing.hand_in(world.teacher, lesson)
    reviewing.decide(reviewer(world), case, "return", BACK, note="先改这一处")
    assert (lesson.draft_version, lesson.review_version) == (case.version, None)
    told = cases.last_case(lesson)
    assert told is not None
    assert told.decisions[0].note == "先改这一处"
    assert ("scientific", False, "第二步的角度应为 45°。") in reviewing.as_verdicts(told.decisions[0])
    again = reviewing.hand_in(world.teacher, lesson)
    assert again.id != case.id
    assert cases.last_case(lesson) == again


def test_a_page_opened_while_a_lesson_was_read_saves_onto_what_came_back(world: World) -> None:
    rule(world)
    lesson = begun(world)
    case = reviewing.hand_in(world.teacher, lesson)
    shown = case.version.revision + 1  # what the board sends when there is no draft
    reviewing.decide(reviewer(world), case, "return", BACK)
    services.save_draft(world.teacher, lesson, [text("改好了")], shown)
    assert [a.title for a in lesson.draft_version.activities] == ["改好了"]


def test_taking_back_keeps_a_newer_draft_and_ends_the_case(world: World) -> None:
    rule(world)
    lesson = begun(world, text("第一稿"))
    case = reviewing.hand_in(world.teacher, lesson)
    services.save_draft(world.teacher, lesson, [text("第二稿")])
    reviewing.take_back(world.teacher, lesson)
    assert case.state == "withdrawn"
    assert [a.title for a in lesson.draft_version.activities] == ["第二稿"]
    with pytest.raises(AlreadyDecided):
        reviewing.take_back(world.teacher, lesson)


def test_nobody_reviews_a_lesson_they_own_handed_in_or_changed(world: World) -> None:
    rule(world)
    writers = [world.person(name, Role.TEACHER, Role.REVIEWER) for name in ("甲", "乙", "丙")]
    libraries.set_team(world.course, [(world.teacher, "leader"), *((w, "teacher") for w in writers)])
    session().refresh(world.course)
    lesson = services.create_lesson(writers[0], world.module, "三人合写")
    services.save_draft(writers[1], lesson, [text("乙写的")])
    case = reviewing.hand_in(writers[2], lesson)
    for writer in writers:
        with pytest.raises(OwnLesson):
            reviewing.decide(writer, case, "approve", ALL_PASSED)
        assert cases.queue(writer, cases.CaseFilters(mine=True)).items == []
        assert cases.queue(writer, cases.CaseFilters(mine=False)).items[0].blocked == "own"


def test_who_wrote_what_was_handed_in_wrote_the_draft_that_goes_on_from_it(world: World) -> None:
    rule(world)
    writer = world.person("甲", Role.TEACHER, Role.REVIEWER)
    libraries.set_team(world.course, [(world.teacher, "leader"), (writer, "teacher")])
    session().refresh(world.course)
    lesson = services.create_lesson(world.teacher, world.module, "接着写")
    services.save_draft(writer, lesson, [text("甲写的")])
    reviewing.hand_in(world.teacher, lesson)
    services.save_draft(world.teacher, lesson, [text("甲写的"), text("老师写的")])
    case = reviewing.hand_in(world.teacher, lesson)
    with pytest.raises(OwnLesson):
        reviewing.decide(writer, case, "approve", ALL_PASSED)


def test_people_without_a_reviewing_role_decide_nothing(world: World) -> None:
    rule(world)
    case = reviewing.hand_in(world.teacher, begun(world))
    for person in (world.student, world.colleague):
        with pytest.raises(NotAllowed):
            reviewing.decide(person, case, "approve", ALL_PASSED)
    with pytest.raises(NotAllowed):
        reviewing.hand_in(world.colleague, case.lesson)


def test_two_levels_are_taken_by_two_people_and_only_the_last_publishes(world: World) -> None:
    named = reviewer(world, "专家")
    rule(world, levels=(Level("初审", days=2), Level("终审", role="", people=(named.id,), days=3)))
    one, case = reviewer(world), reviewing.hand_in(world.teacher, begun(world))
    assert (case.due_at - case.submitted_at).days == 2
    reviewing.decide(one, case, "approve", ALL_PASSED, level=1)
    assert (case.state, case.level, case.lesson.is_live) == ("open", 2, False)
    with pytest.raises(SameReviewerTwice):
        reviewing.decide(one, case, "approve", ALL_PASSED)
    with pytest.raises(NotYourLevel):
        reviewing.decide(reviewer(world, "路人"), case, "approve", ALL_PASSED)
    with pytest.raises(AlreadyDecided):
        reviewing.decide(named, case, "approve", ALL_PASSED, level=1)
    assert (cases.counts(one)["mine"], cases.counts(named)["mine"]) == (0, 1)
    reviewing.decide(named, case, "approve", ALL_PASSED, level=2)
    assert case.lesson.is_live


def test_people_of_the_owners_unit_stay_out_where_the_rules_say_so(world: World) -> None:
    rule(world, same_unit=False)
    case = reviewing.hand_in(world.teacher, begun(world))
    with pytest.raises(SameUnit):
        reviewing.decide(reviewer(world), case, "approve", ALL_PASSED)


def test_the_second_of_two_who_decide_is_told(world: World) -> None:
    rule(world)
    case = reviewing.hand_in(world.teacher, begun(world))
    reviewing.decide(reviewer(world, "甲"), case, "approve", ALL_PASSED, level=1)
    with pytest.raises(AlreadyDecided):
        reviewing.decide(reviewer(world, "乙"), case, "return", BACK, level=1)
    assert case.lesson.is_live


@pytest.mark.parametrize(
    ("decision", "verdicts", "refusal"),
    [
        ("approve", BACK, VerdictsContradict),
        ("approve", {"political": (True, "")}, VerdictsMissing),
        ("return", {**ALL_PASSED, "norms": (False, " ")}, VerdictsMissing),
        ("reject", BACK, VerdictsMissing),
        ("", ALL_PASSED, VerdictsMissing),
    ],
    ids=["a failed dimension", "three missing", "no reason", "lessons are not refused for good", "no decision"],
)  # fmt: skip
def test_a_decision_needs_every_verdict_with_its_reason(
    world: World, decision: str, verdicts: Any, refusal: type[Exception]
) -> None:
    rule(world)
    case = reviewing.hand_in(world.teacher, begun(world))
    with pytest.raises(refusal):
        reviewing.decide(reviewer(world), case, decision, verdicts)
    assert (case.state, case.decisions) == ("open", [])


def test_handing_in_names_what_is_missing(world: World) -> None:
    rule(world)
    empty = services.create_lesson(world.teacher, world.module, "空的")
    with pytest.raises(LessonEmpty):
        reviewing.hand_in(world.teacher, empty)
    lesson = begun(world)
    with pytest.raises(SelfCheckMissing) as missing:
        reviewing.hand_in(world.teacher, lesson, self_check=["political", "norms"])
    assert set(missing.value.problems) == {"scientific", "applicability"}
    reviewing.hand_in(world.teacher, lesson)
    with pytest.raises(NothingToReview):
        reviewing.hand_in(world.teacher, lesson)


def test_a_unit_withdrawn_while_the_lesson_was_read_keeps_it_from_being_published(world: World) -> None:
    rule(world)
    resource = world.resource()
    case = reviewing.hand_in(world.teacher, begun(world, resource))
    resources.withdraw(world.person("馆员", Role.ADMINISTRATOR), resource, "过时")
    with pytest.raises(UnitNotLive):
        reviewing.decide(reviewer(world), case, "approve", ALL_PASSED)


def test_a_new_title_of_a_published_lesson_waits_for_review_as_well(world: World) -> None:
    lesson = world.lesson(text("一"), title="旧题目")
    rule(world)
    services.rename_lesson(world.teacher, lesson, "新题目")
    assert lesson.title == "旧题目"
    case = reviewing.hand_in(world.teacher, lesson)
    reviewing.decide(reviewer(world), case, "approve", ALL_PASSED)
    assert lesson.title == "新题目"


def test_when_the_rule_is_taken_away_publishing_ends_the_case_that_waits(world: World) -> None:
    rule(world)
    lesson = begun(world, text("交上去的"))
    case = reviewing.hand_in(world.teacher, lesson)
    rule(world, lessons=False)
    services.save_draft(world.teacher, lesson, [text("直接发布的")])
    services.publish_lesson(world.teacher, lesson)
    session().refresh(case)
    assert (case.state, lesson.review_version) == ("withdrawn", None)
    with pytest.raises(ChangedMeanwhile):
        reviewing.decide(reviewer(world), case, "approve", ALL_PASSED)
    assert seen_by_learners(world, lesson) == ["直接发布的"]


def test_the_queue_asks_no_more_queries_for_more_lessons(world: World, app: Any) -> None:
    rule(world)
    person = reviewer(world)
    reviewing.hand_in(world.teacher, begun(world))

    def count() -> int:
        session().flush()
        session().expire_all()
        _ = person.roles, person.unit_id
        with statements() as asked:
            for row in cases.queue(person).items:
                assert row.case.lesson.course.name
                assert row.case.lesson.owner.name
                assert row.case.version.num
        return len(asked)

    few = count()
    for n in range(6):
        reviewing.hand_in(world.teacher, begun(world, title=f"课 {n}"))
    assert (count(), len(cases.queue(person).items)) == (few, 7)


def test_pages_of_the_queue_hold_each_case_once_those_due_first(world: World) -> None:
    rule(world)
    for n in range(5):
        made = reviewing.hand_in(world.teacher, begun(world, title=f"课 {n}"))
        made.due_at = clock.now() + dt.timedelta(days=(n * 2) % 5)
    session().flush()
    person, after, found = reviewer(world), None, []
    for _page in range(4):
        page = cases.queue(person, after=after, limit=2)
        found += [row.case.id for row in page.items]
        after = page.next
        if after is None:
            break
    due = session().scalars(select(LessonCase.id).order_by(LessonCase.due_at, LessonCase.id)).all()
    assert found == list(due)


KEYS = [uuidlib.UUID(int=n) for n in range(1, 7)]
ORDERS = st.lists(st.sampled_from(KEYS), unique=True)


@given(ORDERS, ORDERS)
def test_a_comparison_shows_every_activity_once_and_the_new_ones_in_their_order(before: Any, now: Any) -> None:
    old, new = ([Activity(key=key, kind="text", title="同") for key in keys] for keys in (before, now))
    changes = compare_activities(old, new)
    shown = [change.activity.key for change in changes]
    assert len(shown) == len(set(shown))
    assert set(shown) == set(before) | set(now)
    assert [key for key in shown if key in now] == now
    assert {c.activity.key for c in changes if c.kind == ADDED} == set(now) - set(before)
    assert {c.activity.key for c in changes if c.kind == REMOVED} == set(before) - set(now)
    if before == now:
        assert {c.kind for c in changes} <= {"same"}


class TestPages:
    """What the teacher and the reviewer see and send."""

    @pytest.fixture
    def lesson(self, world: World) -> Lesson:
        made = world.lesson(text("旧的一步", "角度为四十度。"), text("要去掉的"), title="枪角")
        rule(world)
        kept = made.published_version.activities[0]
        changed = text("旧的一步", "角度为四十五度。", key=str(kept.key))
        services.save_draft(world.teacher, made, [changed, text("新的一步", "**收弧**要停半秒。")])
        session().commit()
        return made

    def hand_in(self, client: Any, world: World, lesson: Lesson) -> LessonCase:
        client.sign_in(world.teacher)
        board = client.post(f"/teach/lessons/{lesson.uuid}/publish")
        assert board.location.endswith(f"/teach/lessons/{lesson.uuid}/hand-in")
        page = client.get(board.location).get_data(as_text=True)
        assert "新的一步" in page
        assert page.count('name="check"') == 4
        half = client.post(board.location, data={"check": ["political"]})
        assert half.status_code == 422
        assert "check-norms" in half.get_data(as_text=True)
        sent = client.post(board.location, data={"check": list(ALL_PASSED)})
        assert sent.status_code == 302
        case = cases.last_case(session().scalars(select(Lesson).where(Lesson.uuid == lesson.uuid)).one())
        assert case is not None
        return case

    def test_the_whole_way_from_the_board_to_the_learner(self, client: Any, world: World, lesson: Lesson) -> None:
        person = reviewer(world)
        session().commit()
        case = self.hand_in(client, world, lesson)
        board = client.get(f"/teach/lessons/{lesson.uuid}").get_data(as_text=True)
        assert f"/review/lessons/{case.uuid}" in board
        assert "take-back" in board
        own = client.get(f"/review/lessons/{case.uuid}").get_data(as_text=True)
        assert 'name="decision"' not in own

        client.sign_in(person)
        queue = client.get("/review").get_data(as_text=True)
        assert f"/review/lessons/{case.uuid}" in queue
        assert client.get("/review/next").location.endswith(f"/review/lessons/{case.uuid}")
        page = client.get(f"/review/lessons/{case.uuid}").get_data(as_text=True)
        assert [re.search(rf'<li class="{word}"', page) is not None for word in ("added", "removed", "changed", "same")] == [True, True, True, False]  # fmt: skip
        assert "<ins>" in page
        assert "<strong>收弧</strong>" in page
        preview = client.get(f"/learn/{lesson.uuid}?preview=review").get_data(as_text=True)
        assert "新的一步" in preview
        assert "新的一步" not in client.get(f"/learn/{lesson.uuid}").get_data(as_text=True)

        asked = {"level": "1", "decision": "approve", **{f"verdict-{d}": "pass" for d in ALL_PASSED}}
        assert client.post(f"/review/lessons/{case.uuid}", data=asked).status_code == 302
        assert "新的一步" in client.get(f"/learn/{lesson.uuid}").get_data(as_text=True)
        late = client.post(f"/review/lessons/{case.uuid}", data={**asked, "note-norms": "我的话"})
        assert late.status_code == 409
        assert "我的话" in late.get_data(as_text=True)

    def test_the_board_tells_the_owner_what_was_sent_back(self, client: Any, world: World, lesson: Lesson) -> None:
        person = reviewer(world)
        session().commit()
        case = self.hand_in(client, world, lesson)
        client.sign_in(person)
        answers = {f"verdict-{d}": "pass" for d in ALL_PASSED} | {"verdict-norms": "fail"}
        bare = client.post(f"/review/lessons/{case.uuid}", data={**answers, "level": "1", "decision": "return"})
        assert bare.status_code == 422
        whole = {**answers, "level": "1", "decision": "return", "note-norms": "标题请按规范写。"}
        assert client.post(f"/review/lessons/{case.uuid}", data=whole).status_code == 302
        client.sign_in(world.teacher)
        board = client.get(f"/teach/lessons/{lesson.uuid}").get_data(as_text=True)
        assert "标题请按规范写。" in board
        assert "新的一步" in board

    def test_only_those_concerned_see_a_case_or_its_preview(self, client: Any, world: World, lesson: Lesson) -> None:
        case = self.hand_in(client, world, lesson)
        for person in (world.student, world.colleague):
            client.sign_in(person)
            assert client.get(f"/review/lessons/{case.uuid}").status_code == 404
            assert "新的一步" not in client.get(f"/learn/{lesson.uuid}?preview=review").get_data(as_text=True)

    def test_the_rules_page_offers_it_and_keeps_it(self, client: Any, world: World) -> None:
        keeper = world.person("管理", Role.ADMINISTRATOR)
        session().commit()
        client.sign_in(keeper)
        address = f"/admin/libraries/{world.library.code}/review"
        assert 'name="lessons"' in client.get(address).get_data(as_text=True)
        sent = {"levels": "1", "role-1": "reviewer", "days-1": "7", "confirm_hours": "48", "lessons": "y"}
        assert client.post(address, data=sent).status_code == 302
        assert rulebook.rules_of(world.library).lessons
