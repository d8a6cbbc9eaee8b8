"""What many people ask, offered to those who begin to type the same (R25)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from courseware.catalog.memory import memory
from courseware.core import clock
from courseware.core.database import session
from courseware.discovery.engine import engine
from courseware.discovery.models import SearchUse
from search.documents import SearchQuery
from search.pinyin import initials, syllables, typed_pinyin
from search.text import compact, normalise

#: Asked by so many, on so many days, and opened at least once: no single person's words come to others.
PEOPLE, DAYS = 5, 2
SINCE = dt.timedelta(days=30)
#: The most asked ones are looked through; read again after so many seconds.
MOST, REMEMBER_S = 300, 60
OFFERED = 2


@dataclass(frozen=True, slots=True)
class Popular:
    """A text, and how its beginning may be typed: its letters, its pinyin, its initials."""

    text: str
    key: str
    spellings: tuple[str, str]


def continuing(typed: str, names: Collection[str]) -> list[str]:
    """At most `OFFERED` popular texts that begin as typed, most asked first, besides the names offered already. Each of them finds
    something that everybody may see (SEC8). Raises IndexUnavailable."""
    key, letters = compact(typed), typed_pinyin(normalise(typed))
    if not key:
        return []
    taken = {compact(name) for name in names}
    offers = (p.text for p in _most_asked() if p.key not in taken and _begins(p, key, letters) and _is_public(p.text))
    return [text for text, _ in zip(offers, range(OFFERED), strict=False)]


def _begins(popular: Popular, key: str, letters: str) -> bool:
    return popular.key.startswith(key) or bool(letters and any(s.startswith(letters) for s in popular.spellings))


def _is_public(text: str) -> bool:
    """Asked once for each state of the index; as written, because what a correction finds has another text."""
    key = (engine().generation(), text)
    return memory("popular_public", 2 * MOST).get(key, lambda: _finds(text))


def _finds(text: str) -> bool:
    result = engine().search(SearchQuery(text, limit=0, exact=True))
    return bool(result.total) and not result.is_loose


def _most_asked() -> list[Popular]:
    return memory("popular", 1).get(int(time.monotonic() // REMEMBER_S), _read)


def _read() -> list[Popular]:
    """Bits are joined here: neither database joins them alike."""
    since = clock.now().astimezone(clock.REPORTING_ZONE).date() - SINCE
    asked = func.sum(SearchUse.asked)
    often = (
        select(SearchUse.text, asked.label("asked"))
        .where(SearchUse.day >= since, SearchUse.found > 0)
        .group_by(SearchUse.text)
        .having(asked >= PEOPLE, func.count() >= DAYS, func.sum(SearchUse.clicked) > 0)
        .order_by(asked.desc(), SearchUse.text)
        .limit(MOST)
        .subquery()
    )
    query = (
        select(SearchUse.text, SearchUse.askers)
        .join(often, often.c.text == SearchUse.text)
        .where(SearchUse.day >= since, SearchUse.found > 0)
        .order_by(often.c.asked.desc(), SearchUse.text)
    )
    askers: dict[str, int] = {}
    for text, boxes in session().execute(query):
        askers[text] = askers.get(text, 0) | boxes
    return [_popular(text) for text, boxes in askers.items() if boxes.bit_count() >= PEOPLE]


def _popular(text: str) -> Popular:
    sounds = syllables(text)
    return Popular(text, compact(text), ("".join(sounds), initials(sounds)))
