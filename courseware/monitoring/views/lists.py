"""The lists of the Monitor as files: each from the very rows that its page draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from courseware.bulk.export import plain
from courseware.core.fractions import Ratio
from courseware.libraries.models import Library
from courseware.monitoring import disclosure, policy
from courseware.monitoring.alerts import queries as alerts
from courseware.monitoring.alerts import words as alert_words
from courseware.monitoring.alerts.models import OPEN, Finding
from courseware.monitoring.planning import board, tasks
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.rosters import queries as rosters
from courseware.monitoring.sheets import table_file
from courseware.monitoring.surveys import queries as surveys
from courseware.monitoring.surveys.words import GROUPS
from courseware.monitoring.views import comparison, coverage, functions
from courseware.monitoring.words import TASK_KINDS
from courseware.web.access import signed_in
from courseware.web.i18n import local_text

Table = tuple[Sequence[Any], Sequence[Sequence[Any]]]


def file_of(name: str, kind: str, library: Library, view: Overview) -> Response:
    """The list called `name` as csv or xlsx."""
    heads, lines = LISTS[name](library, view)
    answer = table_file(f"{library.code}-{view.period.code}-{name}", kind, heads, lines)
    if name == "unusual":
        rows, told = (
            sum(map(alerts.names_people, _unusual_shown(library, view))),
            {"library": library.code, "period": view.period.code},
        )
        disclosure.note(signed_in(), library, name, rows, is_export=True, **told)
    return answer


def _coverage(library: Library, view: Overview) -> Table:
    courses = reading.courses_of(library)
    heads = [
        _("Core course"), _("Points"), _("With a resource"), _("With a question"), _("With video or animation"),
        _("Mapped to a post"), _("Updated"), _("At the start"), _("Yearly update rate"),
    ]  # fmt: skip
    lines = [
        [local_text(courses[row.course_id], "name"), row.points, *(part.numerator for part in (row.taught, row.asked, row.moving, row.posts)),
         row.updated.numerator, row.updated.denominator, _shown(row.updated)]
        for row in view.map_rows
    ]  # fmt: skip
    return heads, lines


def _points(library: Library, view: Overview) -> Table:
    gaps = board.all_gaps(library, view.period, view.now, view.results)
    heads = [_("Point"), _("Course"), _("What to do"), _("Who would do it")]
    lines = [
        [local_text(one.point, "name"), local_text(one.course, "name"), TASK_KINDS[one.wanted.kind], one.owner]
        for one in gaps
    ]
    return heads, lines


def _tasks(library: Library, view: Overview) -> Table:
    heads = [_("About"), _("What to do"), _("Who would do it"), _("Given"), _("Until"), _("Done"), _("Note")]
    lines = [
        [
            local_text(one.task.resource, "title") if one.task.resource else local_text(one.task.point, "name"),
            TASK_KINDS[one.task.kind], one.task.assignee.name, plain(one.task.assigned_at), one.task.due_on or "",
            plain(one.done_at), one.task.note,
        ]
        for one in tasks.standings(library)
    ]  # fmt: skip
    return heads, lines


def _unusual(library: Library, view: Overview) -> Table:
    """By the same filter as on the page: open ones, or with `show=done` the others."""
    shown = _unusual_shown(library, view)
    names = alerts.subjects(shown, policy.names_of(signed_in(), library))
    heads = [
        _("What"), _("What was found"), _("Rows of evidence"), _("Effect"), _("Indicator"), _("Figure"), _("Without them"),
        _("Found"), _("State"), _("Note"), _("Decided by"),
    ]  # fmt: skip
    lines = [
        [
            alert_words.NAMES[f.rule], alert_words.sentence(f, names.get(f.id, "")), f.size, alert_words.effect(f), f.facts["indicator"],
            *alert_words.figures(f), plain(f.found_at), alert_words.STATES[f.state], f.note, f.decided_by.name if f.decided_by else "",
        ]
        for f in shown
    ]  # fmt: skip
    return heads, lines


def _unusual_shown(library: Library, view: Overview) -> list[Finding]:
    found = alerts.findings(library, view.period)
    return [f for f in found if (f.state == OPEN and f.gone_at is None) == (request.args.get("show") != "done")]


def _rosters(library: Library, view: Overview) -> Table:
    heads = [_("School"), _("Census day"), _("Students"), _("Teachers"), _("With an account"), _("In doubt"), _("Sent"), _("File"), "SHA-256", _("Counts")]  # fmt: skip
    lines = [
        [local_text(s.unit, "name"), s.roster.census_on, s.students, s.teachers, s.matched, s.doubtful, plain(s.roster.received_at),
         s.roster.filename, s.roster.file_sha256, _("Yes") if s.counts else _("No")]
        for s in rosters.sent_rosters(library)
    ]  # fmt: skip
    return heads, lines


def _survey(library: Library, view: Overview) -> Table:
    """Small groups stay hidden in the file as on the page."""
    found = surveys.results(library, view.period, view.now)
    heads = [_("Group"), _("Persons asked"), _("Valid answers"), _("Satisfied"), _("95 %% interval") % {}]
    lines = [
        [GROUPS.get(g.name, g.name), g.invited, "" if g.valid is None else g.valid, g.satisfied.display() if g.satisfied else "",
         f"{g.interval[0]}–{g.interval[1]} %" if g.interval else ""]
        for g in (*found.roles, *found.units)
    ]  # fmt: skip
    return heads, lines


def _shown(ratio: Ratio) -> str:
    return ratio.display() if ratio.denominator else ""


LISTS: dict[str, Callable[[Library, Overview], Table]] = {
    "coverage": _coverage, "map": coverage.table, "functions": functions.table, "comparison": comparison.table, "points": _points, "tasks": _tasks, "unusual": _unusual, "rosters": _rosters, "survey": _survey,
}  # fmt: skip
