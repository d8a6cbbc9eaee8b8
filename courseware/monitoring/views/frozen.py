"""Snapshots on the Monitor: the list, freezing, the file."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from courseware.core.errors import NotFound
from courseware.core.roles import Role
from courseware.libraries.models import Library
from courseware.monitoring import chain, freezing, policy
from courseware.monitoring.definitions import BY_ID, DEFINITIONS, Definition
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.views.keeping import kept_library
from courseware.resources.storage import store
from courseware.web.access import role_needed
from courseware.web.actor import actor


@dataclass(frozen=True, slots=True)
class Row:
    """One snapshot on the page. `late`: figures that facts received since have changed; only looked up for the newest."""

    snapshot: Snapshot
    judged: Sequence[tuple[Definition, str, str | None]]
    late: Sequence[Definition] | None


JUDGED = ("M2.A", "M3.A", "M4.A", "M9.A", "M12.A", "M13.A")


def rows_of(library: Library, period: Period) -> list[Row]:
    """The snapshots of one period, newest first."""
    found = [one for one in freezing.snapshots_of(library) if one.period_code == period.code]
    return [_row(library, period, one, is_newest=number == 0) for number, one in enumerate(found)]


def _row(library: Library, period: Period, snapshot: Snapshot, *, is_newest: bool) -> Row:
    figures = {figure["id"]: figure for figure in snapshot.figures}
    judged = [(BY_ID[key], _share(figures[key]), figures[key]["verdict"]) for key in JUDGED if key in figures]
    changed = freezing.late_changes(snapshot, library, period) if is_newest else None
    return Row(snapshot, judged, None if changed is None else _definitions({one.id for one in changed}))


def _definitions(ids: set[str]) -> list[Definition]:
    """In the order of the registry."""
    return [definition for definition in DEFINITIONS if definition.id in ids]


def _share(figure: dict[str, object]) -> str:
    value = figure["value"]
    return f"{value:.2f} %" if isinstance(value, int | float) else str(figure["verdict"] or "—")


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def freeze_now() -> AnyResponse:
    """Freezes the period of the form and goes back to the list."""
    library = kept_library(request.form.get("library", ""))
    period = parse_period(request.form.get("period", ""), library.period_start_month)
    snapshot = freezing.freeze(library, period, actor())
    flash(
        _("The figures are frozen. Keep the file, and note its SHA-256: %(sha256)s", sha256=snapshot.sha256), "success"
    )
    return redirect(url_for("monitoring.snapshots", library=library.code, period=period.code))


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def download(snapshot_uuid: uuidlib.UUID) -> Response:
    """The signed file."""
    snapshot = freezing.snapshot_by_uuid(snapshot_uuid)
    if snapshot is None:
        raise NotFound()
    policy.require_monitor(actor(), freezing.library_of(snapshot))
    day = snapshot.taken_at.astimezone(dt.UTC).strftime("%Y%m%d")
    name = f"{freezing.library_of(snapshot).code}-{snapshot.period_code.replace(':', '-')}-{day}-{snapshot.sha256[:8]}.json.gz"
    answer = Response(store().get_range(snapshot.store_key), mimetype="application/gzip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Length"] = str(snapshot.size)
    return answer


def page(library: Library, period: Period, **shared: object) -> str:
    """The list."""
    rows = rows_of(library, period)
    return render_template("monitoring/snapshots.html", rows=rows, fingerprint=chain.own_key(), **shared)
