"""M8 question bank coverage, M9 core courses, M15 graph coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from courseware.monitoring.facts import CourseFact, Facts, QuestionFact, StandardFact
from courseware.monitoring.indicators.once import once
from courseware.monitoring.indicators.stock import published
from courseware.monitoring.results import Tally

QUESTIONS_FOR_QUALITY = 3
MOVING = frozenset({"video", "animation"})


def core_courses(facts: Facts) -> list[CourseFact]:
    """The core courses of the current plan that the register held at the moment."""
    moment = facts.period.moment(facts.now)
    return [
        course for course in facts.courses
        if course.kind == "core" and course.is_in_plan and (course.created_at is None or course.created_at < moment)
    ]  # fmt: skip


@once
def bank(facts: Facts) -> list[QuestionFact]:
    """The published questions, equal content of one course and kind counted once."""
    moment = facts.period.moment(facts.now)
    live = [q for q in facts.questions if q.is_live(moment)]
    return list({(q.course_id, q.kind, q.content_hash or f"#{q.id}"): q for q in reversed(live)}.values())


@once
def questions_by_point(facts: Facts) -> Counter[tuple[int, int]]:
    """Published questions for each (course, point)."""
    return Counter((q.course_id, point) for q in bank(facts) for point in set(q.point_ids))


@once
def taught_points(facts: Facts) -> set[int]:
    """Points with at least one published resource."""
    return {p for r, _ in published(facts) for p in r.point_ids}


@once
def moving_points(facts: Facts) -> set[int]:
    """Points with at least one published video or animation."""
    return {p for r, _ in published(facts) if r.type in MOVING for p in r.point_ids}


def m8_a(facts: Facts) -> Tally:
    """Official reading: one question is enough."""
    return _bank(facts, 1)


def m8_b(facts: Facts) -> Tally:
    """Quality signal: three questions."""
    return _bank(facts, QUESTIONS_FOR_QUALITY)


def m8_objective(facts: Facts) -> Tally:
    """Questions that a machine can mark."""
    return _pick({q.id: q.is_objective for q in bank(facts)}, "objective", "subjective")


def m9_a(facts: Facts) -> Tally:
    """Complete standard courses."""
    complete = {course.id: missing_of(facts, course) for course in core_courses(facts)}
    return Tally(
        {key: "complete" for key, missing in complete.items() if not missing},
        {key: missing[0] for key, missing in complete.items() if missing},
        claimed=m9_b(facts).ratio(),
    )


def m9_b(facts: Facts) -> Tally:
    """Published course pages."""
    moment = facts.period.moment(facts.now)
    return _pick(
        {c.id: c.published_at is not None and c.published_at < moment for c in core_courses(facts)}, "page", "no_page"
    )


def m15_a(facts: Facts) -> Tally:
    """Points with a resource."""
    taught = taught_points(facts)
    return _pick({p: p in taught for p in _points(facts)}, "resource", "no_resource")


def m15_b(facts: Facts) -> Tally:
    """Points mapped to a post."""
    moment = facts.period.moment(facts.now)
    return _pick({p.id: p.has_post for p in facts.points if p.created_at < moment}, "post", "no_post")


def missing_of(facts: Facts, course: CourseFact) -> list[str]:
    """What a core course lacks to be complete, by the order in which one would repair it (M9.A)."""
    moment = facts.period.moment(facts.now)
    standard = course.standard_at(moment)
    if standard is None or not standard.points:
        return ["no_standard"]
    lacks = {
        "unit_without_resource": not _every_unit_taught(facts, standard),
        "point_without_question": bool(_without_question(facts, course, standard)),
        "no_run": not any(start < moment for start in course.runs),
    }
    return [reason for reason, is_lacking in lacks.items() if is_lacking]


def _bank(facts: Facts, needed: int) -> Tally:
    asked = questions_by_point(facts)
    return _pick(
        {key: asked[key] >= needed for key in _standard_points(facts)},
        "question",
        "too_few" if needed > 1 else "no_question",
    )


def _standard_points(facts: Facts) -> list[tuple[int, int]]:
    moment = facts.period.moment(facts.now)
    standards = ((c.id, c.standard_at(moment)) for c in core_courses(facts))
    return [(course, point) for course, standard in standards if standard for point in standard.points]


def _every_unit_taught(facts: Facts, standard: StandardFact) -> bool:
    taught = taught_points(facts)
    return all(taught.intersection(unit) for unit in standard.units)


def _without_question(facts: Facts, course: CourseFact, standard: StandardFact) -> list[int]:
    asked = questions_by_point(facts)
    return [point for point in standard.points if not asked[course.id, point]]


def _points(facts: Facts) -> list[int]:
    moment = facts.period.moment(facts.now)
    return [p.id for p in facts.points if p.created_at < moment]


def _pick(holds: dict[int, bool] | dict[tuple[int, int], bool], yes: str, no: str) -> Tally:
    items: list[tuple[Hashable, bool]] = list(holds.items())
    return Tally({key: yes for key, is_so in items if is_so}, {key: no for key, is_so in items if not is_so})
