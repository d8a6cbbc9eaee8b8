"""The board remembers steps: undo and redo across reloads, never somebody else's; what two people saved is merged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.catalog import coediting, merging, presence, services, steps, undoing
from courseware.catalog.errors import BothChanged, LessonChanged, NothingToUndo, StepOfAnother
from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.core.database import session
from courseware.libraries import services as libraries
from tests.catalog.world import World, as_item


def titles(lesson: Lesson) -> list[str]:
    session().expire_all()
    assert lesson.draft_version is not None
    return [a.title or (a.resource.title if a.resource else "") for a in lesson.draft_version.activities]


def text(title: str, **more: Any) -> dict[str, Any]:
    return {"kind": "text", "title": title, "text": f"{title}的正文", "minutes": 5, **more}


@pytest.fixture
def lesson(world: World) -> Lesson:
    """A draft with one text, and a lesson of somebody else with steps of its own as noise."""
    noise = services.create_lesson(world.teacher, world.module, "别的课")
    services.save_draft(world.teacher, noise, [text("不相干")])
    made = services.create_lesson(world.teacher, world.module, "立向上角焊")
    services.save_draft(world.teacher, made, [text("一")])
    return made


def held(lesson: Lesson) -> list[dict[str, Any]]:
    assert lesson.draft_version is not None
    return [coediting.plain(activity) for activity in lesson.draft_version.activities]


def test_undo_and_redo_bring_back_exactly_what_was_there_with_pins_and_keys(world: World, lesson: Lesson) -> None:
    unit = world.resource()
    services.save_draft(world.teacher, lesson, [{**as_item(unit), "pinned": True}, *held(lesson)])
    full = steps.state_of(lesson.draft_version.activities)
    services.save_draft(world.teacher, lesson, [])
    assert titles(lesson) == []
    undoing.undo(world.teacher, lesson)
    assert steps.state_of(lesson.draft_version.activities) == full
    undoing.undo(world.teacher, lesson)
    assert titles(lesson) == ["一"]
    undoing.redo(world.teacher, lesson)
    undoing.redo(world.teacher, lesson)
    assert titles(lesson) == []
    with pytest.raises(NothingToUndo):
        undoing.redo(world.teacher, lesson)


def test_a_new_change_ends_what_could_be_done_again(world: World, lesson: Lesson) -> None:
    services.save_draft(world.teacher, lesson, [text("二")])
    undoing.undo(world.teacher, lesson)
    services.save_draft(world.teacher, lesson, [text("三")])
    assert undoing.can_go(world.teacher, lesson) == undoing.CanGo(back=True, forth=False)
    undoing.undo(world.teacher, lesson)
    assert titles(lesson) == ["一"]


def test_nobody_takes_back_what_somebody_else_did(world: World, lesson: Lesson) -> None:
    libraries.set_team(world.course, [(world.teacher, "leader"), (world.colleague, "teacher")])
    services.save_draft(world.colleague, lesson, [*held(lesson), text("同事的")])
    assert not undoing.can_go(world.teacher, lesson).back
    with pytest.raises(StepOfAnother, match="陈默川"):
        undoing.undo(world.teacher, lesson)
    assert titles(lesson) == ["一", "同事的"]
    undoing.undo(world.colleague, lesson)
    undoing.undo(world.teacher, lesson)
    assert titles(lesson) == []


def test_a_stale_undo_changes_nothing(world: World, lesson: Lesson) -> None:
    opened = lesson.draft_version.revision
    services.save_draft(world.teacher, lesson, [text("二")])
    with pytest.raises(LessonChanged):
        undoing.undo(world.teacher, lesson, opened)


def test_the_history_is_bounded_and_ends_with_publication(world: World, lesson: Lesson, monkeypatch: Any) -> None:
    monkeypatch.setattr(steps, "KEPT", 3)
    for n in range(6):
        services.save_draft(world.teacher, lesson, [text(str(n))])
    for _ in range(3):
        undoing.undo(world.teacher, lesson)
    assert titles(lesson) == ["2"]
    with pytest.raises(NothingToUndo):
        undoing.undo(world.teacher, lesson)
    services.publish_lesson(world.teacher, lesson)
    services.save_draft(world.teacher, lesson, [text("新")])
    undoing.undo(world.teacher, lesson)
    assert titles(lesson) == ["2"]
    assert not undoing.can_go(world.teacher, lesson).back


def test_what_two_people_changed_apart_is_both_there(world: World, lesson: Lesson) -> None:
    base, opened = held(lesson), lesson.draft_version.revision
    services.save_draft(world.teacher, lesson, [*base, text("先存的")])
    mine = [{**base[0], "title": "改了题"}, {**text("后存的"), "key": "5d6f4a4e-5b6b-4c3e-9a53-0d4a3c1d9c11"}]
    saved = coediting.save_together(world.teacher, lesson, mine, opened, base)
    assert saved.merged_with
    assert titles(lesson) == ["改了题", "后存的", "先存的"]


def test_where_both_changed_the_same_somebody_has_to_say_whose_holds(world: World, lesson: Lesson) -> None:
    base, opened = held(lesson), lesson.draft_version.revision
    services.save_draft(world.teacher, lesson, [{**base[0], "title": "他的"}])
    mine = [{**base[0], "title": "我的"}]
    with pytest.raises(BothChanged) as refusal:
        coediting.save_together(world.teacher, lesson, mine, opened, base)
    assert len(refusal.value.clashes) == 1
    assert titles(lesson) == ["他的"]
    coediting.save_together(world.teacher, lesson, mine, opened, base, "theirs")
    assert titles(lesson) == ["他的"]
    coediting.save_together(world.teacher, lesson, mine, opened, base, "mine")
    assert titles(lesson) == ["我的"]


def test_without_a_base_a_stale_save_is_refused(world: World, lesson: Lesson) -> None:
    opened = lesson.draft_version.revision
    services.save_draft(world.teacher, lesson, [text("二")])
    with pytest.raises(LessonChanged):
        coediting.save_together(world.teacher, lesson, [], opened)


def test_people_on_a_board_see_each_other_until_they_leave(world: World, lesson: Lesson) -> None:
    with clock.frozen(clock.now()):
        presence.sign_in(world.teacher, lesson, is_editing=False)
        presence.sign_in(world.colleague, lesson, is_editing=True)
        presence.sign_in(world.colleague, lesson, is_editing=False)
        assert presence.others(world.teacher, lesson) == [presence.Other("陈默川", is_editing=True)]
        assert presence.others(world.colleague, lesson) == [presence.Other("林知遥", is_editing=False)]
        later = clock.now() + presence.OPEN * 2
    with clock.frozen(later):
        assert presence.others(world.teacher, lesson) == []


# --- merging: plain values --------------------------------------------------------------------------------------------

KEYS = st.lists(st.sampled_from("abcdefgh"), unique=True)


@st.composite
def boards(draw: Any) -> list[dict[str, Any]]:
    """An order of items, each with one of a few titles in one of a few places."""
    word = st.sampled_from(["", "甲", "乙"])
    place = st.sampled_from(["", "opening", "discussion"])
    return [{"key": key, "title": draw(word), "segment": draw(place), "minutes": 1} for key in draw(KEYS)]


def normal(items: Any) -> list[dict[str, Any]]:
    return merging.merge(items, items, items).items


@given(boards(), boards())
def test_where_only_one_side_changed_its_state_comes_out(base: Any, changed: Any) -> None:
    assert merging.merge(base, base, changed) == merging.Merged(normal(changed), [])
    mine = merging.merge(base, changed, base)
    assert mine.clashes == []
    assert sorted(mine.items, key=str) == sorted(normal(changed), key=str)


@given(boards(), boards(), boards())
def test_nothing_that_one_side_added_is_lost_and_nothing_comes_twice(base: Any, mine: Any, theirs: Any) -> None:
    keys = [item["key"] for item in merging.merge(base, mine, theirs).items]
    old = {item["key"] for item in base}
    added = {item["key"] for item in [*mine, *theirs]} - old
    both = {item["key"] for item in mine} & {item["key"] for item in theirs}
    assert len(keys) == len(set(keys))
    assert added | both <= set(keys)


@given(boards(), boards(), boards())
def test_without_a_clash_it_does_not_matter_who_is_preferred(base: Any, mine: Any, theirs: Any) -> None:
    one = merging.merge(base, mine, theirs, prefer_mine=True)
    other = merging.merge(base, mine, theirs)
    assert one.clashes == other.clashes
    if not one.clashes:
        assert one.items == other.items
