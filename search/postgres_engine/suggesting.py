"""Names that continue what is being typed: by letters, by pinyin, by initials, then by words inside names."""

from __future__ import annotations

from typing import Any

from search.documents import Suggestion
from search.pinyin import typed_pinyin
from search.postgres_engine.conditions import text_query
from search.postgres_engine.selecting import Selector
from search.suggesting import LONGEST_PREFIX, MOST_ROWS, choose, offer
from search.text import Tokenizer, compact, normalise
from search.understanding import MAX_TEXT, Variant

_ORDER = "CASE kind WHEN 'point' THEN 0 WHEN 'course' THEN 1 WHEN 'lesson' THEN 2 ELSE 3 END, popularity DESC"


def suggest(
    selector: Selector, tokenizer: Tokenizer, prefix: str, limit: int, scopes: tuple[str, ...]
) -> tuple[Suggestion, ...]:
    """At most `limit` different names, best first; none for a prefix without letters."""
    normalised = normalise(prefix[:MAX_TEXT])[:LONGEST_PREFIX]
    key = compact(normalised)
    if not key or limit <= 0:
        return ()
    letters = typed_pinyin(normalised)
    words = tuple(dict.fromkeys(token.text for token in tokenizer.words(normalised)))
    tiers: dict[str, int] = {}
    found = [
        _starting(selector, key, scopes, is_sound=False),
        _starting(selector, letters, scopes, is_sound=True) if letters else [],
        _having(selector, words, scopes) if words else [],
    ]
    for tier, ids in enumerate(found):
        for identifier in ids:
            tiers.setdefault(identifier, tier)
    return choose([offer(tiers[row["id"]], row, key) for row in _rows(selector, list(tiers))], limit)


def _starting(selector: Selector, prefix: str, scopes: tuple[str, ...], *, is_sound: bool) -> list[str]:
    escaped = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    statement = f"""
        SELECT id FROM (SELECT DISTINCT id, kind, popularity FROM {{spellings}}
            WHERE spelt LIKE %s AND is_sound = %s AND visibility = ANY(%s)) s ORDER BY {_ORDER} LIMIT %s"""  # noqa: S608
    return [row[0] for row in selector.run(statement, (f"{escaped}%", is_sound, list(scopes), MOST_ROWS))]


def _having(selector: Selector, words: tuple[str, ...], scopes: tuple[str, ...]) -> list[str]:
    """Of those found by words, only points and courses."""
    statement = f"""
        SELECT id FROM {{docs}} WHERE words @@ %s::tsquery AND kind IN ('point', 'course') AND visibility = ANY(%s)
        ORDER BY {_ORDER} LIMIT %s"""  # noqa: S608
    return [row[0] for row in selector.run(statement, (text_query(Variant(words)), list(scopes), MOST_ROWS))]


def _rows(selector: Selector, ids: list[str]) -> list[dict[str, Any]]:
    statement = "SELECT d.id, d.kind, d.popularity, t.title, t.names FROM {docs} d JOIN {texts} t ON t.id = d.id WHERE d.id = ANY(%s)"
    names = ("id", "kind", "popularity", "title", "names")
    return [dict(zip(names, row, strict=True)) for row in selector.run(statement, (ids,))]
