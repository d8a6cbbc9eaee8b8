"""What the pages beside the figures share: the library and year they are about, their side navigation, files sent to them."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from courseware.core.errors import NotFound
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import policy, queries
from courseware.monitoring.periods import Period
from courseware.web.access import signed_in
from courseware.web.actor import actor


@dataclass(frozen=True)
class Place:
    """Which library and year a page is about, and what the reader may choose instead."""

    library: Library
    period: Period
    libraries: Sequence[Library]
    periods: Sequence[Period]
    now: dt.datetime


def place() -> Place:
    """The library and year of the address, or the reader's first library. Raises NotAllowed, NotFound."""
    mine = [library for library in libraries.all_libraries() if policy.can_monitor(actor(), library)]
    code = request.values.get("library", "")
    if not code and not mine:
        raise NotFound()
    library = kept(code) if code else mine[0]
    now = queries.reporting_now()
    period = queries.chosen_period(library, request.values.get("period"), now)
    periods = queries.periods_to_choose(library, now)
    return Place(library, period, mine, periods if period in periods else [period, *periods], now)


def kept(code: str) -> Library:
    """The library of this code. Raises NotFound, and NotAllowed for those who do not keep it."""
    library = libraries.library_by_code(code, signed_in())
    policy.require_monitor(signed_in(), library)
    return library


def side_nav(library: Library, period: Period | None, current: str) -> dict[str, Any]:
    """The side navigation of these pages; `current` is an endpoint."""
    about: dict[str, Any] = {"library": library.code, **({"period": period.code} if period else {})}
    pages: tuple[dict[str, Any], ...] = (
        {"endpoint": "monitoring.monitor", "label": _("Overview"), "icon": "gauge"},
        {"endpoint": "monitoring.snapshots", "label": _("Snapshots"), "icon": "camera"},
        {"endpoint": "monitoring_rosters.rosters", "label": _("Rosters"), "icon": "users"},
        {"endpoint": "monitoring_surveys.results", "label": _("Satisfaction survey"), "icon": "message-circle"},
        {"endpoint": "monitoring_alerts.unusual", "label": _("Unusual"), "icon": "flag"},
    )
    items = [
        {**page, "href": url_for(page["endpoint"], **about), "current": page["endpoint"] == current} for page in pages
    ]
    last = {"label": _("Definitions"), "href": url_for("monitoring.definitions"), "icon": "info-circle"}
    return {"title": _("Monitor"), "items": [*items, {"rule": True}, last]}


@contextmanager
def sent_file(sent: FileStorage) -> Iterator[Path]:
    """A file of a form on the disk of this machine, under its own name, for as long as the block lasts."""
    name = Path(sent.filename or "file").name[-100:] or "file"
    with tempfile.TemporaryDirectory(prefix="keku-") as folder:
        path = Path(folder) / name
        sent.save(path)
        yield path
