"""A person's own plan of the week, and in which weeks they learned. Pure functions: they know no database.

The plan is a proposal: lessons flow into the days that are left. What was not done on a day that is over is said as it
is, counts as no debt, and its lessons simply stand on the next day (R48).
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from courseware.catalog.queries import LessonFacts
from courseware.progress.days import number_of

WEEKS = 12
LEAST_MINUTES, MOST_MINUTES = 10, 240


@dataclass(frozen=True, slots=True)
class Portion:
    """So many minutes of a lesson. `goes_on`: another day has begun it in this plan."""

    lesson: LessonFacts
    minutes: int
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class PlanDay:
    """One day of the week. `planned`: minutes the person set aside, 0 on other days. `learned`: credited minutes."""

    date: dt.date
    planned: int
    learned: int
    is_over: bool
    is_today: bool
    portions: Sequence[Portion] = ()


@dataclass(frozen=True, slots=True)
class Week:
    """The days from Monday on that are planned or on which the person learned."""

    days: Sequence[PlanDay]

    @property
    def planned(self) -> int:
        """Minutes set aside in the whole week."""
        return sum(day.planned for day in self.days)

    @property
    def learned(self) -> int:
        """Minutes learned so far, planned or not."""
        return sum(day.learned for day in self.days)


def plan_week(
    today: dt.date, weekdays: Collection[int], minutes: int, left: Iterable[tuple[LessonFacts, int]], seconds: Mapping[int, float]
) -> Week:  # fmt: skip
    """The week of `today`: `left` are lessons with the minutes they still take, in order; `seconds` learned by day (days.py).

    What was learned today is taken off today's minutes.
    """
    queue, begun = deque(left), set[int]()
    monday, days = today - dt.timedelta(days=today.weekday()), []
    for weekday in range(7):
        date = monday + dt.timedelta(days=weekday)
        learned = round(seconds.get(number_of(date), 0.0) / 60)
        planned = minutes if weekday in weekdays else 0
        free = 0 if date < today else planned - learned if date == today else planned
        if planned or learned:
            days.append(PlanDay(date, planned, learned, date < today, date == today, _fill(queue, free, begun)))
    return Week(days)


def _fill(queue: deque[tuple[LessonFacts, int]], free: int, begun: set[int]) -> list[Portion]:
    portions = []
    while queue and free > 0:
        lesson, needs = queue.popleft()
        part = min(needs, free)
        portions.append(Portion(lesson, part, lesson.id in begun))
        begun.add(lesson.id)
        free -= part
        if part < needs:
            queue.appendleft((lesson, needs - part))
    return portions


def weeks_learned(today: dt.date, days: Iterable[int]) -> list[bool]:
    """For each of the last twelve weeks, oldest first, this one last: whether the person learned on any day of it.

    A week without is a week without: nothing is reset and no row is broken by it.
    """
    monday = number_of(today - dt.timedelta(days=today.weekday()))
    found = {(monday - day + 6) // 7 for day in days}
    return [back in found for back in range(WEEKS - 1, -1, -1)]


def first_day(today: dt.date) -> int:
    """The Monday on which the twelve weeks begin, as a day of days.py."""
    return number_of(today - dt.timedelta(days=today.weekday() + 7 * (WEEKS - 1)))
