"""What the worker does for the figures by itself."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Set
from typing import Any

import structlog
from sqlalchemy import select

from courseware.accounts.mailing import settings
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.libraries import queries as libraries
from courseware.monitoring import reminders
from courseware.monitoring.alerts import services as alerts
from courseware.monitoring.models import Snapshot
from courseware.monitoring.queries import default_period, reporting_now, shelf
from courseware.monitoring.queries.monitor import make_overview_ready
from courseware.monitoring.radar import asking, links, looking, rewinds
from courseware.monitoring.radar.addresses import host_of
from courseware.monitoring.rollups import keeping
from courseware.monitoring.rollups.reading import CHUNK
from courseware.monitoring.rosters import services as rosters
from courseware.monitoring.surveys import services as surveys
from courseware.resources.orphans import keeps

log = structlog.get_logger("keku.monitoring")
PAUSE, MINUTE, DAY = dt.timedelta(seconds=15), dt.timedelta(minutes=1), dt.timedelta(days=1)
BUSY_S = 10.0


@keeps("snapshots")
def named_snapshots(keys: Set[str]) -> set[str]:
    """Frozen years are in use for ever."""
    return set(session().scalars(select(Snapshot.store_key).where(Snapshot.store_key.in_(keys))))


@registry.every(PAUSE)
def keep_sums() -> None:
    """Folds days with new learning events, for at most ten seconds at a time: other rounds wait behind this one."""
    until = time.monotonic() + BUSY_S
    while time.monotonic() < until and keeping.fold_due():
        pass


@registry.every(MINUTE)
def count_ahead() -> None:
    """Counts the figures of large libraries before somebody asks, for ten seconds or one library at a time.

    While many days wait to be folded it waits as well: they would be folded for each library anew.
    """
    until = time.monotonic() + BUSY_S
    if keeping.count_waiting() <= CHUNK:
        now = reporting_now()
        for library in libraries.all_libraries():
            if time.monotonic() < until:
                make_overview_ready(library, default_period(library, now), now)
    session().rollback()


@registry.every(DAY)
def ask_people() -> None:
    """Draws who is asked for the satisfaction survey, library by library, and forgets rosters and figures that nobody took."""
    shelf.sweep()
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


@registry.every(DAY)
def remind_of_windows() -> None:
    """Reminds those who keep a library of the windows of the calendar, by mail where there is a mail server."""
    for library in libraries.all_libraries():
        with unit_of_work():
            reminders.remind(library, reporting_now())


@registry.every(DAY)
def count_hot_spots() -> None:
    """Counts what people go back to in recordings, and asks for a look at external links where that is on."""
    for library in libraries.all_libraries():
        with unit_of_work():
            rewinds.count_again(library)
    with unit_of_work():
        links.ask_for_a_look()


@registry.handler(links.LOOK, alone=True)
def look_at_links(run: registry.JobRun) -> dict[str, Any]:
    """Writes down which addresses stand where, then asks those that are due."""
    own_host = host_of(settings().public_url)
    found = run.step("collect", lambda: _collect(own_host), (0.0, 5.0))
    agent = f"Keku link check (+{settings().public_url or 'https://example.invalid'})"

    def tell(asked: int) -> bool:
        run.progress(min(95.0, 5 + 90 * asked / max(found, asked + 1)), f"{asked} / {found}")
        return not run.cancelled()

    looked = looking.look(lambda address: asking.ask(address, agent), tell)
    return {"addresses": found, "asked": looked.asked, "silent": looked.silent}


def _collect(own_host: str) -> int:
    for library in libraries.all_libraries():
        with unit_of_work():
            links.collect(library, own_host)
    with unit_of_work():
        links.forget_unplaced()
        return links.count()
