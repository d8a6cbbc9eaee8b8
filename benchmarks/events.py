"""`python -m benchmarks.events --events 1000000`: taking events in, folding them, a year's figures from nothing.

Made-up learners of several libraries, ten messages of 15 s for each video they play; nothing is extrapolated: the size asked
for is the size measured. CPU seconds are those of this process, which is the only one that works here on SQLite.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from benchmarks import machine, site
from benchmarks.many_events import multiply
from courseware.core import clock
from courseware.core.database import db, session
from courseware.core.unit_of_work import unit_of_work
from courseware.progress import months

ROUNDS = 4
FIRST = 500_000


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock and of the processor, and what was done in them."""

    what: str
    wall_s: float
    cpu_s: float
    of: int
    note: str = ""

    def line(self) -> str:
        """For people."""
        rate = f"{self.of / self.wall_s:,.0f}/s, {1000 * self.cpu_s / self.of:.3f} CPU ms each" if self.of > 1 else ""
        return f"{self.what:<46} {self.wall_s:>8.1f} s {self.cpu_s:>8.1f} CPU s   {rate} {self.note}"


def measure(what: str, work: Callable[[], int | None], note: Callable[[], str] = str) -> Took:
    """Does it once and says what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    of = work() or 1
    took = Took(what, time.perf_counter() - wall, time.process_time() - cpu, of, note())
    print(took.line(), flush=True)
    return took


def main() -> None:
    """Loads what is missing, measures, prints, and writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument(
        "--first", type=int, default=FIRST, help="made one by one; the rest are copies told by other people"
    )
    parser.add_argument("--database", default="", help="postgresql://… of an empty database; SQLite without")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    app, made = _prepare(options.events, options.first, options.database)
    load = machine.load_average()
    with app.app_context():
        found = [*made, *_measure_all()]
    report = {
        "events": options.events, "database": options.database.partition(":")[0] or "sqlite", "machine": str(machine.describe()), "load_before": load, "load_after": machine.load_average(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "took": [{"what": t.what, "wall_s": t.wall_s, "cpu_s": t.cpu_s, "of": t.of, "note": t.note} for t in found],
    }  # fmt: skip
    print(f"load {load} → {report['load_after']}, peak {report['peak_mb']} MB")
    if options.out:
        options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


def _prepare(events: int, first: int, database: str) -> tuple[Flask, list[Took]]:
    """The application with so many events, made when they are not there, and what the making took."""
    folder = Path(os.environ.get("KEKU_BENCH_DIR", site.FOLDER)) / f"events-{events}{'-postgresql' if database else ''}"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["KEKU_DATA_DIR"] = str(folder)
    app, took = site.application(folder, database), list[Took]()
    if not (folder / "ready").exists():
        with app.app_context():
            _load(events, min(events, first))
            took = [measure("make the other events, told by others", lambda: multiply(events))]
            with unit_of_work():
                months.keep_months(clock.now())  # as the worker does on PostgreSQL
        (folder / "ready").touch()
    return app, took


def _load(events: int, first: int) -> None:
    """Libraries with their courses and people for so many events, and the first of the events."""
    from flask_migrate import upgrade

    from courseware.demo import bulk, loader

    bulk.SIZES["medium"] = bulk.Size(libraries=5, units=15, courses=95, people=max(300, events // 100), events=first)
    upgrade(directory=str(site.ROOT / "migrations"))
    loader.load("medium", quick=True, say=lambda text: print(text, file=sys.stderr, flush=True))


def _measure_all() -> list[Took]:
    from courseware.libraries import queries as libraries
    from courseware.monitoring import queries
    from courseware.monitoring.indicators import registry
    from courseware.monitoring.queries.cache import forget_all
    from courseware.monitoring.queries.facts import StoredFacts
    from courseware.monitoring.queries.monitor import overview
    from courseware.monitoring.rollups import keeping, rebuilding
    from courseware.progress.models import LearningEvent

    stored = session().scalar(select(func.count()).select_from(LearningEvent)) or 0
    found = [
        measure(
            "fold every event anew",
            lambda: _after(rebuilding.rebuild, stored),
            lambda: str(keeping.status(clock.now())),
        )
    ]
    now = queries.reporting_now()
    library = max(libraries.all_libraries(), key=_events_of)
    period = queries.default_period(library, now)
    note = f"{library.code} {period.code}, {_events_of(library)} events"
    found.append(
        measure(
            "a year's figures from nothing, largest library",
            lambda: len(registry.count_all(StoredFacts(library, period, now))) * 0,
            lambda: note,
        )
    )
    forget_all()
    found.append(
        measure("Monitor overview from nothing", lambda: bool(overview(library, period, now)) * 0, lambda: note)
    )
    found.append(
        measure(
            "Monitor overview kept, 100 times", lambda: sum(bool(overview(library, period, now)) for _ in range(100))
        )
    )
    found += [_ingest(batch) for batch in (1, 10, 50)]
    found.append(measure("fold what came in meanwhile", keeping.fold_all_due))
    found += [_live(number) for number in range(1, ROUNDS + 1)]
    stored = session().scalar(select(func.count()).select_from(LearningEvent)) or 0
    return [*found, measure("compare all sums with all events", lambda: _proved(keeping.differences(), stored))]


def _live(number: int) -> Took:
    """Folds what 10,000 people (or all there are) sent in 15 s at 2,000 events a second, into days that grow by the round."""
    from courseware.accounts.models import User
    from courseware.monitoring.rollups import keeping
    from courseware.progress.days import day_of
    from courseware.progress.due import mark_due
    from courseware.progress.models import LearningEvent
    from courseware.progress.statements import table_of
    from courseware.resources.models import Resource

    people = list(session().scalars(select(User.id).where(User.key.like("bulk-%")).order_by(User.id).limit(10_000)))
    video = session().scalars(select(Resource).where(Resource.type == "video", Resource.is_live).limit(1)).one()
    each, at = max(1, 30_000 // len(people)), clock.now() - dt.timedelta(hours=1) + dt.timedelta(minutes=number)
    table, now = table_of(LearningEvent), clock.now()
    rows = [
        {
            "uuid": uuid.uuid4(), "user_id": person, "verb": "watched", "resource_id": video.id, "version_id": video.published_version_id,
            "lesson_id": None, "course_id": video.course_id, "from_s": 15.0 * n, "to_s": 15.0 * n + 15, "seconds": 15.0, "speed": 1.0,
            "device": "", "sitting": f"l{person}", "context": "", "occurred_at": at + dt.timedelta(seconds=15 * n, milliseconds=person % 997),
            "received_at": now, "is_late": False, "is_qualified": True, "excluded": "",
        }
        for person in people
        for n in range(each)
    ]  # fmt: skip
    with unit_of_work() as own:
        own.connection().execute(table.insert(), rows)
        mark_due((person, day_of(at)) for person in people)

    def work() -> int:
        keeping.fold_all_due()
        return len(rows)

    return measure(f"fold 15 s of 2,000 events/s, round {number}", work, lambda: f"{len(people)} people")


def _after(work: Callable[[], Any], events: int) -> int:
    work()
    return events


def _proved(differences: list[str], events: int) -> int:
    assert not differences, differences
    return events


def _events_of(library: Any) -> int:
    query = text(
        "SELECT count(*) FROM learning_event e JOIN course c ON c.id = e.course_id WHERE c.library_id = :library"
    )
    return int(session().execute(query, {"library": library.id}).scalar_one())


def _ingest(batch: int, rounds: int = 200) -> Took:
    """Batches of different people, each a transaction of its own, as the site takes them."""
    from courseware.accounts.models import User
    from courseware.progress.services import EventIn, record_batch
    from courseware.resources.models import Resource

    videos = (
        session()
        .scalars(select(Resource).where(Resource.type == "video", Resource.is_live).order_by(Resource.id).limit(60))
        .all()
    )
    things = [
        (video.uuid, (video.published_version.duration_s if video.published_version else None) or 60.0)
        for video in videos
    ]
    people = list(session().scalars(select(User.id).where(User.key.like("bulk-%")).limit(rounds)))
    at = clock.now() - dt.timedelta(hours=2)

    def events(turn: int) -> list[EventIn]:
        thing, _ = things[turn % len(things)]
        return [
            EventIn(
                uuid.uuid4(),
                "watched",
                at + dt.timedelta(seconds=15 * n),
                resource=thing,
                from_s=15.0 * n,
                to_s=15.0 * n + 15,
                sitting=f"b{turn}",
            )
            for n in range(batch)
        ]

    def work() -> int:
        for turn, person in enumerate(people):
            with unit_of_work():
                outcomes = record_batch(session().get_one(User, person), events(turn)).outcomes
                assert {o.status for o in outcomes} == {"accepted"}, outcomes[:3]
            db.session.remove()
        return len(people) * batch

    return measure(f"taking in batches of {batch}", work, lambda: f"{len(people)} transactions")


if __name__ == "__main__":
    main()
