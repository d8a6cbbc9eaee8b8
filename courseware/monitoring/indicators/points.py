"""What each point of the core courses' standards has: resources, minutes, questions, use. What is empty is a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators.curriculum import MOVING, core_courses, questions_by_point
from courseware.monitoring.indicators.stock import published
from courseware.monitoring.indicators.use import users_by_resource
from courseware.monitoring.planning.models import MEDIA, QUESTION, RESOURCE, USE


@dataclass(frozen=True, slots=True)
class PointRow:
    """A point in a core course. `seconds`: of its published video and animation; `users`: other persons with qualified use.

    A point of two courses has a row in each: questions belong to the bank of a course, the rest is the same.
    """

    course_id: int
    point_id: int
    resources: int
    moving: int
    seconds: int
    questions: int
    users: int

    @property
    def lacks(self) -> tuple[str, ...]:
        """The empty cells, as kinds of work. Without a resource there is nothing that anybody could use."""
        empty = {
            RESOURCE: not self.resources, MEDIA: not self.moving, QUESTION: not self.questions,
            USE: bool(self.resources) and not self.users,
        }  # fmt: skip
        return tuple(kind for kind, is_empty in empty.items() if is_empty)


class _Stock(NamedTuple):
    resources: set[int]
    moving: set[int]
    seconds: list[float]


def point_rows(facts: Facts) -> list[PointRow]:
    """One row for each point of each core course's standard in force, in the order of the standards (M8.A, M15.A)."""
    moment, stock = facts.period.moment(facts.now), _stock(facts)
    asked, users = questions_by_point(facts), users_by_resource(facts)
    return [
        _row(course.id, point, stock[point], asked[course.id, point], _people(users, stock[point].resources))
        for course in core_courses(facts) if (standard := course.standard_at(moment))
        for point in standard.points
    ]  # fmt: skip


def _row(course: int, point: int, has: _Stock, questions: int, users: int) -> PointRow:
    return PointRow(course, point, len(has.resources), len(has.moving), int(sum(has.seconds)), questions, users)


def _stock(facts: Facts) -> defaultdict[int, _Stock]:
    found: defaultdict[int, _Stock] = defaultdict(lambda: _Stock(set(), set(), []))
    for resource, version in published(facts):
        for point in resource.point_ids:
            found[point].resources.add(resource.id)
            if resource.type in MOVING:
                found[point].moving.add(resource.id)
                found[point].seconds.append(version.duration_s or 0)
    return found


def _people(users: dict[int, set[int]], resources: Iterable[int]) -> int:
    found: Sequence[set[int]] = [users[key] for key in resources if key in users]
    return len(set().union(*found))
