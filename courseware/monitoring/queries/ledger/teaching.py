"""Rows about courses, points and questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from courseware.assessment.models import Question
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.monitoring.periods import Period
from courseware.monitoring.queries.ledger.rows import Entry, Row, by_id


def courses(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Courses of the register."""
    found = by_id(Course, [e.key for e in entries])
    return [
        Row(e, c.name, c.code, title_en=c.name_en, at=c.published_at, uuid=c.uuid, course_id=c.id, opens="course") if (c := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def points(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Points, each under its own course."""
    return _point_rows(entries, lambda key: (None, key))


def standard_points(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Points as a course standard names them."""
    return _point_rows(entries, lambda key: key)


def questions(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Questions of a bank."""
    found = by_id(Question, [e.key for e in entries])
    return [
        Row(e, q.stem or q.key, q.key, at=q.published_at, course_id=q.course_id)
        if (q := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def _point_rows(entries: Sequence[Entry], split: Callable[[Any], tuple[int | None, int]]) -> list[Row]:
    found = by_id(Point, [split(e.key)[1] for e in entries])
    courses = by_id(Course, [course for e in entries if (course := split(e.key)[0]) is not None])
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
