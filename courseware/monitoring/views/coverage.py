"""The coverage map point by point: what each has, and boxes to tick in the cells that are empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries.models import Library
from courseware.monitoring.indicators.points import PointRow, point_rows
from courseware.monitoring.planning import tasks
from courseware.monitoring.planning.board import gap_code, leaders_of
from courseware.monitoring.planning.models import MEDIA, QUESTION, RESOURCE, USE
from courseware.monitoring.planning.tasks import Standing
from courseware.monitoring.queries.cache import remember
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.queries.monitor import CourseName, Overview, courses_of
from courseware.monitoring.views.narrowing import home_of
from courseware.monitoring.words import TASK_KINDS
from courseware.web.i18n import local_text

STEP = 50
KINDS = (RESOURCE, MEDIA, QUESTION, USE)
LACKS: Mapping[str, Any] = {
    RESOURCE: _l("no resource"), MEDIA: _l("no video or animation"), QUESTION: _l("no question"), USE: _l("used by nobody"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it shows; where it is empty, the work it asks for and whether that was given."""

    kind: str
    count: int
    shown: str
    code: str = ""
    given: Standing | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A point of a course with its four cells."""

    point: Point
    course: CourseName
    leader: str
    cells: Sequence[Cell]


def page(library: Library, view: Overview, **shared: Any) -> str:
    """The page."""
    every, courses = rows_of(library, view), courses_of(library)
    chosen, lacks = home_of("course", courses, _("Without a course")), _lacks()
    mine = [row for row in every if chosen is None or row.course_id == chosen.id]
    rows = [row for row in mine if not lacks or lacks in row.lacks]
    start = max(0, request.args.get("after", 0, type=int))
    about = {"library": library.code, "period": view.period.code}
    return render_template(
        "monitoring/map.html", lines=_lines(library, rows[start : start + STEP], courses), total=len(mine), size=len(rows),
        empties={kind: sum(kind in row.lacks for row in mine) for kind in KINDS}, lacks=lacks, lack_words=LACKS, kinds=TASK_KINDS,
        chosen=chosen, courses=[courses[key] for key in dict.fromkeys(row.course_id for row in every)], about=about,
        filter=about | {"course": chosen.code if chosen else None, "lacks": lacks or None},
        start=start, step=STEP, next=start + STEP if start + STEP < len(rows) else None, **shared,
    )  # fmt: skip


def table(library: Library, view: Overview) -> tuple[list[Any], list[list[Any]]]:
    """Heads and rows of the file, by the filter of the page."""
    courses, lacks = courses_of(library), _lacks()
    chosen = home_of("course", courses, _("Without a course"))
    rows = [
        row for row in rows_of(library, view)
        if (chosen is None or row.course_id == chosen.id) and (not lacks or lacks in row.lacks)
    ]  # fmt: skip
    heads = [_("Point"), _("Course"), _("Resources"), _("Seconds of video and animation"), _("Questions"), _("Persons who used it"), _("What is missing")]  # fmt: skip
    names = _points(rows)
    return heads, [
        [local_text(names[row.point_id], "name"), local_text(courses[row.course_id], "name"), row.resources, row.seconds, row.questions, row.users,
         "; ".join(str(LACKS[kind]) for kind in row.lacks)]
        for row in rows
    ]  # fmt: skip


def rows_of(library: Library, view: Overview) -> list[PointRow]:
    """All points of the core courses' standards with what they have, kept until a fact changes."""
    key = ("points", str(library.uuid), view.period.code, view.period.start)
    return remember(key, view.now, lambda: point_rows(StoredFacts(library, view.period, view.now)))


def _lacks() -> str:
    asked = request.args.get("lacks", "")
    return asked if asked in LACKS else ""


def _lines(library: Library, rows: Sequence[PointRow], courses: Mapping[int, CourseName]) -> list[Line]:
    points, leaders = _points(rows), leaders_of({row.course_id for row in rows})
    given = {(s.task.kind, s.task.point_id, s.task.course_id): s for s in tasks.standings(library) if not s.done_at}
    return [
        Line(points[row.point_id], courses[row.course_id], leaders.get(row.course_id, ""), [_cell(row, kind, given) for kind in KINDS])
        for row in rows
    ]  # fmt: skip


def _cell(row: PointRow, kind: str, given: Mapping[tuple[str, int | None, int | None], Standing]) -> Cell:
    count = {RESOURCE: row.resources, MEDIA: row.moving, QUESTION: row.questions, USE: row.users}[kind]
    shown = _minutes(row) if kind == MEDIA else f"{count:,}"
    if kind not in row.lacks:
        return Cell(kind, count, shown)
    code = gap_code(kind, row.point_id, row.course_id)
    return Cell(kind, count, shown, code, given.get((kind, row.point_id, row.course_id)))


def _minutes(row: PointRow) -> str:
    """Whole minutes, floored (M7); what is shorter than one says so."""
    return "<1" if row.moving and row.seconds < 60 else f"{row.seconds // 60:,}"


def _points(rows: Sequence[PointRow]) -> dict[int, Point]:
    wanted = {row.point_id for row in rows}
    return {point.id: point for point in session().scalars(select(Point).where(Point.id.in_(wanted)))}
