"""What a change costs the index, and how soon it is found: `python -m benchmarks search --commits` and `--visible`."""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks import machine, site
from benchmarks.search_corpus import Corpus, CutWords
from benchmarks.search_engines import percentile
from search.documents import Batch, SearchDocument
from search.whoosh_engine import WhooshEngine

PAIRS, BATCH = 15, 100
CHANGES, GIVE_UP_S, LOOK_EVERY_S = 40, 60.0, 0.1
SETTLED_WITHIN_S, SETTLED_LOOK_S, SETTLED_SHARE = 900.0, 8.0, 0.08


# --- commits


def commits(folder: Path, corpus: Corpus) -> None:
    """One document and a hundred, in turns, into a copy of the index of the corpus; each replaces what is there."""
    documents = list(islice(corpus.documents(), PAIRS * (BATCH + 1)))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        copy = Path(place) / "index"
        shutil.copytree(folder / "whoosh", copy, copy_function=os.link)  # files of an index are never written again
        engine = WhooshEngine(copy, CutWords())
        engine.apply(Batch((_changed(documents[0], "first"),)))
        pairs = [_pair(engine, documents[n * (BATCH + 1) :][: BATCH + 1], n) for n in range(PAIRS)]
    print(f"commits into {corpus.size} documents, load {machine.load_average()}, median of {PAIRS} pairs")
    for column, name in enumerate(("wall", "CPU")):
        one, many = (1000 * median(pair[which][column] for pair in pairs) for which in (0, 1))
        print(f"{name}: 1 document {one:.0f} ms, {BATCH} documents {many:.0f} ms, ×{many / one:.1f}")


def _pair(engine: WhooshEngine, documents: list[SearchDocument], number: int) -> tuple[tuple[float, float], ...]:
    first, *others = (_changed(document, f"pair{number}") for document in documents)
    return tuple(_timed(lambda batch=batch: engine.apply(batch)) for batch in (Batch((first,)), Batch(tuple(others))))  # type: ignore[misc]


def _changed(document: SearchDocument, word: str) -> SearchDocument:
    return replace(document, title=f"{word} {document.title}")


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


# --- visible


def visible(size: str) -> None:
    """From the commit of a change to the page of results that shows it, with web processes and worker as in production.

    The change is another name of a point: one click of a librarian, by which the point and all that teaches it are indexed anew.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "site"
        shutil.copytree(site.prepare(size), folder)
        with site.served(folder) as running, site.working(folder) as worker:
            _settle(worker)
            took = _changes(folder, running.port)
    print(
        f"visible after {len(took)} changes on the {size} demonstration, load {machine.load_average()}: "
        f"p50 {percentile(took, 0.5):.2f} s, p95 {percentile(took, 0.95):.2f} s, longest {max(took):.2f} s"
    )


def _settle(worker: int) -> None:
    """A worker begins with all that is done daily and hourly, over a demonstration for which it was never done: minutes with the
    database in its hands. No site that runs has that."""
    give_up = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < give_up:
        before = machine.cpu_s(machine.tree(worker))
        time.sleep(SETTLED_LOOK_S)
        if machine.cpu_s(machine.tree(worker)) - before < SETTLED_SHARE * SETTLED_LOOK_S:
            return
    raise RuntimeError(f"The worker had not become idle within {SETTLED_WITHIN_S:.0f} s")


def _changes(folder: Path, port: int) -> list[float]:
    from sqlalchemy import select

    from courseware.accounts.models import User
    from courseware.core.database import session
    from courseware.core.unit_of_work import unit_of_work
    from courseware.demo.accounts import KEYS
    from courseware.knowledge.models import Point
    from courseware.knowledge.services import add_alias

    chance = random.Random(7)
    took = []
    with site.application(folder).app_context():
        numbers = list(session().scalars(select(Point.id).order_by(Point.id)))
        for number in chance.sample(numbers, min(CHANGES, len(numbers))):
            word = f"q{number}x{chance.randrange(10**6)}"
            with unit_of_work():
                point = session().get_one(Point, number)
                add_alias(point, word, session().scalars(select(User).where(User.key == KEYS["administrator"])).one())
                wanted = f"/points/{point.uuid}"
            took.append(_seconds_until(port, word, wanted))
            print(f"{word}: {took[-1]:.2f} s", file=sys.stderr, flush=True)
    return took


def _seconds_until(port: int, word: str, wanted: str) -> float:
    address = f"http://127.0.0.1:{port}/search?{urllib.parse.urlencode({'q': word})}"
    began = time.monotonic()
    while wanted not in urllib.request.urlopen(address, timeout=30).read().decode():
        if time.monotonic() - began > GIVE_UP_S:
            raise RuntimeError(f"{word} was not found within {GIVE_UP_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
    return time.monotonic() - began
