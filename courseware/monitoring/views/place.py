"""Which library and year a page of figures is about, with everything counted for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request, url_for

from courseware.core.errors import NotFound
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import policy, queries
from courseware.monitoring.pages import side_nav
from courseware.monitoring.periods import Period
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.views.keeping import kept_library
from courseware.web.actor import actor


@dataclass(frozen=True)
class Place:
    """Which library and period a page is about, and what the reader may choose instead."""

    library: Library
    period: Period
    libraries: Sequence[Library]
    periods: Sequence[Period]
    view: reading.Overview


def place_or_none() -> Place | None:
    """The library and period of the address; None where the reader keeps no library. Raises NotAllowed, NotFound."""
    mine = [library for library in libraries.all_libraries() if policy.can_monitor(actor(), library)]
    code = request.args.get("library", "")
    if not code and not mine:
        return None
    library = next((one for one in mine if not code or one.code == code), None) or kept_library(code)
    now = queries.reporting_now()
    period = queries.chosen_period(library, request.args.get("period"), now)
    periods = queries.periods_to_choose(library, now)
    periods = periods if period in periods else [period, *periods]
    return Place(library, period, mine, periods, reading.overview(library, period, now))


def known_place() -> Place:
    """As place_or_none. Raises NotFound for a reader who keeps no library."""
    place = place_or_none()
    if place is None:
        raise NotFound()
    return place


def page_place() -> Place:
    """As place_or_none. A reader who keeps no library is led to the overview, which says so."""
    place = place_or_none()
    if place is None:
        abort(redirect(url_for("monitoring.monitor")))
    return place


def nav_of(place: Place | None) -> dict[str, Any]:
    """The side navigation of the pages of figures."""
    return side_nav(place.library if place else None, place.period if place else None, request.endpoint or "")
