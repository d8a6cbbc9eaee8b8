"""What the worker does for the figures by itself, once a day."""

from __future__ import annotations

import datetime as dt

import structlog

from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.libraries import queries as libraries
from courseware.monitoring.alerts import services as alerts
from courseware.monitoring.rosters import services as rosters
from courseware.monitoring.surveys import services as surveys

log = structlog.get_logger("keku.monitoring")
DAY = dt.timedelta(days=1)


@registry.every(DAY)
def ask_people() -> None:
    """Draws who is asked for the satisfaction survey, library by library, and forgets rosters that nobody took."""
    with unit_of_work():
        rosters.drop_old_drafts()
    for library in libraries.all_libraries():
        with unit_of_work():
            count = surveys.invite_sample(library)
        if count:
            log.info("survey", library=library.code, invited=count)


@registry.every(DAY)
def look_for_the_unusual() -> None:
    """Looks at the year being collected and the running one of each library."""
    for library in libraries.all_libraries():
        alerts.look(library)
