"""Loads the demonstration library: its story replayed through the real services, with real files.

The same on every machine, except for the ids and what is dated by today (`loader_live`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, exists, func, select, update

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.auditlog.models import AuditEntry
from courseware.core import clock
from courseware.core.database import Model, session
from courseware.core.errors import Conflict
from courseware.core.unit_of_work import unit_of_work
from courseware.demo import (
    accounts,
    loader_learner,
    loader_lessons,
    loader_live,
    loader_questions,
    loader_words,
    scenario,
)
from courseware.demo.loader_files import Made, RealProps, add_pictures
from courseware.demo.loader_media import process_files
from courseware.demo.material import fetch_or_make, make_all, make_cover, wanted
from courseware.demo.material.corpus import DATA, corpus
from courseware.discovery import indexing
from courseware.discovery.engine import engine
from courseware.guidance import counting
from courseware.jobs.models import OutboxEntry
from courseware.libraries.models import Library
from courseware.monitoring import services as monitoring
from courseware.progress import months

BEGIN, DONE = "demo.begin", "demo.load"
WORKERS = 2
SAY_EVERY_S = 10
QUICK_KEYS = frozenset(
    ("r023", "r041", "r050", "r053", "r062", "r081", "r100", "r121", "r122", "r137", "r148", "r153", "r171", "r175")
)

Say = Callable[[str], None]


class HoldsOtherData(Conflict):
    """There is something here that the demonstration did not make."""

    code = "other_data"
    message = _l("This installation holds data already. The demonstration is loaded only into an empty one.")


@dataclass(slots=True)
class Loaded:
    """What loading did: seconds for each step, lines of the story, lines that the rules refused."""

    size: str
    was_there: bool = False
    lines: int = 0
    refused: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def load(size: str = "small", *, quick: bool = False, process: bool = True, say: Say = lambda _text: None) -> Loaded:
    """Loads the demonstration unless it is here already; what an interrupted run left is cleared away first.

    `quick` makes tiny files, `process` False leaves them to the worker: both for tests. Commits step by step.
    Raises HoldsRealAccounts, HoldsOtherData.
    """
    known = loaded_size()
    if known is not None:
        return Loaded(known, was_there=True)
    scenario.refuse_real_accounts()
    _clear_unfinished()
    run = _Run(size, quick, say)
    run.load(process)
    return run.loaded


def loaded_size() -> str | None:
    """The size of the demonstration that is here in full; None where there is none."""
    entry = session().scalar(select(AuditEntry).where(AuditEntry.action == DONE).limit(1))
    return None if entry is None else str(entry.details.get("size", "small"))


class _Run:
    """One run of the loader."""

    def __init__(self, size: str, quick: bool, say: Say) -> None:
        self.loaded, self.quick, self.say = Loaded(size), quick, say
        self.folder = _material_folder(quick)
        self.made: Made = {}
        self.ended_at: dt.datetime = clock.now()

    def load(self, process: bool) -> None:
        """All steps in their order."""
        with unit_of_work():
            auditlog.record(BEGIN, None)
        self.step("material", self.make_material)
        self.step("story", self.replay)
        self.step("words", self.tell_words)
        self.step("live", self.play_live)
        if process:
            self.step("media", self.process)
        self.step("pictures", self.add_pictures)
        if self.loaded.size != "small":
            self.step("bulk", self.add_bulk)
        self.step("index", rebuild_index)
        self.step("suggestions", count_uses)
        self.step("package", ask_for_package)
        with unit_of_work():
            auditlog.record(DONE, None, details={"size": self.loaded.size})

    def step(self, name: str, work: Callable[[], str]) -> None:
        """Does one step and says what it did and how long it took."""
        begun = time.monotonic()
        told = work()
        self.loaded.seconds[name] = round(time.monotonic() - begun, 1)
        self.say(f"{told} ({self.loaded.seconds[name]:.0f} s)")

    def tell(self, what: str) -> Callable[..., None]:
        """Says every ten seconds how far a long step is."""
        said_at = time.monotonic()

        def told(number: int, total: int, *_more: object) -> None:
            nonlocal said_at
            if time.monotonic() - said_at >= SAY_EVERY_S:
                said_at = time.monotonic()
                self.say(f"  {what}: {number} of {total}")

        return told

    def make_material(self) -> str:
        """Videos, drawings, slides, simulations; kept in the data folder for the next time."""
        self.say("Drawing and recording the files; the first time takes some minutes …")
        self.made = make_some(self.folder) if self.quick else make_all(self.folder, WORKERS, self.tell("files"))
        return f"{len(self.made)} files made"

    def replay(self) -> str:
        """Two years of history."""
        lines = (DATA / "history.jsonl").read_text(encoding="utf-8").splitlines()
        summary = scenario.replay(lines, props=RealProps(self.made))
        self.loaded.lines, self.loaded.refused = summary.lines, len(summary.refused)
        self.ended_at = summary.ended_at or self.ended_at
        return f"{summary.done} of {summary.lines} dated actions done, {len(summary.refused)} refused by the rules, as written"

    def tell_words(self) -> str:
        """What the story has no words for."""
        with unit_of_work():
            loader_words.tell_everything(self.folder)
            loader_lessons.build_lessons()
            questions = loader_questions.publish_questions()
            accounts.give_passwords()
        return f"Courses, lessons and {questions} questions completed"

    def play_live(self) -> str:
        """The present. On a machine whose clock is behind the story, the story's end is the present."""
        now = clock.now()
        with unit_of_work():
            monitoring.hold_clock(None if now >= self.ended_at else self.ended_at)
            loader_live.play(max(now, self.ended_at), self.made, self.folder, self.quick)
        return "Work of these days added"

    def process(self) -> str:
        """What the first course shows is playable; the worker goes on with the rest."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the thing itself
        failed = process_files(app, WORKERS, self.tell("files processed"))
        return (
            f"Files of the first course processed{f', {failed} failed' if failed else ''}; the worker does the others"
        )

    def add_pictures(self) -> str:
        """A picture for every file."""
        with unit_of_work():
            return f"{add_pictures(self.made)} drawn pictures added"

    def add_bulk(self) -> str:
        """Further libraries of made-up content."""
        from courseware.demo import bulk

        return bulk.add(bulk.SIZES[self.loaded.size], until=self.ended_at, say=self.say)


def make_some(folder: Path) -> Made:
    """Tiny files for some resources of every type; the others stay strings."""
    for course in corpus().courses.values():
        make_cover(course, folder)
    return {(key, num): fetch_or_make(key, num, folder, quick=True) for key, num in wanted() if key in QUICK_KEYS}


def rebuild_index() -> str:
    """The search index anew; what waited for it in the outbox is in it."""
    newest = session().scalar(select(func.max(OutboxEntry.id))) or 0
    status = engine().rebuild(indexing.all_documents())
    session().rollback()
    with unit_of_work() as db:
        seen = update(OutboxEntry).where(OutboxEntry.topic == indexing.TOPIC, OutboxEntry.id <= newest)
        db.execute(seen.where(OutboxEntry.done_at.is_(None)).values(done_at=clock.now()))
    return f"{status.documents} documents indexed"


def count_uses() -> str:
    """What suggestions rest on, so that nobody waits for the worker's first round."""
    pairs, popular = counting.recount()
    return f"{pairs} pairs of resources used together and {popular} popular ones counted for suggestions"


def ask_for_package() -> str:
    """Last, because a package is one of the course as it is: what changes it afterwards makes the package an old one."""
    with unit_of_work():
        loader_learner.ask_for_package()
    return "A package of the first course asked for; the worker makes it"


def _material_folder(quick: bool) -> Path:
    folder: Path = current_app.config["KEKU"].data_path / "material"
    return folder / "quick" if quick else folder


def _clear_unfinished() -> None:
    """Empties the tables where an earlier run was cut off; refuses where anything else was written."""
    begun = session().scalar(select(exists().where(AuditEntry.action == BEGIN)))
    if not begun:
        if session().scalar(select(exists().select_from(User))) or session().scalar(
            select(exists().select_from(Library))
        ):
            raise HoldsOtherData()
        return
    with unit_of_work() as db:
        for table in ("resource", "lesson"):
            pointers = Model.metadata.tables[table]
            db.execute(update(pointers).values(draft_version_id=None, published_version_id=None))
        for rows in reversed(Model.metadata.sorted_tables):
            db.execute(delete(rows))
        months.forget_uuids()
