"""What people learned in a library, from the sums kept by day, exact to the moment.

Days whose sums are older than their events are folded here from the events, and so is the day of the moment itself
where something happened at it or after it. A late event therefore counts at once where it happened, worker or none.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, literal_column, or_, select, true

from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.libraries.models import Course
from courseware.monitoring import facts
from courseware.monitoring.periods import Period
from courseware.monitoring.rollups.folding import Sums
from courseware.monitoring.rollups.reading import MOMENT, WAITING, each_day
from courseware.monitoring.rollups.tables import CourseDay, PersonDay, ResourceDay, UncreditedDay
from courseware.progress.days import day_of, start_of
from courseware.progress.models import DueDay, LearningEvent
from courseware.resources.models import Resource, ResourceVersion

# As the partial indexes say it.
OPENED: ColumnElement[str] = literal_column("'opened_lesson'")
SIGNED_IN: ColumnElement[str] = literal_column("'signed_in'")
ENDS = ("starts_at", "ends_at")


class Learned:
    """The learning of one library in one period as known at `now`; each group is read once, when first asked.

    With a person or a resource, only their part of it: the very facts that the figures count them by.
    """

    def __init__(
        self, library_id: int, period: Period, now: dt.datetime, *, user_id: int | None = None, resource_id: int | None = None
    ) -> None:  # fmt: skip
        self.library_id, self.period, self.moment = library_id, period, period.moment(now)
        self.user_id, self.resource_id = user_id, resource_id
        self.first, self.after = day_of(period.start), day_of(period.end)
        self.cut = day_of(self.moment)

    @cached_property
    def opens(self) -> list[facts.OpenFact]:
        """The first time that each person opened each lesson."""
        query = select(LearningEvent.lesson_id, LearningEvent.user_id, func.min(LearningEvent.occurred_at))
        query = query.join(Lesson, Lesson.id == LearningEvent.lesson_id).join(Course, Course.id == Lesson.course_id)
        query = query.where(Course.library_id == self.library_id, LearningEvent.verb == OPENED, self._inside())
        rows = plain_rows(
            query.where(LearningEvent.excluded == "").group_by(LearningEvent.lesson_id, LearningEvent.user_id)
        )
        return list(map(facts.OpenFact._make, rows))

    @cached_property
    def sign_ins(self) -> dict[int, dt.datetime]:
        """The first time that each person signed in."""
        query = select(LearningEvent.user_id, func.min(LearningEvent.occurred_at))
        query = query.where(LearningEvent.verb == SIGNED_IN, self._inside()).group_by(LearningEvent.user_id)
        return dict(plain_rows(query))

    @cached_property
    def uses(self) -> list[facts.UseFact]:
        """The first qualified use of each resource by each person."""
        table = ResourceDay
        query = select(table.resource_id, table.user_id, func.min(table.used_at)).where(table.used_at.is_not(None))
        query = query.where(self._of_library(table), self._kept(table)).group_by(table.resource_id, table.user_id)
        first = {(resource, user): at for resource, user, at in plain_rows(query)}
        for row in self._fresh.resources:
            pair, at = (row["resource_id"], row["user_id"]), row["used_at"]
            if at is not None:
                first[pair] = min(first.get(pair, at), at)
        return [facts.UseFact(*pair, at) for pair, at in first.items()]

    @cached_property
    def excluded_uses(self) -> dict[str, int]:
        """Events that do not count, by reason."""
        table = UncreditedDay
        query = select(table.reason, func.sum(table.events)).where(self._of_library(table), self._kept(table))
        counts = Counter({reason: int(events) for reason, events in plain_rows(query.group_by(table.reason))})
        for row in self._fresh.uncredited:
            counts[row["reason"]] += row["events"]
        return dict(sorted(counts.items()))

    def uncredited(self) -> list[tuple[int, int, str, int, int, int, float]]:
        """What does not count, as (person, resource, reason, first day, last day, events, seconds); days of days.py."""
        table = UncreditedDay
        sums = func.min(table.day), func.max(table.day), func.sum(table.events), func.sum(table.seconds)
        query = select(table.user_id, table.resource_id, table.reason, *sums).where(self._of_library(table))
        query = query.where(self._kept(table)).group_by(table.user_id, table.resource_id, table.reason)
        found = {row[:3]: row[3:] for row in plain_rows(query)}
        for row in self._fresh.uncredited:
            key = (row["user_id"], row["resource_id"], row["reason"])
            first, last, events, seconds = found.get(key, (row["day"], row["day"], 0, 0.0))
            days = min(first, row["day"]), max(last, row["day"])
            found[key] = (*days, events + row["events"], seconds + row["seconds"])
        return [(*key, *sums) for key, sums in sorted(found.items())]

    @cached_property
    def sessions(self) -> list[facts.SessionFact]:
        """Stretches of attention, each second once within a day."""
        table = PersonDay
        query = select(table.user_id, table.day, table.stretches, table.first_at).order_by(table.day, table.user_id)
        rows = plain_rows(query.where(table.library_id == self.library_id, self._kept(table)))
        fresh = ((row["user_id"], row["day"], row["stretches"], row["first_at"]) for row in self._fresh.persons)
        return [fact for row in (*rows, *fresh) for fact in _sessions(*row)]

    @cached_property
    def watches(self) -> list[facts.WatchFact]:
        """Credited parts of media with a known length, by the day: the length is that of the version watched."""
        table = ResourceDay
        query = select(table.user_id, table.resource_id, table.day, table.parts, ResourceVersion.duration_s)
        query = query.join(ResourceVersion, ResourceVersion.id == table.version_id).where(
            ResourceVersion.duration_s > 0
        )
        query = query.where(self._of_library(table), self._kept(table)).order_by(table.day, table.version_id)
        lengths = self._lengths()
        fresh = [
            (row["user_id"], row["resource_id"], row["day"], row["parts"], lengths[row["version_id"]])
            for row in sorted(self._fresh.resources, key=lambda row: (row["day"], row["version_id"]))
            if row["version_id"] in lengths
        ]
        return [
            facts.WatchFact(user, resource, start_of(day), start, end, length)
            for user, resource, day, parts, length in (*plain_rows(query), *fresh)
            for start, end in parts
        ]

    @cached_property
    def visits(self) -> list[facts.VisitFact]:
        """Visits to the library's courses, day by day."""
        table = CourseDay
        query = select(table.user_id, table.course_id, table.day, table.visits).where(self._kept(table))
        query = query.where(table.course_id.in_(self._courses())).order_by(table.day, table.user_id)
        fresh = ((row["user_id"], row["course_id"], row["day"], row["visits"]) for row in self._fresh.courses)
        return [
            facts.VisitFact(user, course, _moment(day, start), _moment(day, end), pages)
            for user, course, day, found in (*plain_rows(query), *fresh)
            for start, end, pages in found
        ]

    def count_events(self) -> tuple[int, int]:
        """Events that count, and those that do not."""
        table = PersonDay
        query = select(func.sum(table.counted), func.sum(table.uncounted)).where(table.library_id == self.library_id)
        counted, uncounted = session().execute(query.where(self._kept(table))).one()
        fresh = self._fresh.persons
        return (
            int(counted or 0) + sum(row["counted"] for row in fresh),
            int(uncounted or 0) + sum(row["uncounted"] for row in fresh),
        )

    @cached_property
    def _fresh(self) -> Sums:
        """Sums of the days that have none that can be used, for this library."""
        sums = Sums()
        for wanted in self._unkept():
            for day in each_day(session().connection(), wanted, self.moment):
                sums.resources += [row for row in day.resources if row["resource_id"] in self._own_resources]
                sums.persons += [row for row in day.persons if row["library_id"] == self.library_id]
                sums.uncredited += [row for row in day.uncredited if row["resource_id"] in self._own_resources]
                sums.courses += [row for row in day.courses if row["course_id"] in self._own_courses]
        return sums

    @cached_property
    def _own_resources(self) -> set[int]:
        own = select(Resource.id).where(Resource.library_id == self.library_id)
        return set(session().scalars(own.where(_is(Resource.id, self.resource_id))))

    @cached_property
    def _own_courses(self) -> set[int]:
        return set(session().scalars(self._courses()))

    def _unkept(self) -> Iterator[Select[Any]]:
        """The days that wait; and, on the day of the moment, those of people who did something at it or after it."""
        waiting = WAITING.where(self._days(DueDay), DueDay.starts_at < self.moment, _is(DueDay.user_id, self.user_id))
        yield waiting.where(self._is_about_library())
        if self.cut < self.after:
            ends = (start_of(self.cut + n) for n in (0, 1))
            query = select(
                PersonDay.user_id, *(literal(at, MOMENT).label(name) for at, name in zip(ends, ENDS, strict=True))
            )
            query = query.where(PersonDay.library_id == self.library_id, self._is_cut(PersonDay))
            query = query.where(_is(PersonDay.user_id, self.user_id))
            yield query.where(~exists().where(DueDay.user_id == PersonDay.user_id, DueDay.day == PersonDay.day))

    def _kept(self, table: Any) -> ColumnElement[bool]:
        """Rows whose sums can be used as they are."""
        is_due = exists().where(DueDay.user_id == table.user_id, DueDay.day == table.day)
        before = self._days(table) & (table.day <= self.cut) & ~is_due & _is(table.user_id, self.user_id)
        if self.cut >= self.after:
            return before
        if start_of(self.cut) == self.moment:
            return before & (table.day < self.cut)
        cut = exists().where(
            PersonDay.user_id == table.user_id, PersonDay.library_id == self.library_id, self._is_cut(PersonDay)
        ) if table is not PersonDay else table.last_at >= self.moment  # fmt: skip
        return before & or_(table.day < self.cut, ~cut)

    def _is_cut(self, table: Any) -> ColumnElement[bool]:
        return and_(table.day == self.cut, table.last_at >= self.moment)

    def _is_about_library(self) -> ColumnElement[bool]:
        """Whether something happened in this library on the day that waits; other people's days are not folded for it."""
        event = LearningEvent
        mine = (event.user_id == DueDay.user_id) & (event.occurred_at >= DueDay.starts_at)
        query = select(event.id).where(mine, event.occurred_at < DueDay.ends_at)
        query = query.outerjoin(Resource, Resource.id == event.resource_id).outerjoin(
            Course, Course.id == event.course_id
        )
        here = or_(Resource.library_id == self.library_id, Course.library_id == self.library_id)
        return query.where(here).correlate(DueDay).exists()

    def _days(self, table: Any) -> ColumnElement[bool]:
        return and_(table.day >= self.first, table.day < self.after)

    def _of_library(self, table: Any) -> ColumnElement[bool]:
        own = table.resource_id.in_(select(Resource.id).where(Resource.library_id == self.library_id))
        return own & _is(table.resource_id, self.resource_id)

    def _courses(self) -> Select[Any]:
        return select(Course.id).where(Course.library_id == self.library_id)

    def _inside(self) -> ColumnElement[bool]:
        at = LearningEvent.occurred_at
        return (at >= self.period.start) & (at < self.period.end) & _is(LearningEvent.user_id, self.user_id)

    def _lengths(self) -> Mapping[int, float]:
        """Lengths of the versions that the freshly folded days are about."""
        wanted = {row["version_id"] for row in self._fresh.resources if row["parts"]}
        query = select(ResourceVersion.id, ResourceVersion.duration_s).where(ResourceVersion.duration_s > 0)
        return dict(plain_rows(query.where(ResourceVersion.id.in_(wanted)))) if wanted else {}


def _moment(day: int, milliseconds: int) -> dt.datetime:
    return start_of(day) + dt.timedelta(milliseconds=milliseconds)


def _sessions(
    user: int, day: int, stretches: Iterable[tuple[int, int]], first_at: dt.datetime | None
) -> Iterator[facts.SessionFact]:
    begins, is_empty = start_of(day), True
    for start, end in stretches:
        is_empty = False
        yield facts.SessionFact(user, begins + dt.timedelta(milliseconds=start), (end - start) / 1000)
    if is_empty and first_at is not None:
        yield facts.SessionFact(user, first_at, 0.0)


def _is(column: Any, wanted: int | None) -> ColumnElement[bool]:
    """The one that is asked for; everything where none is."""
    return true() if wanted is None else column == wanted


def plain_rows(query: Any) -> Any:
    """Rows of columns, past the session's loading of objects: hundreds of thousands come this way."""
    session().flush()
    return session().connection().execute(query).all()
