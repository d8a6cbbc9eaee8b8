"""Where the items of a list belong: to which course, and to which units of the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courseware.monitoring.definitions import Definition
from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators.coverage import counting_rosters, entries_of

NOWHERE: tuple[int | None, ...] = (None,)
Courses = Mapping[Any, int | None]
Units = Mapping[Any, tuple[int | None, ...]]


@dataclass(frozen=True)
class Homes:
    """The course and the units of each item, by the subject of the list it stands in."""

    courses: Mapping[str, Courses]
    units: Mapping[str, Units]

    @classmethod
    def read(cls, facts: Facts) -> Homes:
        """From the facts of the figures themselves."""
        return cls(_courses(facts), _units(facts))

    def course_of(self, subject: str, key: Any) -> int | None:
        """The course of one item, None where it has none."""
        if subject == "standard_point":
            return int(key[0])
        if subject == "pair":
            return int(key[1])
        if subject == "year":
            return self.courses["resource"].get(key[1])
        return int(key) if subject == "course" else self.courses.get(subject, {}).get(key)

    def units_of(self, subject: str, key: Any) -> tuple[int | None, ...]:
        """The units of one item: several for a person on several rosters; (None,) for one outside the library's units."""
        if subject in ("pair", "watch"):
            return self.units["person"].get(key[0], NOWHERE)
        if subject == "year":
            return self.units["resource"].get(key[1], NOWHERE)
        return self.units.get(subject, {}).get(key, NOWHERE)


def has_courses(definition: Definition) -> bool:
    """Whether the items of a figure belong to courses."""
    return definition.subject in ("resource", "standard_point", "course", "version", "enrolment", "point", "question")


def _courses(facts: Facts) -> dict[str, Courses]:
    resources: dict[Any, int | None] = {r.id: r.course_id for r in facts.resources}
    lessons = {("lesson", lesson.lesson_id): lesson.course_id for lesson in facts.lessons}
    return {
        "resource": resources | lessons,
        "version": {v.id: r.course_id for r in facts.resources for v in r.versions},
        "enrolment": {e.id: e.course_id for e in facts.enrolments},
        "question": {q.id: q.course_id for q in facts.questions},
        "point": _course_of_point(facts),
    }


def _course_of_point(facts: Facts) -> dict[Any, int | None]:
    moment = facts.period.moment(facts.now)
    found: dict[Any, int | None] = {}
    for course in facts.courses:
        standard = course.standard_at(moment)
        for point in standard.points if standard else ():
            found.setdefault(point, course.id)
    return found


def _units(facts: Facts) -> dict[str, Units]:
    """Only units of the library; a resource belongs to the unit of its author, a person on no roster to the own unit."""
    known = {unit.id: (unit.id,) for unit in facts.units}

    def home(unit_id: int | None) -> tuple[int | None, ...]:
        return known.get(unit_id or 0, NOWHERE)

    resources: dict[Any, tuple[int | None, ...]] = {r.id: home(r.unit_id) for r in facts.resources}
    lessons = {("lesson", lesson.lesson_id): home(lesson.owner_unit_id) for lesson in facts.lessons}
    people = {person.id: home(person.unit_id) for person in facts.people.values()}
    return {
        "resource": resources | lessons,
        "version": {v.id: home(r.unit_id) for r in facts.resources for v in r.versions},
        "person": people,
        "enrolment": {e.id: people.get(e.user_id, NOWHERE) for e in facts.enrolments},
        "roster": _units_on_rosters(facts),
    }


def _units_on_rosters(facts: Facts) -> dict[Any, tuple[int | None, ...]]:
    found: dict[Any, tuple[int | None, ...]] = {}
    for unit_id, roster in counting_rosters(facts).items():
        for entry in dict.fromkeys(entries_of(roster)):
            found[entry] = (*found.get(entry, ()), unit_id)
    return found
