"""Effective lessons: published, opened in the period by a learner who is not the owner, and no heap (M6, M12)."""

from __future__ import annotations

from collections import defaultdict

from courseware.monitoring.facts import Facts, LessonFact
from courseware.monitoring.indicators.once import once


def live_in_period(facts: Facts) -> list[LessonFact]:
    """Lesson versions that learners saw at some time of the period."""
    moment = facts.period.moment(facts.now)
    return [
        lesson for lesson in facts.lessons
        if lesson.published_at < moment and (lesson.superseded_at is None or lesson.superseded_at > facts.period.start)
    ]  # fmt: skip


@once
def learners_by_lesson(facts: Facts) -> dict[int, set[int]]:
    """The learners who opened each lesson in the period; test accounts fall out."""
    moment = facts.period.moment(facts.now)
    opened: dict[int, set[int]] = defaultdict(set)
    for fact in facts.opens:
        person = facts.people.get(fact.user_id)
        if person and person.is_learner and not person.is_test and facts.period.start <= fact.at < moment:
            opened[fact.lesson_id].add(fact.user_id)
    return opened


@once
def effective_lessons(facts: Facts) -> list[LessonFact]:
    """Lesson versions that count as references."""
    opened = learners_by_lesson(facts)
    return [
        lesson for lesson in live_in_period(facts)
        if not lesson.is_dump and opened[lesson.lesson_id] - {lesson.owner_id}
    ]  # fmt: skip
