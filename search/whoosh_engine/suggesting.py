"""Names that continue what is being typed: by letters, by pinyin, by initials, then by words inside names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from search.documents import Suggestion
from search.pinyin import typed_pinyin
from search.suggesting import KIND_ORDER, LONGEST_PREFIX, MOST_ROWS, Offer, choose, offer
from search.text import Tokenizer, compact, normalise
from search.understanding import MAX_TEXT, Variant
from search.whoosh_engine.matching import match
from search.whoosh_engine.snapshot import Segment, Snapshot

#: Terms looked at per segment and field: keeps one letter from walking the whole dictionary.
MOST_TERMS = 120


@dataclass(frozen=True, slots=True)
class _Candidate:
    """`tier`: 0 continued by letters, 1 by sound, 2 holds the words."""

    tier: int
    segment: Segment
    number: int


def suggest(
    snapshot: Snapshot, tokenizer: Tokenizer, prefix: str, limit: int, scopes: tuple[str, ...]
) -> tuple[Suggestion, ...]:
    """At most `limit` different names, best first; none for a prefix without letters."""
    normalised = normalise(prefix[:MAX_TEXT])[:LONGEST_PREFIX]
    key = compact(normalised)
    if not key or limit <= 0:
        return ()
    return choose(_offers(snapshot, tokenizer, normalised, key, scopes), limit)


def _offers(
    snapshot: Snapshot, tokenizer: Tokenizer, normalised: str, key: str, scopes: tuple[str, ...]
) -> Iterator[Offer]:
    for segment in snapshot.segments:
        for candidate in _candidates(snapshot, segment, tokenizer, normalised, key, scopes):
            yield offer(candidate.tier, snapshot.row(segment, candidate.number), key)


def _candidates(
    snapshot: Snapshot,
    segment: Segment,
    tokenizer: Tokenizer,
    normalised: str,
    key: str,
    scopes: tuple[str, ...],
) -> list[_Candidate]:
    words = tuple(dict.fromkeys(token.text for token in tokenizer.words(normalised)))
    letters = typed_pinyin(normalised)
    tiers = [
        _starting(segment, "name", key),
        _starting(segment, "spelt", letters) if letters else [],
        match(snapshot, segment, Variant(words)).ids.tolist() if words else [],
    ]
    found: dict[int, _Candidate] = {}
    for tier, numbers in enumerate(tiers):
        for number in _allowed(segment, numbers, scopes, is_named=tier == 2)[:MOST_ROWS]:
            found.setdefault(number, _Candidate(tier, segment, number))
    return list(found.values())


def _starting(segment: Segment, field: str, prefix: str) -> list[int]:
    return [number for ids in segment.lists[field].starting(prefix, MOST_TERMS) for number in ids.tolist()]


def _allowed(segment: Segment, numbers: list[int], scopes: tuple[str, ...], is_named: bool) -> list[int]:
    """Living and visible ones, most used first; of those found by words, only points and courses."""
    ids = np.array(numbers, np.int32)
    column, kinds = segment.columns.words["visibility"], segment.columns.words["kind"]
    codes = np.array([i for i, scope in enumerate(column.values) if scope in scopes], np.int32)
    keep = segment.is_live(ids) & column.where(codes, ids)
    if is_named:
        keep &= kinds.where(kinds.codes_of(("point", "course")), ids)
    ids = ids[keep]
    ranks = np.array([KIND_ORDER.get(kind, 9) for kind in kinds.values], np.int32)[kinds.codes[ids]]  # type: ignore[call-overload]
    return ids[np.lexsort((-segment.columns.popularity[ids], ranks))].tolist()
