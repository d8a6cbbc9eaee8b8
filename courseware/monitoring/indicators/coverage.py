"""M12 application coverage: who on the rosters was really reached."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import Facts, RosterFact
from courseware.monitoring.indicators.accounts import is_test, test_accounts
from courseware.monitoring.indicators.lessons import count_others, effective_lessons, learners_by_lesson
from courseware.monitoring.indicators.once import once, whole_of
from courseware.monitoring.results import FAIL, NOT_APPLICABLE, PASS, Group, Tally

DAYS, SECONDS, LEARNERS = 3, 60 * 60, 5
THRESHOLD = 80
DAY_S = 24 * 60 * 60
SHANGHAI_S = 8 * 60 * 60  # China keeps one time without summer time; counting days this way is ten times faster
THURSDAY = 3  # day 0 was one: weeks begin on Monday
STUDENT, TEACHER = "student", "teacher"
Person = int | str
Entry = tuple[str, Person]


class Effort(NamedTuple):
    """What one person did in the period: days, and seconds credited once across tabs and devices."""

    days: int
    weeks: int
    seconds: float


Growth = tuple[list[float], list[Effort]]
"""When each stretch of a person began, in rising order, and what the person had done with it and all before it."""


@once
def efforts_of(facts: Facts) -> dict[int, Effort]:
    """What everybody did in the period up to the moment: a day counts with attention or a qualified event."""
    before = facts.period.moment(facts.now).timestamp()
    cut = ((person, bisect_left(starts, before), efforts) for person, (starts, efforts) in _growths(whole_of(facts)))
    return {person: efforts[n - 1] for person, n, efforts in cut if n}


@once
def _growths(facts: Facts) -> list[tuple[int, Growth]]:
    """Each person's effort as it grew: worked out once for all moments of the period."""
    by_person: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for session in facts.sessions:
        if session.seconds > 0 or session.is_qualified:
            start = session.at.timestamp()
            by_person[session.user_id].append((start, start + session.seconds))
    return [(person, _growth(sorted(mine, key=_start))) for person, mine in by_person.items()]


def _growth(stretches: list[tuple[float, float]]) -> Growth:
    """Days, weeks and seconds that at least one stretch covers, after each stretch; they come in the order of time."""
    efforts: list[Effort] = []
    days, weeks, last_day, last_week, seconds, reached = 0, 0, -1, -1, 0.0, 0.0
    for start, end in stretches:
        day = int(start + SHANGHAI_S) // DAY_S
        if day != last_day:
            week = (day + THURSDAY) // 7
            days, weeks = days + 1, weeks + (week != last_week)
            last_day, last_week = day, week
        if end > reached:
            seconds += end - max(start, reached)
            reached = end
        efforts.append(Effort(days, weeks, seconds))
    return [start for start, _end in stretches], efforts


def _start(stretch: tuple[float, float]) -> float:
    return stretch[0]


def covered_students(facts: Facts) -> dict[int, str]:
    """3 days and 60 effective minutes, or one library course completed; with which of the two."""
    moment, tests = facts.period.moment(facts.now), test_accounts(facts)
    done = {p: "completed" for p, at in _first_completions(whole_of(facts)).items() if at < moment}
    busy = {p: "days_and_time" for p, e in efforts_of(facts).items() if e.days >= DAYS and e.seconds >= SECONDS}
    return {p: reason for p, reason in (done | busy).items() if p not in tests}


@once
def _first_completions(facts: Facts) -> dict[int, dt.datetime]:
    """When each person first completed a course of the library in the period."""
    first: dict[int, dt.datetime] = {}
    for enrolment in facts.enrolments:
        for kind, at in enrolment.changes:
            if kind == "completed" and at >= facts.period.start:
                first[enrolment.user_id] = min(at, first.get(enrolment.user_id, at))
    return first


def covered_teachers(facts: Facts) -> dict[int, str]:
    """Owners of an effective lesson with library resources that 5 learners opened in the period."""
    opened = learners_by_lesson(facts)
    reached = (lesson for lesson in effective_lessons(facts) if lesson.resource_ids)
    return {
        lesson.owner_id: "lesson" for lesson in reached
        if count_others(opened, lesson) >= LEARNERS and not is_test(facts, lesson.owner_id)
    }  # fmt: skip


def counting_rosters(facts: Facts) -> dict[int, RosterFact]:
    """Each unit's latest census whose day lies in the period; of files for one census the latest sent."""
    inside = (r for r in facts.rosters if facts.period.contains_day(r.census_on))
    return {r.unit_id: r for r in sorted(inside, key=lambda r: (r.census_on, r.id))}


def units_without_roster(facts: Facts) -> list[int]:
    """Schools among hosts and participants that sent none: the figure is n/a then."""
    counting = counting_rosters(facts)
    return [unit.id for unit in facts.units if unit.is_school and unit.id not in counting]


def m12_a(facts: Facts) -> Tally:
    """Pooled numbers; met only when students and teachers each reach 80 %."""
    tally = m12_b(facts)
    return replace(tally, verdict=verdict_of_both(tally))


@once
def m12_b(facts: Facts) -> Tally:
    """Students and teachers together."""
    covered = {STUDENT: covered_students(facts), TEACHER: covered_teachers(facts)}
    schools = {unit.id for unit in facts.units if unit.is_school}
    rosters = {unit: roster for unit, roster in counting_rosters(facts).items() if unit in schools}
    entries = dict.fromkeys(entry for roster in rosters.values() for entry in entries_of(roster))
    tally = Tally(
        {(role, who): covered[role][who] for role, who in entries if who in covered[role]},
        {(role, who): _why_not(who) for role, who in entries if who not in covered[role]},
        withheld=NOT_APPLICABLE if units_without_roster(facts) else "",
    )
    return replace(tally, parts=_parts(facts, tally, rosters))


def entries_of(roster: RosterFact) -> Iterable[Entry]:
    """Everybody on a roster, as student or teacher; the keys of the lists of M12."""
    yield from ((STUDENT, who) for who in roster.students)
    yield from ((TEACHER, who) for who in roster.teachers)


def group_of(tally: Tally, role: str, only: Callable[[Entry], bool] = lambda _: True) -> Ratio:
    """Those covered of one role, over all of that role for whom `only` holds."""

    def size(group: Group) -> int:
        return sum(key[0] == role and only(key) for key in group)

    return Ratio(size(tally.counted), size(tally.counted) + size(tally.rest))


def _parts(facts: Facts, tally: Tally, rosters: Mapping[int, RosterFact]) -> dict[str, int | tuple[int, int]]:
    """Both groups, and both of each unit, named by the unit's name and by its key."""
    parts: dict[str, int | tuple[int, int]] = {}
    for role, word in ((STUDENT, "students"), (TEACHER, "teachers")):
        parts[word] = _pair(group_of(tally, role))
        for unit in facts.units:
            if unit.id in rosters:
                mine = set(entries_of(rosters[unit.id]))
                pair = _pair(group_of(tally, role, mine.__contains__))
                parts |= {f"{word} of {name}": pair for name in (unit.name, unit.key)}
    return parts


def _pair(ratio: Ratio) -> tuple[int, int]:
    return ratio.numerator, ratio.denominator


def verdict_of_both(tally: Tally) -> str:
    """Met only when students and teachers each reach 80 %; n/a where one of the groups is empty."""
    groups = [group_of(tally, role) for role in (STUDENT, TEACHER)]
    if any(group.denominator == 0 for group in groups):
        return NOT_APPLICABLE
    return PASS if all(group.at_least(THRESHOLD) for group in groups) else FAIL


def _why_not(who: Person) -> str:
    return "no_account" if isinstance(who, str) else "not_reached"
