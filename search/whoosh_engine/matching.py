"""Which documents of a segment a reading of the query finds, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

import numpy as np

from search.understanding import Phrase, Variant
from search.whoosh_engine.columns import IntArray
from search.whoosh_engine.postings import read_positions
from search.whoosh_engine.schema import TEXT_FIELDS
from search.whoosh_engine.snapshot import NOTHING, Scored, Segment, Snapshot

#: Positions are decoded in Python, so only among so many titles is the order of the words looked at.
MOST_TITLES = 150


def match_any_reading(snapshot: Snapshot, segment: Segment, variants: Sequence[Variant]) -> Scored:
    """Documents found by at least one reading, with the score of their best one."""
    found = [match(snapshot, segment, variant) for variant in variants]
    return _combine([scored for scored in found if len(scored.ids)], segment, take_best=True)


def match(snapshot: Snapshot, segment: Segment, variant: Variant) -> Scored:
    """Documents that fulfil one reading; deleted ones are still among them."""
    words = [snapshot.score(segment, word, variant.where) for word in variant.words]
    phrases = [match_phrase(snapshot, segment, phrase) for phrase in variant.phrases]
    if variant.need == "any" and variant.words:
        words = [_match_any(snapshot, segment, variant, words)]
    found = _all_of([*words, *phrases])
    for word in variant.extra:
        found = _add(found, snapshot.score(segment, word, variant.where))
    if variant.together:
        found = _add(found, _titled(snapshot, segment, variant.together))
    return Scored(found.ids, found.scores * np.float32(variant.weight))


def _all_of(parts: list[Scored]) -> Scored:
    """Rarest first, so that every step looks at few."""
    if not parts:
        return NOTHING
    return reduce(_both, sorted(parts, key=lambda scored: len(scored.ids)))


def _both(few: Scored, many: Scored) -> Scored:
    if not len(few.ids) or not len(many.ids):
        return NOTHING
    places = np.minimum(np.searchsorted(many.ids, few.ids), len(many.ids) - 1)
    same = many.ids[places] == few.ids
    return Scored(few.ids[same], few.scores[same] + many.scores[places[same]])


def _add(found: Scored, extra: Scored) -> Scored:
    """More score for those that have an extra word."""
    common, here, there = np.intersect1d(found.ids, extra.ids, assume_unique=True, return_indices=True)
    scores = found.scores.copy()
    scores[here] += extra.scores[there]
    return Scored(found.ids, scores) if len(common) else found


def _match_any(snapshot: Snapshot, segment: Segment, variant: Variant, words: list[Scored]) -> Scored:
    """Any of the words; with `cover`, only documents that hold enough of what the words tell."""
    union = _combine([scored for scored in words if len(scored.ids)], segment, take_best=False)
    if not variant.cover:
        return union
    telling = [snapshot.information(word, variant.where) for word in variant.words]
    held = np.zeros(segment.columns.size, np.float32)
    for scored, value in zip(words, telling, strict=True):
        held[scored.ids] += value
    enough = held[union.ids] >= variant.cover * sum(telling)
    return Scored(union.ids[enough], union.scores[enough])


def _combine(found: list[Scored], segment: Segment, take_best: bool) -> Scored:
    if len(found) <= 1:
        return found[0] if found else NOTHING
    total = np.zeros(segment.columns.size, np.float32)
    is_hit = np.zeros(segment.columns.size, bool)
    for ids, scores in found:
        is_hit[ids] = True
        total[ids] = np.maximum(total[ids], scores) if take_best else total[ids] + scores
    ids = np.nonzero(is_hit)[0].astype(np.int32)
    return Scored(ids, total[ids])


# --- phrases


def _titled(snapshot: Snapshot, segment: Segment, phrase: Phrase) -> Scored:
    """Titles with the words in place, each worth a rare word; unknown where too many would have to be read."""
    ids = _having_all(snapshot, segment, "title", phrase).ids
    if not 0 < len(ids) <= MOST_TITLES:
        return NOTHING
    ids = _in_place(snapshot, segment, "title", phrase, ids)
    return Scored(np.sort(ids), np.full(len(ids), snapshot.rarest_information, np.float32))


def match_phrase(snapshot: Snapshot, segment: Segment, phrase: Phrase) -> Scored:
    """Documents where one field has all words of the phrase, at the distances they have in the phrase."""
    found = [_phrase_in_field(snapshot, segment, field, phrase) for field in TEXT_FIELDS]
    return _combine([scored for scored in found if len(scored.ids)], segment, take_best=True)


def _phrase_in_field(snapshot: Snapshot, segment: Segment, field: str, phrase: Phrase) -> Scored:
    scored = _having_all(snapshot, segment, field, phrase)
    if len(phrase) == 1 or not len(scored.ids):
        return scored
    is_exact = np.isin(scored.ids, _in_place(snapshot, segment, field, phrase, scored.ids))
    return Scored(scored.ids[is_exact], scored.scores[is_exact])


def _having_all(snapshot: Snapshot, segment: Segment, field: str, phrase: Phrase) -> Scored:
    distinct = dict.fromkeys(token.text for token in phrase)
    return _all_of([snapshot.score_field(segment, field, word) for word in distinct])


def _in_place(snapshot: Snapshot, segment: Segment, field: str, phrase: Phrase, ids: IntArray) -> IntArray:
    """Only candidates are decoded; where the phrase would begin must agree for every word."""
    starts: dict[int, set[int]] | None = None
    for token in phrase:
        shift = token.start - phrase[0].start
        read = partial(read_positions, segment.reader, field, token.text, ids)
        places: dict[int, list[int]] = snapshot.cache.guarded(read)
        here = {number: {place - shift for place in at} for number, at in places.items()}
        starts = here if starts is None else {n: starts[n] & here[n] for n in starts.keys() & here.keys()}
    return np.array([number for number, places in (starts or {}).items() if places], np.int32)
