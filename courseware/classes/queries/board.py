"""The progress board: people × lessons, minutes, last seen, points, and warnings by stated rules (R53).

Statements are built once and paged by key: page 20 of a class of a thousand costs what page 1 does.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from courseware.accounts.models import User
from courseware.catalog.queries import CourseContents, LessonFacts, contents_of
from courseware.classes.models import ClassDue, ClassDuePoint, ClassMember, TeachingClass
from courseware.classes.queries.due_points import due_points_of, points_seen
from courseware.classes.queries.people import count_people
from courseware.classes.services.classes import rules_of
from courseware.classes.warnings import DueState, EarlyWarning, Thresholds, warnings_of
from courseware.core import clock
from courseware.core.database import session
from courseware.progress.models import LessonProgress, ResourceProgress
from courseware.resources.models import ResourcePoint

PAGE, CHUNK = 30, 200
NONE, PART, DONE = "none", "part", "done"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the class."""

    id: int
    user_id: int
    uuid: uuidlib.UUID
    name: str
    number: str
    group: str
    joined_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One person on the board. `cells`: done, part or none for every lesson in teaching order."""

    member: Member
    cells: Sequence[str]
    done: int
    required: int
    minutes: int
    points: int
    last_seen: dt.datetime | None
    warnings: Sequence[EarlyWarning]

    @property
    def percent(self) -> float:
        """Per cent of what the course requires, two decimals."""
        return round(100 * self.done / self.required, 2) if self.required else 0.0

    @property
    def completed(self) -> int:
        """Lessons completed."""
        return sum(cell == DONE for cell in self.cells)

    @property
    def begun(self) -> int:
        """Lessons begun and not completed."""
        return sum(cell == PART for cell in self.cells)

    @property
    def seen_on(self) -> str:
        """When the person was seen last, in Asia/Shanghai; a page shows many, so no formatter is asked."""
        return f"{self.last_seen.astimezone(clock.REPORTING_ZONE):%Y-%m-%d %H:%M}" if self.last_seen else ""


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board. `next` is the key of the following page; `people` counts the whole class.

    `warned` counts those of whom a rule warns; None where that would mean to look beyond the page.
    """

    lessons: Sequence[LessonFacts]
    lines: Sequence[Line]
    people: int
    points: int
    rules: Thresholds
    dues: Mapping[int, dt.date]
    next: int | None = None
    warned: int | None = None


@dataclass(frozen=True, slots=True)
class LessonTotal:
    """One lesson over the whole class."""

    lesson: LessonFacts
    begun: int
    completed: int


def many(name: str) -> Any:
    """A bound list of values."""
    return bindparam(name, expanding=True)


_m, _u, _l, _r = (model.__table__ for model in (ClassMember, User, LessonProgress, ResourceProgress))
_p, _d = ResourcePoint.__table__, ClassDue.__table__
_IN_CLASS = (_m.c.class_id == bindparam("class_id")) & _m.c.left_at.is_(None)
_MEMBERS: Select[Any] = (
    select(_m.c.id, _m.c.user_id, _u.c.uuid, _u.c.name, func.coalesce(_u.c.key, ""), _m.c.group_name, _m.c.joined_at)
    .join(_u, _u.c.id == _m.c.user_id)
    .where(_IN_CLASS, _m.c.id > bindparam("after"))
    .order_by(_m.c.id)
    .limit(bindparam("limit"))
)
_CELLS = select(_l.c.user_id, _l.c.lesson_id, _l.c.done, _l.c.completed_at).where(
    _l.c.user_id.in_(many("people")), _l.c.course_id == bindparam("course_id")
)
_LAST_SEEN = (
    select(_l.c.user_id, func.max(_l.c.updated_at))
    .where(_l.c.user_id.in_(many("people")), _l.c.course_id == bindparam("course_id"))
    .group_by(_l.c.user_id)
)
_MINUTES = (
    select(_r.c.user_id, func.sum(_r.c.attention_s))
    .where(_r.c.user_id.in_(many("people")), _r.c.resource_id.in_(many("resources")))
    .group_by(_r.c.user_id)
)
_POINTS = (
    select(_r.c.user_id, func.count(func.distinct(_p.c.point_id)))
    .join(_p, _p.c.resource_id == _r.c.resource_id)
    .where(_r.c.user_id.in_(many("people")), _r.c.is_complete.is_(True), _p.c.point_id.in_(many("points")))
    .group_by(_r.c.user_id)
)
_DUES = select(_d.c.lesson_id, _d.c.group_name, _d.c.due_on).where(_d.c.class_id == bindparam("class_id"))
_DUE_LINES = select(_l.c.user_id, _l.c.lesson_id, _l.c.completed_at.is_not(None)).where(
    _l.c.user_id.in_(many("people")), _l.c.lesson_id.in_(many("lessons"))
)
_TOTALS = (
    select(_l.c.lesson_id, func.count(), func.count(_l.c.completed_at))
    .join(_m, _m.c.user_id == _l.c.user_id)
    .where(_IN_CLASS, _l.c.course_id == bindparam("course_id"))
    .group_by(_l.c.lesson_id)
)


def board_of(klass: TeachingClass, after: int = 0, limit: int = PAGE) -> Board:
    """A page of people, in the order they came into the class; ten queries however many there are."""
    members = _members(klass, after, limit + 1)
    shown = _board(klass, members[:limit], members[limit - 1].id if len(members) > limit else None)
    is_whole = not after and shown.next is None
    return replace(shown, warned=sum(bool(line.warnings) for line in shown.lines)) if is_whole else shown


def warned_in(klass: TeachingClass, after: int = 0, limit: int = PAGE) -> Board:
    """As board_of, of those only whom a rule warns of; looks through the whole class in six queries."""
    everybody = _members(klass, 0, 1_000_000)
    warned = [m for m, found in zip(everybody, _warnings(klass, everybody)[0], strict=True) if found]
    rest = [member for member in warned if member.id > after]
    shown = _board(klass, rest[:limit], rest[limit - 1].id if len(rest) > limit else None)
    return replace(shown, warned=len(warned))


def all_lines(klass: TeachingClass) -> Iterator[Line]:
    """The whole board, for an export: what the pages show, in their order."""
    after: int | None = 0
    while after is not None:
        board = board_of(klass, after, CHUNK)
        yield from board.lines
        after = board.next


def lesson_totals(klass: TeachingClass) -> list[LessonTotal]:
    """For every lesson how many of the class began and completed it; one query."""
    course = klass.run.course
    found = {row[0]: row[1:] for row in _rows(_TOTALS, class_id=klass.id, course_id=course.id)}
    return [LessonTotal(lesson, *found.get(lesson.id, (0, 0))) for lesson in contents_of(course).lessons]


def _board(klass: TeachingClass, members: Sequence[Member], following: int | None) -> Board:
    contents = contents_of(klass.run.course)
    warnings, rules, dues, seen = _warnings(klass, members)
    points = {point.id for unit in contents.units for point in unit.points}
    lines = _lines(klass, contents, members, warnings, seen, sorted(points)) if members else []
    return Board(contents.lessons, lines, count_people(klass), len(points), rules, dues, following)


def _lines(
    klass: TeachingClass, contents: CourseContents, members: Sequence[Member], warnings: Sequence[Sequence[EarlyWarning]],
    seen: Mapping[int, dt.datetime], points: Sequence[int],
) -> list[Line]:  # fmt: skip
    people, course_id, lessons = [m.user_id for m in members], klass.run.course_id, contents.lessons
    resources = sorted({i.resource_id for lesson in lessons for i in lesson.items if i.resource_id})
    cells: dict[int, dict[int, tuple[int, bool]]] = defaultdict(dict)
    for user_id, lesson_id, done, completed in _rows(_CELLS, people=people, course_id=course_id):
        cells[user_id][lesson_id] = (done, completed is not None)
    minutes = dict(map(tuple, _rows(_MINUTES, people=people, resources=resources))) if resources else {}
    mastered = dict(map(tuple, _rows(_POINTS, people=people, points=points))) if points else {}
    return [
        _line(member, lessons, contents.required, cells.get(member.user_id, {}), minutes.get(member.user_id, 0.0),
              mastered.get(member.user_id, 0), seen.get(member.user_id), found)
        for member, found in zip(members, warnings, strict=True)
    ]  # fmt: skip


def _line(
    member: Member, lessons: Sequence[LessonFacts], required: int, cells: Mapping[int, tuple[int, bool]], attention_s: float,
    points: int, last_seen: dt.datetime | None, warnings: Sequence[EarlyWarning],
) -> Line:  # fmt: skip
    shown, total = [], 0
    for lesson in lessons:
        cell = cells.get(lesson.id)
        shown.append(NONE if cell is None else DONE if cell[1] else PART)
        if cell is not None:
            total += lesson.required if cell[1] else min(cell[0], lesson.required)
    return Line(member, shown, total, required, int(attention_s / 60 + 0.5), points, last_seen, warnings)


def _warnings(
    klass: TeachingClass, members: Sequence[Member]
) -> tuple[list[list[EarlyWarning]], Thresholds, Mapping[int, dt.date], Mapping[int, dt.datetime]]:
    """The warnings of each of `members`, the thresholds, the days of the whole class by lesson, and when each person was seen
    last; six queries."""
    kept, now = rules_of(klass), clock.now()
    rules = Thresholds(kept.unseen_days, kept.behind_percent, kept.before_days)
    titles = {lesson.id: (lesson.title, lesson.title_en) for lesson in contents_of(klass.run.course).lessons}
    dues: dict[str, dict[int, dt.date]] = defaultdict(dict)
    for lesson_id, group, due_on in _rows(_DUES, class_id=klass.id):
        if lesson_id in titles:
            dues[group][lesson_id] = due_on
    people = [member.user_id for member in members]
    seen, states = _seen_and_states(klass, people, sorted({lesson for days in dues.values() for lesson in days}))
    points = _due_points(klass, people)
    found = [
        warnings_of(m.joined_at, seen.get(m.user_id), [*_dues_of(m, dues, titles, states), *points(m)], rules, now)
        for m in members
    ]
    return found, rules, dues.get("", {}), seen


def _due_points(klass: TeachingClass, people: Sequence[int]) -> Callable[[Member], list[DueState]]:
    """What says of a person which points are due and how far they are; two queries for all of them, one without points."""
    days: dict[str, dict[int, ClassDuePoint]] = defaultdict(dict)
    for due in due_points_of(klass):
        days[due.group_name][due.point_id] = due
    states = points_seen(people, sorted({point for known in days.values() for point in known}))

    def of(member: Member) -> list[DueState]:
        own = {**days.get("", {}), **(days.get(member.group, {}) if member.group else {})}
        return [
            DueState(due.point_id, due.point.name, due.due_on, (member.user_id, point) in states, states.get((member.user_id, point), False))
            for point, due in own.items()
        ]  # fmt: skip

    return of


def _dues_of(
    member: Member, dues: Mapping[str, Mapping[int, dt.date]], titles: Mapping[int, tuple[str, str]], states: Mapping[tuple[int, int], bool]
) -> list[DueState]:  # fmt: skip
    """What is due for one person: a group's own day goes before that of the class."""
    days = {**dues.get("", {}), **(dues.get(member.group, {}) if member.group else {})}
    return [
        DueState(
            lesson, titles[lesson][0], day, (member.user_id, lesson) in states,
            states.get((member.user_id, lesson), False), titles[lesson][1],
        )
        for lesson, day in sorted(days.items(), key=lambda pair: pair[1])
    ]  # fmt: skip


def _seen_and_states(
    klass: TeachingClass, people: Sequence[int], lessons: Sequence[int]
) -> tuple[dict[int, dt.datetime], dict[tuple[int, int], bool]]:
    if not people:
        return {}, {}
    seen = {row[0]: row[1] for row in _rows(_LAST_SEEN, people=people, course_id=klass.run.course_id)}
    rows = _rows(_DUE_LINES, people=people, lessons=lessons) if lessons else ()
    return seen, {(user_id, lesson_id): bool(is_done) for user_id, lesson_id, is_done in rows}


def _members(klass: TeachingClass, after: int, limit: int) -> list[Member]:
    return [Member(*row) for row in _rows(_MEMBERS, class_id=klass.id, after=after, limit=limit)]


def _rows(statement: Any, **values: Any) -> Sequence[Any]:
    """What the database answers to a statement built once; what waits in the session goes first."""
    session().flush()
    return session().connection().execute(statement, values).all()
