"""Yearly data on the Monitor: the windows of the calendar, what changed since last year, the report as files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from flask import Response, render_template
from flask_babel import gettext as _

from courseware.accounts.mailing import settings
from courseware.core import mail
from courseware.core.errors import NotFound
from courseware.libraries.models import Library
from courseware.monitoring import calendar, freezing, sealed
from courseware.monitoring.answer import as_document
from courseware.monitoring.calendar import Window
from courseware.monitoring.closed import frozen_year, frozen_years, reported
from courseware.monitoring.periods import previous
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.reminders import step_words
from courseware.monitoring.report import content
from courseware.monitoring.report.document import write_docx
from courseware.monitoring.report.printed import write_pdf
from courseware.monitoring.report.workbook import write_xlsx

Writer = Callable[[content.Report, BinaryIO], None]
FILES: dict[str, tuple[Writer, str]] = {
    "docx": (write_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (write_pdf, "application/pdf"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def page(library: Library, view: Overview, **shared: object) -> str:
    """The page: windows, files, differences."""
    subject = _subject(library, view)
    return render_template(
        "monitoring/yearly.html", windows=calendar.windows(view.now), steps=calendar.steps(library, view.period),
        step_words=step_words, step_urls=STEP_PAGES, is_mailing=mail.is_on(settings()), judged=content.judged(subject), recounted=content.recounted(subject), frozen_at=subject.year.taken_at if subject.year else None, sha256=subject.snapshot_sha256,
        formats=[*FILES, "json"], **shared,
    )  # fmt: skip


def report_file(library: Library, view: Overview, report_format: str) -> Response:
    """The report as a file. Raises NotFound for a format it does not have."""
    name = f"{library.code}-{view.period.code.replace(':', '-')}"
    if report_format == "json":
        document = as_document(library.code, view.period, view.results.values(), frozen_year(library, view.period))
        return _file(json.dumps(document, ensure_ascii=False, indent=1).encode(), "application/json", f"{name}.json")
    if report_format not in FILES:
        raise NotFound()
    write, media_type = FILES[report_format]
    out = io.BytesIO()
    write(content.bilingual(_with_parts(_subject(library, view))), out)
    return _file(out.getvalue(), media_type, f"{name}.{report_format}")


STEP_PAGES = {
    calendar.ROSTERS: "monitoring_rosters.rosters", calendar.UNUSUAL: "monitoring_alerts.unusual",
    calendar.FROZEN: "monitoring.snapshots",
}  # fmt: skip


def window_words(window: Window) -> str:
    """What is reported in it."""
    return {"collection": _("Yearly data are collected"), "filing": _("New libraries are filed")}[window.name]


def _subject(library: Library, view: Overview) -> content.Subject:
    last = previous(view.period)
    before, years = reading.overview(library, last, view.now), frozen_years(library, [view.period, last])
    year, newest = years.get(view.period.code), freezing.newest_snapshot(library, view.period.code)
    sha256 = year.sha256 if year else newest.sha256 if newest else ""
    return content.Subject(library, view, before, reading.courses_of(library), sha256, year, years.get(last.code))


def _with_parts(subject: content.Subject) -> content.Subject:
    """Courses and units of a closed year as they were frozen, where its figures are counted otherwise today."""
    if subject.year is None or not subject.recounted():
        return subject
    figures = [reported(subject.year, result) for result in subject.view.results.values()]
    return replace(subject, parts=sealed.breakdown(subject.year, figures))


def _file(data: bytes, media_type: str, name: str) -> Response:
    response = Response(data, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
