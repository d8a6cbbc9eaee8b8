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


def place(about: Library | None = None) -> Place:
    """The library and year of the address, or the reader's first library; `about`: the library of what the page shows.

    Raises NotAllowed, NotFound.
    """
    mine = [library for library in libraries.all_libraries() if policy.can_monitor(actor(), library)]
    code = about.code if about else request.values.get("library", "")
    if not code and not mine:
        raise NotFound()
    library = next((one for one in mine if not code or one.code == code), None) or kept(code)
    now = queries.reporting_now()
    period = queries.chosen_period(library, request.values.get("period"), now)
    periods = queries.periods_to_choose(library, now)
    return Place(library, period, mine, periods if period in periods else [period, *periods], now)


def kept(code: str) -> Library:
    """The library of this code. Raises NotFound, and NotAllowed for those who do not keep it."""
    library = libraries.library_by_code(code, signed_in())
    policy.require_monitor(signed_in(), library)
    return library


def side_nav(library: Library | None, period: Period | None, current: str) -> dict[str, Any]:
    """The side navigation of all Monitor pages; `current` is an endpoint."""
    about: dict[str, Any] = {"library": library.code} if library else {}
    about |= {"period": period.code} if period else {}
    items = [
        _page("monitoring.monitor", _("Overview"), icon="gauge", about=about),
        _page("monitoring.indicator", _("Indicators and ledgers"), icon="list-details", about={"id": "M4.A", **about}),
        _page("monitoring.compare", _("Comparison"), icon="arrows-diff", about=about),
        _page("monitoring.plan", _("Forecast and plan"), icon="route", about=about),
        _page("monitoring_radar.radar", _("Staleness radar"), icon="radar-2", about=about),
        _page("monitoring.coverage_map", _("Coverage map"), icon="layout-grid", about=about),
        _page("monitoring.functions", _("Platform self-check"), icon="checklist", about=about),
        _page("monitoring_alerts.unusual", _("Unusual"), icon="flag", about=about),
        {"rule": True},
        _page("monitoring_rosters.rosters", _("Rosters"), icon="users", about=about),
        _page("monitoring_surveys.results", _("Satisfaction survey"), icon="message-circle", about=about),
        {"rule": True},
        _page("monitoring.yearly", _("Yearly data"), icon="package-export", about=about),
        _page("monitoring_handover.hand_over", _("Hand-over"), icon="transfer-out", about=about),
        _page("monitoring.snapshots", _("Snapshots"), icon="camera", about=about),
        _page("monitoring.definitions", _("Definitions"), icon="info-circle", about={}),
    ]
    return {"title": _("Monitor"), "items": [{**item, "current": item.get("endpoint") == current} for item in items]}


def _page(endpoint: str, label: str, *, icon: str, about: dict[str, Any]) -> dict[str, Any]:
    return {"endpoint": endpoint, "label": label, "icon": icon, "href": url_for(endpoint, **about)}


@contextmanager
def sent_file(sent: FileStorage) -> Iterator[Path]:
    """A file of a form on the disk of this machine, under its own name, for as long as the block lasts."""
    name = Path(sent.filename or "file").name[-100:] or "file"
    with tempfile.TemporaryDirectory(prefix="keku-") as folder:
        path = Path(folder) / name
        sent.save(path)
        yield path
