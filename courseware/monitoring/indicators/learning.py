"""M14 course use: visits, media coverage, effective time, completion."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable

from courseware.core.intervals import clip, length, merge
from courseware.monitoring.facts import Facts, VisitFact
from courseware.monitoring.indicators.coverage import efforts_of
from courseware.monitoring.indicators.use import enrolments
from courseware.monitoring.results import Tally

Pair = tuple[int, int]
IDLE = dt.timedelta(minutes=30)


def m14_coverage(facts: Facts) -> Tally:
    """Watched parts, each second once, over the lengths of the (person, medium) pairs with a credited watch."""
    moment = facts.period.moment(facts.now)
    parts: dict[Pair, list[tuple[float, float]]] = defaultdict(list)
    whole: dict[Pair, float] = {}
    for watch in facts.watches:
        if watch.at < moment:
            pair = watch.user_id, watch.resource_id
            parts[pair] += clip([(watch.from_s, watch.to_s)], 0.0, watch.duration_s)
            whole[pair] = watch.duration_s
    seen = {pair: length(merge(ranges)) for pair, ranges in parts.items()}
    base = round(sum(whole.values()))
    return Tally(dict.fromkeys(parts, "watched"), numerator=round(sum(seen.values())), denominator=base, amounts=seen)


def m14_time(facts: Facts) -> Tally:
    """Effective seconds of all persons, each second of a person once."""
    found = efforts_of(facts)
    spent = {person: effort.seconds for person, effort in found.items() if effort.seconds > 0}
    return Tally(dict.fromkeys(spent, "time"), numerator=round(sum(spent.values())), excluded_counts={}, amounts=spent)


def m14_visits_a(facts: Facts) -> Tally:
    """Visits of a person to a course: another one begins after 30 idle minutes. One under way as the period begins is counted."""
    visits = count_visits(_visits(facts))
    return Tally(dict.fromkeys(visits, "visited"), numerator=visits.total(), excluded_counts={}, amounts=visits)


def count_visits(stretches: Iterable[VisitFact]) -> Counter[Pair]:
    """How often each person visited each course: stretches less than 30 idle minutes apart are one visit, over midnight too."""
    visits: Counter[Pair] = Counter()
    reached: dict[Pair, dt.datetime] = {}
    for visit in sorted(stretches, key=lambda visit: visit.at):
        pair = visit.user_id, visit.course_id
        if pair not in reached or visit.at - reached[pair] >= IDLE:
            visits[pair] += 1
        reached[pair] = max(visit.until, reached.get(pair, visit.until))
    return visits


def m14_visits_b(facts: Facts) -> Tally:
    """Pages of lessons opened, each time."""
    pages = Counter[Pair]()
    for visit in _visits(facts):
        pages[visit.user_id, visit.course_id] += visit.pages
    opened = {pair: n for pair, n in pages.items() if n}
    return Tally(dict.fromkeys(opened, "visited"), numerator=pages.total(), excluded_counts={}, amounts=opened)


def _visits(facts: Facts) -> list[VisitFact]:
    moment = facts.period.moment(facts.now)
    return [visit for visit in facts.visits if visit.at < moment]


def m14_completion_a(facts: Facts) -> Tally:
    """Completed over started."""
    pairs, begun, done = _pairs(facts), _started(facts), _completed(facts)
    started = [pair for pair in pairs if pair in begun]
    return _split(started, done)


def m14_completion_b(facts: Facts) -> Tally:
    """Completed over enrolled."""
    return _split(_pairs(facts), _completed(facts))


def _pairs(facts: Facts) -> list[Pair]:
    """(person, course) enrolled in the period, once however many runs."""
    return list(dict.fromkeys((e.user_id, e.course_id) for e in enrolments(facts).values()))


def _started(facts: Facts) -> set[Pair]:
    """With a qualified event in the course in the period."""
    moment, start = facts.period.moment(facts.now), facts.period.start
    resources = {r.id: r.course_id for r in facts.resources}
    lessons = {lesson.lesson_id: lesson for lesson in facts.lessons}
    begun = {
        (u.user_id, course) for u in facts.uses if start <= u.at < moment and (course := resources.get(u.resource_id))
    }
    for opened in facts.opens:
        lesson = lessons.get(opened.lesson_id)
        if lesson and lesson.owner_id != opened.user_id and start <= opened.at < moment:
            begun.add((opened.user_id, lesson.course_id))
    return begun


def _completed(facts: Facts) -> set[Pair]:
    moment, start = facts.period.moment(facts.now), facts.period.start
    return {
        (e.user_id, e.course_id) for e in facts.enrolments
        if any(kind == "completed" and start <= at < moment for kind, at in e.changes)
    }  # fmt: skip


def _split(pairs: list[Pair], done: set[Pair]) -> Tally:
    return Tally(
        dict.fromkeys((p for p in pairs if p in done), "completed"),
        dict.fromkeys((p for p in pairs if p not in done), "not_completed"),
    )
