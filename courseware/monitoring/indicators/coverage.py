"""M12 application coverage: who on the rosters was really reached."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import Facts, RosterFact
from courseware.monitoring.indicators.lessons import effective_lessons, learners_by_lesson
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


@dataclass(frozen=True, slots=True)
class Effort:
    """What one person did in the period: days, and seconds credited once across tabs and devices."""

    days: int
    weeks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of attention in whole numbers: begin and end in seconds, the day in Shanghai."""

    start: float
    end: float
    day: int


@once
def efforts_of(facts: Facts) -> dict[int, Effort]:
    """What everybody did in the period up to the moment: a day counts with attention or a qualified event."""
    before = facts.period.moment(facts.now).timestamp()
    cut = {
        person: mine[: bisect_left(mine, before, key=_start)] for person, mine in _stretches(whole_of(facts)).items()
    }
    return {person: _effort(mine) for person, mine in cut.items() if mine}


@once
def _stretches(facts: Facts) -> dict[int, list[Stretch]]:
    """The stretches of each person in the order of time."""
    by_person: dict[int, list[Stretch]] = defaultdict(list)
    for session in facts.sessions:
        if session.seconds > 0 or session.is_qualified:
            start = session.at.timestamp()
            by_person[session.user_id].append(Stretch(start, start + session.seconds, int(start + SHANGHAI_S) // DAY_S))
    for mine in by_person.values():
        mine.sort(key=_start)
    return by_person


def _effort(stretches: list[Stretch]) -> Effort:
    days = {stretch.day for stretch in stretches}
    weeks = {(day + THURSDAY) // 7 for day in days}
    return Effort(len(days), len(weeks), _union(stretches))


def _union(stretches: list[Stretch]) -> float:
    """Seconds that at least one stretch covers; they come in the order of time."""
    seconds, reached = 0.0, 0.0
    for stretch in stretches:
        if stretch.end > reached:
            seconds += stretch.end - max(stretch.start, reached)
            reached = stretch.end
    return seconds


def _start(stretch: Stretch) -> float:
    return stretch.start


def covered_students(facts: Facts) -> dict[int, str]:
    """3 days and 60 effective minutes, or one library course completed; with which of the two."""
    moment = facts.period.moment(facts.now)
    busy = {p: "days_and_time" for p, e in efforts_of(facts).items() if e.days >= DAYS and e.seconds >= SECONDS}
    done = {
        e.user_id: "completed" for e in facts.enrolments
        if any(kind == "completed" and facts.period.start <= at < moment for kind, at in e.changes)
    }  # fmt: skip
    return {p: reason for p, reason in (done | busy).items() if not _is_test(facts, p)}


def covered_teachers(facts: Facts) -> dict[int, str]:
    """Owners of an effective lesson with library resources that 5 learners opened in the period."""
    opened = learners_by_lesson(facts)
    reached = (lesson for lesson in effective_lessons(facts) if lesson.resource_ids)
    return {
        lesson.owner_id: "lesson" for lesson in reached
        if len(opened[lesson.lesson_id] - {lesson.owner_id}) >= LEARNERS and not _is_test(facts, lesson.owner_id)
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


def _is_test(facts: Facts, person: int) -> bool:
    known = facts.people.get(person)
    return known is not None and known.is_test
