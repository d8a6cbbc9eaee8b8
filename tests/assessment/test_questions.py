"""No question reaches a bank unread, and none is changed in it (R36, R37)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from courseware.assessment import services
from courseware.assessment.models import Question
from courseware.assessment.services import DuplicateQuestion, QuestionKeyTaken
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from tests.catalog.world import World


def publish(world: World, author: Any, reviewer: Any, key: str = "q1", stem: str = "枪角是多少？") -> Question:
    return services.publish_question(world.course, key, "single", world.points[:1], author, reviewer, stem=stem)


def test_nobody_publishes_a_question_they_wrote(world: World) -> None:
    both = world.person("甲", Role.TEACHER, Role.REVIEWER)
    with pytest.raises(NotAllowed):
        publish(world, both, both)
    assert publish(world, world.teacher, both).reviewer_id == both.id


def test_a_question_needs_somebody_who_reviews(world: World) -> None:
    for person in (world.colleague, world.student):
        with pytest.raises(NotAllowed):
            publish(world, world.teacher, person)
    assert session().scalars(select(Question)).all() == []


def test_a_published_question_is_not_published_again_over_itself(world: World) -> None:
    reviewer = world.person("审核员", Role.REVIEWER)
    first = publish(world, world.teacher, reviewer)
    with pytest.raises(QuestionKeyTaken):
        publish(world, world.teacher, reviewer, stem="改过的题干")
    with pytest.raises(DuplicateQuestion):
        publish(world, world.teacher, reviewer, key="q2")
    assert (first.stem, publish(world, world.teacher, reviewer, key="q2", stem="另一道").key) == ("枪角是多少？", "q2")
