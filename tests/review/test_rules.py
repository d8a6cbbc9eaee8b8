"""Rules of a library: who takes which level, what is asked, and that a case keeps the rules it was handed in under."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.resources import services as resources
from courseware.review import rulebook, services
from courseware.review.errors import (
    ChangedMeanwhile,
    Claimed,
    FlagDecided,
    NotYourLevel,
    SameReviewerTwice,
    SameUnit,
    SelfCheckMissing,
    VerdictsMissing,
)
from courseware.review.models import DIMENSIONS, Submission
from courseware.review.rules import Dimension, Level, Reference, Rules, from_json
from courseware.review.services import ALL_PASSED


def person(world: Any, name: str, *roles: Role, unit: Any = None) -> User:
    return accounts.create_user(
        f"{name}@example.org", name, unit=unit or world.author.unit, roles=roles or [Role.REVIEWER]
    )


def handed_in(world: Any, title: str = "焊枪角度", **given: Any) -> Submission:
    return services.submit(world.author, world.draft(title), commitment="已自查", **given)


def approve(who: User, case: Submission, **given: Any) -> None:
    services.decide(who, case, "approve", given.pop("verdicts", ALL_PASSED), **given)


def test_without_rules_any_reviewer_decides_at_one_level_within_seven_days(world: Any, clock: Any) -> None:
    now = clock("2026-03-02 09:00")
    case = handed_in(world)
    assert (case.levels, case.asked_role, case.due_at) == (1, "reviewer", now + dt.timedelta(days=7))
    approve(world.reviewer, case)
    assert case.version.resource.is_live


def test_levels_go_by_role_and_by_name_each_with_its_days(world: Any, clock: Any) -> None:
    expert = person(world, "expert")
    levels = (
        Level("初审", days=2),
        Level("专家审核", role="", people=(expert.id,), days=5),
        Level("终审", role="librarian", days=1),
    )
    rulebook.save(world.librarian, world.library, Rules(levels=levels))
    now = clock("2026-03-02 09:00")
    case = handed_in(world)
    assert case.due_at == now + dt.timedelta(days=2)
    with pytest.raises(NotYourLevel):
        approve(world.librarian, case)
    approve(world.reviewer, case)
    now = clock.advance(hours=30)
    assert (case.level, case.due_at.date() - now.date()) == (2, dt.timedelta(days=4))
    with pytest.raises(NotYourLevel) as refusal:
        approve(person(world, "noise"), case)
    assert "expert" in refusal.value.sentence()
    approve(expert, case)
    approve(world.librarian, case)
    assert case.state == "approved"


def test_a_case_keeps_the_rules_it_was_handed_in_under(world: Any) -> None:
    before = handed_in(world)
    rulebook.save(
        world.librarian, world.library, Rules(levels=(Level(), Level()), dimensions=(Dimension("orientation"),))
    )
    after = handed_in(world, "坐标系入门")
    assert (before.levels, after.levels) == (1, 2)
    assert rulebook.rules_of_case(before).keys == DIMENSIONS
    approve(world.reviewer, before)
    with pytest.raises(VerdictsMissing) as refusal:
        approve(world.reviewer, after)
    assert set(refusal.value.problems) == {"orientation"}
    approve(world.reviewer, after, verdicts={**ALL_PASSED, "orientation": (True, "")})
    assert after.level == 2


def test_saving_the_same_rules_makes_no_new_row_and_old_rows_stay(world: Any) -> None:
    first = rulebook.save(world.librarian, world.library, Rules(references=(Reference("地图管理条例"),)))
    assert rulebook.save(world.librarian, world.library, from_json(first.content)) is first
    second = rulebook.save(world.librarian, world.library, Rules(same_unit=False))
    assert (second.num, first.content["same_unit"]) == (2, True)


def test_rules_list_all_problems_at_once_and_only_keepers_set_them(world: Any) -> None:
    wrong = Rules(
        levels=(Level(days=0), Level(role="", people=())), dimensions=(Dimension("own-1", "安全"), Dimension("own-2", "安全")),
        references=(Reference("法", "javascript:1"),), confirm_hours=0,
    )  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        rulebook.save(world.librarian, world.library, wrong)
    assert set(refusal.value.problems) == {"level-1", "level-2", "dimensions", "references", "confirm_hours"}
    with pytest.raises(Invalid):
        rulebook.save(world.librarian, world.library, Rules(levels=(Level(role="", people=(world.student.id,)),)))
    with pytest.raises(NotAllowed):
        rulebook.save(world.reviewer, world.library, Rules())


def test_own_unit_may_be_kept_out(world: Any) -> None:
    rulebook.save(world.librarian, world.library, Rules(same_unit=False))
    case = handed_in(world)
    with pytest.raises(SameUnit):
        approve(world.reviewer, case)
    elsewhere = accounts.create_unit("far", "北山职业学院", "school")
    approve(person(world, "outside", unit=elsewhere), case)
    assert case.state == "approved"


def test_a_flagged_case_also_needs_the_reviewer_named_for_the_flag(world: Any) -> None:
    mapper = person(world, "mapper")
    rulebook.save(world.librarian, world.library, Rules(experts={"map": (mapper.id,)}))
    plain, flagged = handed_in(world), handed_in(world, "全国产业分布图", flags=["map", "minors"])
    assert (plain.levels, flagged.levels, flagged.flags) == (1, 2, ["map", "minors"])
    with pytest.raises(NotYourLevel):
        approve(world.reviewer, flagged)
    approve(mapper, flagged)
    with pytest.raises(SameReviewerTwice):
        approve(mapper, flagged)
    approve(world.reviewer, flagged)
    assert flagged.state == "approved"


def test_a_reviewer_marks_a_map_and_the_named_one_decides_before_the_last_level(world: Any) -> None:
    mapper = person(world, "mapper")
    rulebook.save(world.librarian, world.library, Rules(levels=(Level(), Level()), experts={"map": (mapper.id,)}))
    case = handed_in(world)
    approve(world.reviewer, case)
    final = person(world, "final")
    services.set_flags(final, case, ["map"])
    assert (case.levels, case.level) == (3, 2)
    with pytest.raises(NotYourLevel):
        approve(final, case)
    approve(mapper, case)
    with pytest.raises(FlagDecided):
        services.set_flags(final, case, [])
    assert case.levels == 3
    approve(final, case)
    assert case.state == "approved"


def test_every_dimension_is_self_checked_all_missing_ones_told_at_once(world: Any) -> None:
    with pytest.raises(SelfCheckMissing) as refusal:
        handed_in(world, self_check=["norms", "political"])
    assert set(refusal.value.problems) == {"scientific", "applicability"}
    assert handed_in(world, "坐标系入门", self_check=DIMENSIONS).self_check == list(DIMENSIONS)


def test_a_claim_keeps_others_out_until_it_ends_by_itself(world: Any, clock: Any) -> None:
    clock("2026-03-02 09:00")
    case, other = handed_in(world), person(world, "other")
    services.claim(world.reviewer, case)
    with pytest.raises(Claimed) as refusal:
        approve(other, case)
    assert "reviewer" in refusal.value.sentence() and "09:00" in refusal.value.sentence()  # noqa: PT018
    with pytest.raises(NotAllowed):
        services.release(other, case)
    clock.advance(minutes=31)
    services.claim(other, case)
    services.release(world.librarian, case)
    approve(world.reviewer, case)
    assert case.claimed_by_id is None


def test_librarian_names_somebody_where_nobody_is_left(world: Any) -> None:
    rulebook.save(
        world.librarian,
        world.library,
        Rules(levels=(Level(role="", people=(world.reviewer.id,)), Level(role="", people=(world.reviewer.id,)))),
    )
    case, helper = handed_in(world), person(world, "helper")
    approve(world.reviewer, case)
    with pytest.raises(SameReviewerTwice):
        approve(world.reviewer, case)
    with pytest.raises(NotAllowed):
        services.name_reviewers(helper, case, [helper])
    services.name_reviewers(world.librarian, case, [helper])
    approve(helper, case)
    assert case.state == "approved"


def test_what_changed_after_it_was_opened_is_told(world: Any) -> None:
    case = handed_in(world)
    seen = case.version.resource.lock_version
    resources.edit_metadata(world.librarian, case.version.resource, {"title": "焊枪的角度"})
    with pytest.raises(ChangedMeanwhile):
        approve(world.reviewer, case, seen=seen)
    approve(world.reviewer, case, seen=case.version.resource.lock_version)


def test_steps_of_every_flag_come_before_the_final_decision() -> None:
    rules = Rules(levels=(Level("初审"), Level("终审")), experts={"map": (1,), "ideology": (2,), "minors": ()})
    assert [s.flag or s.name for s in rules.steps(["ideology", "map", "minors"])] == ["初审", "map", "ideology", "终审"]
    assert replace(rules, levels=(Level("终审"),)).steps(["map"])[0].flag == "map"
