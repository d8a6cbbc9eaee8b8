"""From matched documents to a page: rights, filters, exact total, facets, order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_

import numpy as np
import numpy.typing as npt

from search.answering import NAME_WORTH, most_frequent
from search.documents import FACET_FIELDS, FILTER_FIELDS, Kind, SearchQuery
from search.understanding import Variant, year_span
from search.whoosh_engine.columns import BoolArray, DoubleArray, IntArray, WordColumn
from search.whoosh_engine.matching import match_any_reading
from search.whoosh_engine.schema import LONGEST_NAME
from search.whoosh_engine.snapshot import Scored, Segment, Snapshot

#: Values named per facet and segment before the best are chosen; courses and units of one installation are fewer.
COUNTED_VALUES = 2_000

_Masks = dict[str, BoolArray]


@dataclass(slots=True)
class Selection:
    """The page asked for, as (segment, document number, score), and the figures about all matches."""

    total: int = 0
    rows: list[tuple[Segment, int, float]] = field(default_factory=list)
    facets: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """Matches of one segment that passed everything: their numbers, scores and sort keys."""

    segment: Segment
    ids: IntArray
    scores: DoubleArray
    keys: DoubleArray


def select(snapshot: Snapshot, variants: Sequence[Variant] | None, query: SearchQuery, key: str = "") -> Selection:
    """Everything about one query. `variants` None means every document. `key` is the compact text."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in query.facets if name in FACET_FIELDS}
    found = [_select_in(snapshot, segment, variants, query, key, counts) for segment in snapshot.segments]
    rows = _best_of_kinds(found, query.per_kind) if query.per_kind else _page(found, query.offset, query.limit)
    return Selection(
        total=sum(len(part.ids) for part in found),
        rows=rows,
        facets={
            name: most_frequent(counter.items(), query.facet_values, query.filters.get(name, ()))
            for name, counter in counts.items()
        },
    )


def _select_in(
    snapshot: Snapshot,
    segment: Segment,
    variants: Sequence[Variant] | None,
    query: SearchQuery,
    key: str,
    counts: dict[str, Counter[str]],
) -> _Found:
    matched = _matched(snapshot, segment, variants)
    if query.ids is not None:
        named = np.isin(matched.ids, snapshot.numbers(segment, query.ids))
        matched = Scored(matched.ids[named], matched.scores[named])
    ids, text_scores = _visible(segment, matched, query.scopes)
    masks = _masks(segment, ids, query)
    most = COUNTED_VALUES if len(snapshot.segments) > 1 else query.facet_values + 1  # one more: no year is a value, too
    for name, counter in counts.items():
        counted = segment.columns.words[name].count(ids[_agreed(masks, len(ids), but=name)])
        counter.update(_named(segment.columns.words[name], counted, most, query.filters.get(name, ())))
    keep = _agreed(masks, len(ids))
    kept = Scored(ids[keep], text_scores[keep])
    scores = _final_scores(snapshot, segment, kept, key if variants else "")
    return _Found(segment, kept.ids, scores, _sort_keys(segment, kept.ids, scores, query.sort, variants is None))


def _matched(snapshot: Snapshot, segment: Segment, variants: Sequence[Variant] | None) -> Scored:
    if variants is not None:
        readings = tuple(variants)
        return snapshot.remembered((segment.id, readings), lambda: match_any_reading(snapshot, segment, readings))
    size = segment.columns.size
    return Scored(np.arange(size, dtype=np.int32), np.zeros(size, np.float32))


def _visible(segment: Segment, matched: Scored, scopes: tuple[str, ...]) -> Scored:
    """Rights come first: nothing after this line sees what the asker may not."""
    column = segment.columns.words["visibility"]
    allowed = np.array([i for i, scope in enumerate(column.values.texts) if scope in scopes], np.int32)
    if segment.live is None and len(allowed) >= len(column.values) - 1 and 0 not in allowed and not _hides_some(column):
        return matched
    keep = column.where(allowed, matched.ids)
    if segment.live is not None:
        keep &= segment.live[matched.ids]
    return Scored(matched.ids[keep], matched.scores[keep])


def _hides_some(column: WordColumn) -> bool:
    """Whether a document has the empty scope, which nobody may see."""
    return bool(len(column.codes)) and int(column.codes.min()) == 0


# --- filters and facets


def _masks(segment: Segment, ids: IntArray, query: SearchQuery) -> _Masks:
    """One mask per filtered field, so that a facet can leave its own out. Unknown fields let nothing pass."""
    masks = {name: _filter(segment, ids, name, values) for name, values in query.filters.items() if values}
    if query.kind is not None:
        masks["kind"] = _filter(segment, ids, "kind", (query.kind,))
    return masks


def _filter(segment: Segment, ids: IntArray, name: str, values: tuple[str, ...]) -> BoolArray:
    if name == "year":
        return _filter_years(segment.columns.years[ids], values)
    if name not in FILTER_FIELDS:
        return np.zeros(len(ids), bool)
    column = segment.columns.words[name]
    return column.where(column.codes_of(values), ids)


def _filter_years(years: IntArray, values: tuple[str, ...]) -> BoolArray:
    keep = np.zeros(len(years), bool)
    for span in filter(None, map(year_span, values)):
        keep |= (years >= span[0]) & (years <= span[1])
    return keep


def _agreed(masks: _Masks, size: int, but: str | None = None) -> BoolArray | slice:
    """Which of the documents pass, as an index; everything where nothing is asked."""
    wanted = [mask for name, mask in masks.items() if name != but]
    return reduce(and_, wanted, np.ones(size, bool)) if wanted else slice(None)


def _named(column: WordColumn, counts: npt.NDArray[np.int64], most: int, wanted: Sequence[str]) -> dict[str, int]:
    """The `most` frequent values with their counts, and the wanted ones. Only they are read as texts: columns have thousands."""
    counts[0] = 0  # the empty value
    codes = dict.fromkeys([*_most(counts, most), *column.codes_of(wanted).tolist()])
    values = column.values.texts
    return {values[code]: int(counts[code]) for code in codes if counts[code] and values[code] != "0"}


def _most(counts: npt.NDArray[np.int64], most: int) -> list[int]:
    """Codes that occur, those of most documents first; equally frequent ones in the order of their values."""
    codes = np.nonzero(counts)[0]
    return codes[np.argsort(-counts[codes], kind="stable")[:most]].tolist()


# --- order


def _final_scores(snapshot: Snapshot, segment: Segment, kept: Scored, key: str) -> DoubleArray:
    text = kept.scores + _name_bonus(snapshot, segment, kept, key)
    return text.astype(np.float64) * snapshot.worth(segment)[kept.ids]


def _name_bonus(snapshot: Snapshot, segment: Segment, kept: Scored, key: str) -> DoubleArray:
    """Nothing beats the thing that is called exactly so."""
    bonus = np.zeros(len(kept.ids), np.float64)
    if key and len(kept.ids):
        called = snapshot.postings(segment, "name", key[:LONGEST_NAME]).ids
        places = np.minimum(np.searchsorted(kept.ids, called), len(kept.ids) - 1)
        bonus[places[kept.ids[places] == called]] = NAME_WORTH * snapshot.rarest_information
    return bonus


def _sort_keys(segment: Segment, ids: IntArray, scores: DoubleArray, sort: str, is_list: bool) -> DoubleArray:
    """Greater comes first. A fraction from the id decides ties, so that paging never repeats or skips."""
    columns = segment.columns
    tie = columns.ties[ids]
    if sort == "newest":
        return columns.published[ids] + tie
    if sort == "rated":
        return columns.ratings[ids].astype(np.float64) * 1e9 + columns.popularity[ids] + 1e-3 * tie
    if sort == "popular" or is_list:
        return columns.popularity[ids] + 1e-3 * tie
    return scores + 1e-6 * tie


def _page(found: list[_Found], offset: int, limit: int) -> list[tuple[Segment, int, float]]:
    offset, need = max(offset, 0), max(offset, 0) + max(limit, 0)
    best = [row for part in found for row in _best(part, need)]
    best.sort(key=lambda row: -row[0])
    return [(segment, number, score) for _, segment, number, score in best[offset:need]]


def _best_of_kinds(found: list[_Found], limits: Mapping[Kind, int]) -> list[tuple[Segment, int, float]]:
    """The best few of every kind, kinds in the order asked for."""
    kinds = [part.segment.columns.words["kind"].codes[part.ids] for part in found]
    return [
        row
        for kind, limit in limits.items()
        for row in _page([_of_kind(part, kind, codes) for part, codes in zip(found, kinds, strict=True)], 0, limit)
    ]


def _of_kind(part: _Found, kind: Kind, kinds: IntArray) -> _Found:
    """Those of a kind; `kinds` has the code of each document's."""
    wanted = part.segment.columns.words["kind"].codes_of((kind,))
    keep = np.nonzero(kinds == wanted[0])[0] if len(wanted) else np.empty(0, np.int64)
    return _Found(part.segment, part.ids[keep], part.scores[keep], part.keys[keep])


def _best(part: _Found, need: int) -> list[tuple[float, Segment, int, float]]:
    places = np.arange(len(part.ids))
    if len(places) > need:
        places = np.argpartition(-part.keys, need)[:need] if need else places[:0]
    return [
        (float(part.keys[place]), part.segment, int(part.ids[place]), float(part.scores[place])) for place in places
    ]
