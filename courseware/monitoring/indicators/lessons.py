"""Effective lessons: published, opened in the period by a learner who is not the owner, and no heap (M6, M12)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping

from courseware.monitoring.facts import Facts, LessonFact
from courseware.monitoring.indicators.once import once, whole_of


def live_in_period(facts: Facts) -> list[LessonFact]:
    """Lesson versions that learners saw at some time of the period."""
    moment = facts.period.moment(facts.now)
    return [
        lesson for lesson in facts.lessons
        if lesson.published_at < moment and (lesson.superseded_at is None or lesson.superseded_at > facts.period.start)
    ]  # fmt: skip


@once
def learners_by_lesson(facts: Facts) -> Mapping[int, set[int]]:
    """The learners who opened each lesson in the period; test accounts fall out."""
    before = (facts.period.moment(facts.now),)
    opened: dict[int, set[int]] = defaultdict(set)
    for lesson, opens in _opens_of_learners(whole_of(facts)).items():
        opened[lesson] = {person for _at, person in opens[: bisect_left(opens, before)]}
    return opened


@once
def _opens_of_learners(facts: Facts) -> dict[int, list[tuple[dt.datetime, int]]]:
    """When which learner opened each lesson, in the order of time: worked out once for all moments of the period."""
    learners = {key for key, person in facts.people.items() if person.is_learner and not person.is_test}
    opens: dict[int, list[tuple[dt.datetime, int]]] = defaultdict(list)
    for fact in facts.opens:
        if fact.user_id in learners and fact.at >= facts.period.start:
            opens[fact.lesson_id].append((fact.at, fact.user_id))
    for of_lesson in opens.values():
        of_lesson.sort()
    return opens


def count_others(opened: Mapping[int, set[int]], lesson: LessonFact) -> int:
    """How many learners besides its owner opened the lesson."""
    people = opened[lesson.lesson_id]
    return len(people) - (lesson.owner_id in people)


@once
def effective_lessons(facts: Facts) -> list[LessonFact]:
    """Lesson versions that count as references."""
    opened = learners_by_lesson(facts)
    return [lesson for lesson in live_in_period(facts) if not lesson.is_dump and count_others(opened, lesson)]
