"""The list behind a figure: every item counted and not counted, with the reason, the date and the evidence.

The rows are the very sets whose sizes make the figure; only the part that is shown is looked up.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import Unit, User
from courseware.assessment.models import Question
from courseware.catalog.models import CourseRun, Lesson
from courseware.core.database import session
from courseware.enrollment.models import Enrollment
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.monitoring.indicators.satisfaction import BEST
from courseware.monitoring.periods import Period
from courseware.monitoring.results import GROUPS, IndicatorResult
from courseware.resources.models import LiveSpan, Resource, ResourceNote, ResourceVersion
from courseware.review.models import Decision, Submission

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a figure with the set and the reason it stands under."""

    group: str
    reason: str
    key: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What was measured between two versions."""

    seconds: float | None = None
    chars: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry looked up: what it is, and the evidence for where it stands. `kind` is a resource type or a role."""

    entry: Entry
    title: str
    note: str = ""
    kind: str = ""
    at: dt.datetime | None = None
    change: Change = Change()
    evidence: str = ""
    decided_by: str = ""
    uuid: uuidlib.UUID | None = None
    course_id: int | None = None
    opens: str = ""
    person_uuid: uuidlib.UUID | None = None
    amount: float | None = None
    title_en: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Ledger:
    """All entries of a figure in their order, and how many of each set."""

    result: IndicatorResult
    entries: Sequence[Entry]
    sizes: dict[str, int] = field(default_factory=dict)


def entries_of(result: IndicatorResult, only: Callable[[Any], bool] = lambda _key: True) -> Ledger:
    """The entries of a figure: counted first, then the rest, then what stands outside; those for whose keys `only` holds."""
    tally = result.tally
    found = [
        Entry(group, reason, key)
        for group in GROUPS
        for key, reason in sorted(tally.group(group).items(), key=lambda item: (item[1], str(item[0]).zfill(12)))
        if only(key)
    ]
    sizes = {group: sum(entry.group == group for entry in found) for group in GROUPS}
    return Ledger(result, found, sizes)


def look_up(result: IndicatorResult, entries: Iterable[Entry], period: Period) -> list[Row]:
    """The rows of `entries` of a figure, in their order, in a fixed number of queries for every 500."""
    wanted, amounts = list(entries), result.tally.amounts
    rows: list[Row] = []
    for start in range(0, len(wanted), CHUNK):
        rows += LOOK_UPS[result.definition.subject](wanted[start : start + CHUNK], period)
    return [replace(row, amount=amounts.get(row.entry.key)) for row in rows] if amounts else rows


def _resources(entries: Sequence[Entry], period: Period) -> list[Row]:
    lessons = {e.key[1] for e in entries if isinstance(e.key, tuple)}
    found = _by_id(Resource, [e.key for e in entries if not isinstance(e.key, tuple)], joinedload(Resource.author))
    dates = _dates_of_acts([r.id for r in found.values()], period)
    titles = _by_id(Lesson, lessons)
    return [
        _lesson_row(e, titles.get(e.key[1])) if isinstance(e.key, tuple) else _resource_row(e, found.get(e.key), dates)
        for e in entries
    ]


def _resource_row(entry: Entry, resource: Resource | None, acts: dict[int, _Act]) -> Row:
    if resource is None:
        return Row(entry, str(entry.key))
    act = acts[resource.id].about(entry.reason)
    return Row(
        entry, resource.title, f"{resource.external_id or resource.name} · {resource.author.name}".strip(" ·"), resource.type,
        act.at or resource.first_published_at, act.change, act.reason, act.decided_by, resource.uuid, resource.course_id,
        "resource", title_en=resource.title_en,
    )  # fmt: skip


def _lesson_row(entry: Entry, lesson: Lesson | None) -> Row:
    if lesson is None:
        return Row(entry, str(entry.key))
    return Row(
        entry,
        lesson.title,
        kind="lesson",
        at=lesson.first_published_at,
        uuid=lesson.uuid,
        course_id=lesson.course_id,
        opens="lesson",
    )


@dataclass(frozen=True, slots=True)
class _Act:
    """What was done to a resource in the period: the last revision, the last note, the last withdrawal."""

    at: dt.datetime | None = None
    change: Change = Change()
    reason: str = ""
    decided_by: str = ""
    noted_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None

    def about(self, reason: str) -> _Act:
        """The part that explains why an entry stands where it stands."""
        match reason:
            case "new_then_withdrawn":
                return _Act(self.withdrawn_at)
            case "revised_then_withdrawn":
                return replace(self, at=self.withdrawn_at or self.at)
            case "revised" | "minor":
                return self
            case "metadata" | "transcode" | "reupload":
                return _Act(self.noted_at)
            case _:
                return _Act()


def _dates_of_acts(ids: Sequence[int], period: Period) -> dict[int, _Act]:
    latest = {v.resource_id: v for v in session().scalars(_revisions(ids, period))}
    gone, noted = _last(_withdrawals(ids)), _last(_notes(ids, period))
    deciders = _deciders([v.id for v in latest.values()])
    return {key: _act(latest.get(key), deciders, noted.get(key), gone.get(key)) for key in ids}


def _revisions(ids: Sequence[int], period: Period) -> Any:
    query = select(ResourceVersion).where(ResourceVersion.resource_id.in_(ids), ResourceVersion.num > 1)
    query = query.where(ResourceVersion.published_at >= period.start, ResourceVersion.published_at < period.end)
    return query.order_by(ResourceVersion.num)


def _withdrawals(ids: Sequence[int]) -> Any:
    query = select(LiveSpan.resource_id, LiveSpan.ended_at).where(LiveSpan.resource_id.in_(ids))
    return query.where(LiveSpan.ended_at.is_not(None)).order_by(LiveSpan.ended_at)


def _notes(ids: Sequence[int], period: Period) -> Any:
    query = select(ResourceNote.resource_id, ResourceNote.at).where(ResourceNote.resource_id.in_(ids))
    return query.where(ResourceNote.at >= period.start, ResourceNote.at < period.end).order_by(ResourceNote.at)


def _last(query: Any) -> dict[int, dt.datetime]:
    return dict(session().execute(query).tuples().all())


def _deciders(version_ids: Sequence[int]) -> dict[int, str]:
    """Who approved each version at the last level."""
    query = select(Submission.version_id, User.name).join(Decision, Decision.submission_id == Submission.id)
    query = query.join(User, User.id == Decision.reviewer_id).where(Decision.decision == "approve")
    rows = session().execute(query.where(Submission.version_id.in_(version_ids)).order_by(Decision.level))
    return dict(rows.tuples().all())


def _act(
    version: ResourceVersion | None,
    deciders: dict[int, str],
    noted_at: dt.datetime | None,
    withdrawn_at: dt.datetime | None,
) -> _Act:
    if version is None:
        return _Act(noted_at=noted_at, withdrawn_at=withdrawn_at)
    change, decided_by = _change_of(version.measured), deciders.get(version.id, "")
    return _Act(version.published_at, change, version.reason, decided_by, noted_at, withdrawn_at)


def _change_of(measured: dict[str, Any]) -> Change:
    share, seconds = measured.get("share"), measured.get("seconds")
    return Change(seconds or None, measured.get("new_chars") or None, share)


def _courses(entries: Sequence[Entry], period: Period) -> list[Row]:
    found = _by_id(Course, [e.key for e in entries])
    return [
        Row(e, c.name, c.code, title_en=c.name_en, at=c.published_at, uuid=c.uuid, course_id=c.id, opens="course") if (c := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def _points(entries: Sequence[Entry], period: Period) -> list[Row]:
    return _point_rows(entries, lambda key: (None, key))


def _standard_points(entries: Sequence[Entry], period: Period) -> list[Row]:
    return _point_rows(entries, lambda key: key)


def _point_rows(entries: Sequence[Entry], split: Callable[[Any], tuple[int | None, int]]) -> list[Row]:
    found = _by_id(Point, [split(e.key)[1] for e in entries])
    courses = _by_id(Course, [course for e in entries if (course := split(e.key)[0]) is not None])
    return [_point_row(e, found.get(split(e.key)[1]), courses.get(split(e.key)[0] or 0)) for e in entries]


def _point_row(entry: Entry, point: Point | None, course: Course | None) -> Row:
    if point is None:
        return Row(entry, str(entry.key))
    home = course.id if course else point.course_id
    return Row(
        entry,
        point.name,
        course.name if course else point.key,
        point.kind,
        uuid=point.uuid,
        course_id=home,
        opens="point",
        title_en=point.name_en,
        note_en=course.name_en if course else "",
    )


def _people(entries: Sequence[Entry], period: Period) -> list[Row]:
    found = _by_id(User, [e.key for e in entries])
    return [_person_row(e, found.get(e.key), "") for e in entries]


def _roster(entries: Sequence[Entry], period: Period) -> list[Row]:
    found = _by_id(User, [who for e in entries if isinstance(who := e.key[1], int)])
    return [_person_row(e, found.get(e.key[1]), e.key[0]) for e in entries]


def _person_row(entry: Entry, person: User | None, kind: str) -> Row:
    if person is None:
        return Row(entry, str(entry.key[1] if isinstance(entry.key, tuple) else entry.key), kind=kind)
    return Row(
        entry,
        person.name,
        person.unit.name if person.unit else "",
        kind,
        uuid=person.uuid,
        person_uuid=person.uuid,
        note_en=person.unit.name_en if person.unit else "",
    )


def _answers(entries: Sequence[Entry], period: Period) -> list[Row]:
    """A row for each score and each reason: one for each answer, in the order they came, would tell whose it is."""
    return [Row(e, f"{e.key} / {BEST}" if isinstance(e.key, int) else "—") for e in entries]


def _versions(entries: Sequence[Entry], period: Period) -> list[Row]:
    found = _by_id(ResourceVersion, [e.key for e in entries], joinedload(ResourceVersion.resource))
    return [
        Row(e, v.resource.title, f"v{v.num}", v.resource.type, v.published_at, uuid=v.resource.uuid, course_id=v.resource.course_id, opens="resource", title_en=v.resource.title_en)
        if (v := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def _questions(entries: Sequence[Entry], period: Period) -> list[Row]:
    found = _by_id(Question, [e.key for e in entries])
    return [
        Row(e, q.stem or q.key, q.key, at=q.published_at, course_id=q.course_id)
        if (q := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def _enrolments(entries: Sequence[Entry], period: Period) -> list[Row]:
    load = (joinedload(Enrollment.user), joinedload(Enrollment.run).joinedload(CourseRun.course))
    found = _by_id(Enrollment, [e.key for e in entries], *load)
    return [
        Row(e, p.user.name, f"{p.run.course.name} · {p.run.key}", at=p.enrolled_at, course_id=p.course_id, person_uuid=p.user.uuid)
        if (p := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def _pairs(entries: Sequence[Entry], period: Period) -> list[Row]:
    people = _by_id(User, [e.key[0] for e in entries])
    courses = _by_id(Course, [e.key[1] for e in entries])
    return [_pair_row(e, people.get(e.key[0]), courses.get(e.key[1])) for e in entries]


def _watches(entries: Sequence[Entry], period: Period) -> list[Row]:
    people = _by_id(User, [e.key[0] for e in entries])
    media = _by_id(Resource, [e.key[1] for e in entries])
    return [_pair_row(e, people.get(e.key[0]), media.get(e.key[1])) for e in entries]


def _pair_row(entry: Entry, person: User | None, thing: Course | Resource | None) -> Row:
    named, english = str(entry.key[1]), ""
    if thing is not None:
        named, english = (thing.name, thing.name_en) if isinstance(thing, Course) else (thing.title, thing.title_en)
    uuid = person.uuid if person else None
    return Row(entry, person.name if person else str(entry.key[0]), named, person_uuid=uuid, note_en=english)


def _units(entries: Sequence[Entry], period: Period) -> list[Row]:
    found = _by_id(Unit, [e.key for e in entries])
    return [
        Row(e, u.name, u.province, uuid=u.uuid, opens="unit", title_en=u.name_en)
        if (u := found.get(e.key))
        else Row(e, str(e.key))
        for e in entries
    ]


def _years(entries: Sequence[Entry], period: Period) -> list[Row]:
    return []


def _by_id(model: Any, ids: Iterable[int], *load: Any) -> dict[int, Any]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {row.id: row for row in session().scalars(select(model).where(model.id.in_(wanted)).options(*load))}


LOOK_UPS: dict[str, Callable[[Sequence[Entry], Period], list[Row]]] = {
    "resource": _resources, "course": _courses, "point": _points, "standard_point": _standard_points, "person": _people,
    "roster": _roster, "answer": _answers, "version": _versions, "question": _questions, "enrolment": _enrolments, "year": _years, "pair": _pairs,
    "watch": _watches, "unit": _units,
}  # fmt: skip
