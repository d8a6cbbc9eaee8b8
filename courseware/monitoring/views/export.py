"""The same rows as on the screen, as CSV that a spreadsheet opens without running anything (SEC13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from courseware.libraries.models import Library
from courseware.monitoring import dimensions
from courseware.monitoring.closed import Reported
from courseware.monitoring.definitions import Definition
from courseware.monitoring.periods import Period
from courseware.monitoring.queries.ledger import Row
from courseware.monitoring.queries.monitor import Overview, courses_of
from courseware.monitoring.results import BASE, COUNTED, EXCLUDED, NOT_APPLICABLE, REST, IndicatorResult
from courseware.monitoring.sheets import table_file
from courseware.monitoring.views import closed
from courseware.monitoring.words import change_words, reason_words, verdict_words
from courseware.web.i18n import local_text, show_date


def ledger_file(
    result: IndicatorResult, library: Library, view: Overview, rows: Iterable[Row], kind: str = "csv", part: str = ""
) -> Response:
    """The ledger of one figure; a figure that is a sum has a column whose sum it is, one of several years their year.

    `part` says in the name of the file which part of the ledger it holds.
    """
    header = [
        _("Result"), _("Reason"), _("Title"), _("Belongs to"), _("Type"), _("Course"), _("Date"), _("Change"),
        _("Decided by"), _("Evidence"), _("Link"), *filter(None, [amount_head(result.definition)]),
        *([_("Year")] if result.definition.subject == "year" else []),
    ]  # fmt: skip
    courses = courses_of(library)
    lines = (_line(row, result.definition, courses, evidence_url(row, library, view, result.id)) for row in rows)
    return table_file("-".join(filter(None, [result.id, view.period.code, part])), kind, header, lines)


def figures_file(figures: Iterable[Reported], library_code: str, period: Period) -> Response:
    """All figures that the year shows; beside those of a closed year what is counted today."""
    header = [
        _("Indicator"), _("Name"), _("Numerator"), _("Denominator"), _("Value"), _("Target"), _("Verdict"), _("Claimed"),
        _("Not counted"), _("Rules"), _("Dimension"), _("Period begins"), _("Period ends before"), _("Frozen on"), _("Counted today"), _("Verdict today"),
    ]  # fmt: skip
    ends = [period.first_day.isoformat(), period.end_day.isoformat()]
    rows = ([*_figure(figure.result), *ends, *closed.cells_of(figure)] for figure in figures)
    return table_file(f"{library_code}-{period.code}", "csv", header, rows)


def group_words(group: str, family: str = "") -> str:
    """Counted, in the base but not counted, outside; of updates nothing stands outside, it just does not count; members of the base."""
    outside = _("Not counted") if family == "M4" else _("Excluded")
    return {COUNTED: _("Counted"), REST: _("Not counted"), EXCLUDED: outside, BASE: _("Base")}[group]


def opens_url(row: Row) -> str:
    """Where the item of a row can be looked at; empty when it has no page."""
    match row.opens:
        case "resource":
            return url_for("resources.resource", resource_uuid=row.uuid)
        case "lesson":
            return url_for("progress.learn", lesson_uuid=row.uuid)
        case "course":
            return url_for("catalog.course", uuid=row.uuid)
        case "point":
            return url_for("knowledge.point", uuid=row.uuid)
    return ""


def evidence_url(row: Row, library: Library, view: Overview, indicator_id: str) -> str:
    """Where the evidence of a row stands: the page of a person or resource, else of the thing itself; empty for answers.

    The page is told for which figure it answers, and leads back to its ledger.
    """
    about: dict[str, Any] = {"library": library.code, "period": view.period.code, "figure": indicator_id}
    if row.person_uuid:
        return url_for("monitoring.person_evidence", user_uuid=row.person_uuid, **about)
    if row.opens == "resource":
        return url_for("monitoring.resource_evidence", resource_uuid=row.uuid, **about)
    if row.opens == "unit":
        return url_for(
            "monitoring.indicator",
            id="M11.A",
            unit=row.uuid,
            _anchor="ledger",
            library=library.code,
            period=view.period.code,
        )
    return opens_url(row)


def amount_head(definition: Definition) -> str:
    """What each row brings to a figure that is a sum; empty for the others."""
    if definition.id in ("M14.visits.A", "M14.visits.B"):
        return _("Visits") if definition.candidate == "visits.A" else _("Lesson pages opened")
    if definition.family == "M13":
        return _("Number of answers") if definition.candidate == "A" else _("Sum of the scores")
    return _("Seconds") if definition.id in ("M3.C", "M7.A", "M7.B", "M14.time", "M14.coverage") else ""


def _line(row: Row, definition: Definition, courses: dict[int, Any], evidence: str) -> list[Any]:
    course = courses.get(row.course_id or 0)
    return [
        group_words(row.entry.group, definition.family), reason_words(row.entry.reason, definition.subject), local_text(row, "title"), local_text(row, "note"), row.kind,
        local_text(course, "name") if course else "", show_date(row.at), change_words(row.change), row.decided_by, row.evidence, evidence,
        *([row.amount or 0] if amount_head(definition) else []), *([row.year] if definition.subject == "year" else []),
    ]  # fmt: skip


def _figure(result: IndicatorResult) -> list[Any]:
    definition, claimed = result.definition, result.tally.claimed
    target = f"{definition.comparison} {definition.threshold} %".replace(">=", "≥").replace("<=", "≤")
    outside = "; ".join(f"{reason_words(reason)} {n}" for reason, n in sorted(result.tally.exclusions().items()))
    return [
        result.id, definition.local_name(), result.numerator, result.denominator,
        result.display if result.value is not None else verdict_words(result.tally.withheld or NOT_APPLICABLE),
        target if definition.threshold is not None else "", verdict_words(result.verdict), claimed.display() if claimed else "",
        outside, definition.version, local_text(dimensions.BY_ID[definition.dimension], "name"),
    ]  # fmt: skip
