"""Learning from use: what is asked, what of it is opened, what finds nothing. Counts by day and text, without any person."""

from __future__ import annotations

import datetime as dt
import hmac
import re
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.exc import IntegrityError, OperationalError

from courseware.core import clock
from courseware.core.database import session
from courseware.discovery.models import SearchUse
from search.text import normalise

#: Counted in memory and written together: a search must not write a row. What a killed process had not written is lost.
WRITE_EVERY_S = 20.0
WRITE_AT = 200
LONGEST = 60
#: Bits of a number that both databases keep.
BOXES = 63
KEPT = dt.timedelta(days=180)
#: Asked so often without any result opened, and the librarian should look.
OFTEN = 3
_PERSONAL = re.compile(r"\d{7,}|\S+@\S+")


@dataclass(slots=True)
class Count:
    """Not yet written."""

    asked: int = 0
    clicked: int = 0
    found: int | None = None
    askers: int = 0

    def add(self, other: Count) -> None:
        """What `other` counted after this; what was found last stands."""
        self.asked, self.clicked, self.askers = (
            self.asked + other.asked,
            self.clicked + other.clicked,
            self.askers | other.askers,
        )
        self.found = self.found if other.found is None else other.found


@dataclass(frozen=True, slots=True)
class Weak:
    """A text that finds nothing, or whose results nobody opens."""

    text: str
    asked: int
    clicked: int
    found: int
    last: dt.date


class UseCounter:
    """One a process; safe between threads."""

    def __init__(self) -> None:
        self._counts: dict[tuple[dt.date, str], Count] = {}
        self._guard, self._written_at = threading.Lock(), time.monotonic()

    def asked(self, text: str, found: int, box: int) -> None:
        """Somebody of a box asked, and so much was found."""
        self._note(text, Count(asked=1, found=found, askers=1 << box))

    def clicked(self, text: str) -> None:
        """Somebody opened a result."""
        self._note(text, Count(clicked=1))

    def _note(self, text: str, more: Count) -> None:
        kept = worth_keeping(text)
        if not kept:
            return
        with self._guard:
            self._counts.setdefault((_day_of(clock.now()), kept), Count()).add(more)

    def write_when_due(self) -> None:
        """Write into the present transaction, now and then. Where somebody else is writing, the counts wait for the next time:
        a search that only reads must not fail for them."""
        if len(self._counts) >= WRITE_AT or time.monotonic() - self._written_at > WRITE_EVERY_S:
            with suppress(OperationalError, IntegrityError):
                self.write()

    def write(self) -> None:
        """Write everything into the present transaction; what could not be written is kept, and the error raised."""
        with self._guard:
            counts, self._counts = self._counts, {}
            self._written_at = time.monotonic()
        try:
            with session().begin_nested():
                _write(counts)
        except (OperationalError, IntegrityError):
            self._put_back(counts)
            raise

    def _put_back(self, counts: dict[tuple[dt.date, str], Count]) -> None:
        with self._guard:
            for key, count in counts.items():
                newer = self._counts.get(key)
                if newer is not None:
                    count.add(newer)
                self._counts[key] = count


def _day_of(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.REPORTING_ZONE).date()


def box_of(who: str, secret: bytes) -> int:
    """One of 63 boxes for a person or an address: the same one always, and a dozen people of a school share it."""
    return int.from_bytes(hmac.digest(secret, who.encode(), "sha256")[:8], "big") % BOXES


def worth_keeping(text: str) -> str:
    """The text as it is counted; nothing for long texts, and for those that may name a person (numbers, addresses)."""
    clean = normalise(text[: 4 * LONGEST])
    return "" if len(clean) > LONGEST or _PERSONAL.search(clean) else clean


def _write(counts: Mapping[tuple[dt.date, str], Count]) -> None:
    """Two statements, however many texts."""
    query = select(SearchUse).where(tuple_(SearchUse.day, SearchUse.text).in_(list(counts)))
    rows = {(row.day, row.text): row for row in session().scalars(query.order_by(SearchUse.text).with_for_update())}
    for (day, text), count in sorted(counts.items()):
        row = rows.get((day, text)) or SearchUse(day=day, text=text, asked=0, clicked=0, found=0, askers=0)
        session().add(row)
        row.asked += count.asked
        row.clicked += count.clicked
        row.askers |= count.askers
        row.found = row.found if count.found is None else count.found
    session().flush()


def weak_texts(limit: int = 50, *, days: int = 90, finds_nothing: bool) -> Sequence[Weak]:
    """Texts of the last days that found nothing the last time, most asked first; or those asked at least `OFTEN` times with results
    of which fewer than one in five was opened."""
    since = _day_of(clock.now()) - dt.timedelta(days=days)
    asked, clicked, last = func.sum(SearchUse.asked), func.sum(SearchUse.clicked), func.max(SearchUse.day)
    newest = (
        select(SearchUse.text, last.label("last")).where(SearchUse.day >= since).group_by(SearchUse.text).subquery()
    )
    state = (
        select(SearchUse.text, SearchUse.found)
        .join(newest, (newest.c.text == SearchUse.text) & (newest.c.last == SearchUse.day))
        .subquery()
    )
    query = (
        select(SearchUse.text, asked, clicked, func.max(state.c.found), last)
        .join(state, state.c.text == SearchUse.text)
        .where(SearchUse.day >= since, state.c.found == 0 if finds_nothing else state.c.found > 0)
        .group_by(SearchUse.text)
        .having(asked > 0 if finds_nothing else (asked >= OFTEN) & (clicked * 5 < asked))
        .order_by(asked.desc(), SearchUse.text)
        .limit(limit)
    )
    return [Weak(row[0], int(row[1]), int(row[2]), int(row[3]), row[4]) for row in session().execute(query)]


def forget_old(now: dt.datetime | None = None) -> int:
    """Drop what is older than `KEPT`; returns how many rows went."""
    before = _day_of(now or clock.now()) - KEPT
    done = session().execute(delete(SearchUse).where(SearchUse.day < before))
    return int(getattr(done, "rowcount", 0))
