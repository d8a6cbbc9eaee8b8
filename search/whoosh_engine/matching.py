"""Which documents of a segment a reading of the query finds, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from search.understanding import Phrase, Variant
from search.whoosh_engine.columns import BoolArray, IntArray
from search.whoosh_engine.schema import TEXT_FIELDS
from search.whoosh_engine.snapshot import NOTHING, Scored, Segment, Snapshot, combine

#: Greater than any place of a word in a document, and than any place within a query.
_FARTHEST, _MARGIN = 1 << 32, 1 << 20


def match_any_reading(snapshot: Snapshot, segment: Segment, variants: Sequence[Variant]) -> Scored:
    """Documents found by at least one reading, with the score of their best one."""
    found = [match(snapshot, segment, variant) for variant in variants]
    return combine([scored for scored in found if len(scored.ids)], segment.columns.size, take_best=True)


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
    union = combine([scored for scored in words if len(scored.ids)], segment.columns.size, take_best=False)
    if not variant.cover:
        return union
    telling = [snapshot.information(word, variant.where) for word in variant.words]
    held = np.zeros(segment.columns.size, np.float32)
    for scored, value in zip(words, telling, strict=True):
        held[scored.ids] += value
    enough = held[union.ids] >= variant.cover * sum(telling)
    return Scored(union.ids[enough], union.scores[enough])


# --- phrases


def _titled(snapshot: Snapshot, segment: Segment, phrase: Phrase) -> Scored:
    """Titles with the words in place, each worth a rare word."""
    words = dict.fromkeys(token.text for token in phrase)
    lists = sorted(map(segment.lists["title"].documents, words), key=len)
    ids = reduce(_shared, lists)
    if not len(ids):
        return NOTHING
    ids = ids[_in_place(segment, "title", phrase, ids)]
    return Scored(ids, np.full(len(ids), snapshot.rarest_information, np.float32))


def _shared(few: IntArray, many: IntArray) -> IntArray:
    """Numbers that are in both, rising."""
    if not len(few) or not len(many):
        return few[:0]
    return few[many[np.minimum(np.searchsorted(many, few), len(many) - 1)] == few]


def match_phrase(snapshot: Snapshot, segment: Segment, phrase: Phrase) -> Scored:
    """Documents where one field has all words of the phrase, at the distances they have in the phrase."""
    found = [_phrase_in_field(snapshot, segment, field, phrase) for field in TEXT_FIELDS]
    return combine([scored for scored in found if len(scored.ids)], segment.columns.size, take_best=True)


def _phrase_in_field(snapshot: Snapshot, segment: Segment, field: str, phrase: Phrase) -> Scored:
    scored = _having_all(snapshot, segment, field, phrase)
    if len(phrase) == 1 or not len(scored.ids):
        return scored
    is_exact = _in_place(segment, field, phrase, scored.ids)
    return Scored(scored.ids[is_exact], scored.scores[is_exact])


def _having_all(snapshot: Snapshot, segment: Segment, field: str, phrase: Phrase) -> Scored:
    distinct = dict.fromkeys(token.text for token in phrase)
    return _all_of([snapshot.score_field(segment, field, word) for word in distinct])


def _in_place(segment: Segment, field: str, phrase: Phrase, ids: IntArray) -> BoolArray:
    """Which of the documents, that have all the words, have them at the distances of the phrase: where it would begin must
    agree for every word. Document and place are one number, so that arrays of them are compared."""
    begins: npt.NDArray[np.int64] | None = None
    for token in phrase:
        rows, places = segment.lists[field].positions(token.text, ids)
        here = rows.astype(np.int64) * _FARTHEST + (places - (token.start - phrase[0].start) + _MARGIN)
        begins = here if begins is None else np.intersect1d(begins, here)
    keep = np.zeros(len(ids), bool)
    if begins is not None:
        keep[begins // _FARTHEST] = True
    return keep
