"""What the worker does for the figures by itself."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Set

import structlog
from sqlalchemy import select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.libraries import queries as libraries
from courseware.monitoring.alerts import services as alerts
from courseware.monitoring.models import Snapshot
from courseware.monitoring.rollups.keeping import fold_due
from courseware.monitoring.rosters import services as rosters
from courseware.monitoring.surveys import services as surveys
from courseware.resources.orphans import keeps

log = structlog.get_logger("keku.monitoring")
PAUSE, DAY = dt.timedelta(seconds=15), dt.timedelta(days=1)
BUSY_S = 10.0


@keeps("snapshots")
def named_snapshots(keys: Set[str]) -> set[str]:
    """Frozen years are in use for ever."""
    return set(session().scalars(select(Snapshot.store_key).where(Snapshot.store_key.in_(keys))))


@registry.every(PAUSE)
def keep_sums() -> None:
    """Folds days with new learning events, for at most ten seconds at a time: other rounds wait behind this one."""
    until = time.monotonic() + BUSY_S
    while time.monotonic() < until and fold_due():
        pass


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
