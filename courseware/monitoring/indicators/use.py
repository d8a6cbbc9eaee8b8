"""M5 active resources, M6 references, M14 enrolments: what the library is used for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from courseware.monitoring.facts import EnrolmentFact, Facts, LessonFact
from courseware.monitoring.indicators.accounts import test_accounts
from courseware.monitoring.indicators.lessons import effective_lessons, live_in_period
from courseware.monitoring.indicators.once import once
from courseware.monitoring.indicators.stock import live_lessons, published
from courseware.monitoring.results import Tally
from courseware.monitoring.spans import live_for

ELIGIBLE = dt.timedelta(days=30)
USERS = 3
NOBODY: frozenset[int] = frozenset()
SECOND_THOUGHT = dt.timedelta(hours=24)


@once
def eligible(facts: Facts) -> list[int]:
    """Resources live for at least 30 days of the period, at its end or not."""
    start, moment = facts.period.start, facts.period.moment(facts.now)
    return [r.id for r in facts.resources if live_for(r.spans, start, moment) >= ELIGIBLE]


@once
def users_by_resource(facts: Facts) -> dict[int, set[int]]:
    """Distinct other persons with qualified use in the period."""
    moment = facts.period.moment(facts.now)
    found: dict[int, set[int]] = defaultdict(set)
    for use in facts.uses:
        if use.at < moment:
            found[use.resource_id].add(use.user_id)
    return found


def m5_a(facts: Facts) -> Tally:
    """Three other persons."""
    return _active(facts, USERS)


def m5_b(facts: Facts) -> Tally:
    """One other person."""
    return _active(facts, 1)


def m5_c(facts: Facts) -> Tally:
    """In a lesson that is live at the moment."""
    return _split(eligible(facts), _references(live_lessons(facts)))


def m6_a(facts: Facts) -> Tally:
    """In an effective lesson."""
    return _split([r.id for r, _ in published(facts)], _references(effective_lessons(facts)))


def m6_b(facts: Facts) -> Tally:
    """In any lesson published in the period or still."""
    return _split([r.id for r, _ in published(facts)], _references(live_in_period(facts)))


def m6_c(facts: Facts) -> Tally:
    """In an effective lesson of another unit than the first author's."""
    units = {r.id: r.unit_id for r in facts.resources}
    foreign = {
        key: "lesson" for lesson in effective_lessons(facts) for key in lesson.resource_ids
        if units.get(key) != lesson.owner_unit_id
    }  # fmt: skip
    return _split([r.id for r, _ in published(facts)], foreign)


@once
def enrolments(facts: Facts) -> dict[int, EnrolmentFact]:
    """Enrolled in the period and not left within 24 hours, once per person and run; test accounts fall out."""
    moment, tests = facts.period.moment(facts.now), test_accounts(facts)
    return {e.id: e for e in facts.enrolments if e.user_id not in tests and _stayed(e, facts.period.start, moment)}


def m14_enrolments(facts: Facts) -> Tally:
    """人次."""
    left = {e.id: "left_within_24h" for e in facts.enrolments if _began(e, facts)}
    kept = enrolments(facts)
    return Tally(
        dict.fromkeys(kept, "enrolled"), excluded={k: r for k, r in left.items() if k not in kept}, excluded_counts={}
    )


def m14_persons(facts: Facts) -> Tally:
    """人."""
    return Tally({e.user_id: "enrolled" for e in enrolments(facts).values()}, excluded_counts={})


def _active(facts: Facts, needed: int) -> Tally:
    users = users_by_resource(facts)
    able = eligible(facts)
    too_young = {r.id for r, _ in published(facts)}.difference(able)
    young = dict.fromkeys(sorted(too_young), "not_eligible")
    return Tally(
        {key: str(len(users.get(key, NOBODY))) for key in able if len(users.get(key, NOBODY)) >= needed},
        {key: str(len(users.get(key, NOBODY))) for key in able if len(users.get(key, NOBODY)) < needed},
        young,
        excluded_counts=dict(facts.excluded_uses),
    )


def _references(lessons: Iterable[LessonFact]) -> dict[int, str]:
    return {key: "lesson" for lesson in lessons for key in lesson.resource_ids}


def _split(keys: Iterable[int], chosen: Mapping[int, str]) -> Tally:
    ordered = list(keys)
    return Tally(
        {key: chosen[key] for key in ordered if key in chosen},
        {key: "no_lesson" for key in ordered if key not in chosen},
    )


def _stayed(enrolment: EnrolmentFact, start: dt.datetime, moment: dt.datetime) -> bool:
    joined = [at for kind, at in enrolment.changes if kind == "enrolled" and start <= at < moment]
    left = [at for kind, at in enrolment.changes if kind == "withdrawn"]
    return any(not any(at <= gone <= at + SECOND_THOUGHT for gone in left) for at in joined)


def _began(enrolment: EnrolmentFact, facts: Facts) -> bool:
    moment = facts.period.moment(facts.now)
    return any(kind == "enrolled" and facts.period.start <= at < moment for kind, at in enrolment.changes)
