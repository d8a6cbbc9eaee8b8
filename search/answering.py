"""How a question is answered, whatever engine looks things up: strictly first, loosely when thin."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol

from search.documents import Kind, Piece, SearchHit, SearchQuery, SearchResult
from search.highlighting import find_passage, mark
from search.names import Names
from search.text import Tokenizer, normalise
from search.understanding import THIN, Parsed, Variant, by_sound, loose, parse, strict

K1 = 1.2
B = 0.75
#: A word found in several fields counts by its best field, plus this share of the others.
OTHER_FIELDS = 0.1
#: A mild preference between kinds of equal relevance: the point itself first, a moment last.
KIND_PRIOR: dict[Kind, float] = {
    "point": 1.3,
    "course": 1.1,
    "resource": 1.0,
    "lesson": 1.0,
    "moment": 0.85,
    "question": 0.85,
}
#: Popularity moves a score by at most this share.
POPULARITY_SHARE = 0.1

#: Being called exactly what was typed counts as so many of the rarest words.
NAME_WORTH = 2.0
#: Where the best of each kind are asked for, so many of a kind are shown with their text.
DESCRIBED = 6
#: There moments stand under their resource, which has the title, and lessons in a list of titles.
WITHOUT_TITLE, WITHOUT_PASSAGE = "moment", "lesson"
#: Names of points offered when little was found.
NEAR_POINTS = 3


@dataclass(slots=True)
class Selection:
    """What an engine finds: exact total, the rows of the page with their scores, facet counts."""

    total: int = 0
    rows: list[tuple[Mapping[str, Any], float]] = field(default_factory=list)
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


class Matcher(Protocol):
    """The part of an engine that answering needs. All methods see one and the same committed state."""

    @property
    def names(self) -> Names:
        """Names of points and courses."""

    def has_value(self, field: str, value: str) -> bool:
        """Whether a filter value occurs."""

    def select(self, variants: Sequence[Variant] | None, query: SearchQuery, key: str = "") -> Selection:
        """Documents of any reading (None: all) within rights and filters. `key`: a name that ranks first."""


@dataclass(slots=True)
class _Reading:
    """How the query was finally understood."""

    selection: Selection
    variants: tuple[Variant, ...] = ()
    corrected_to: str | None = None
    suggestions: tuple[str, ...] = ()
    is_loose: bool = False


def answer(query: SearchQuery, matcher: Matcher, tokenizer: Tokenizer) -> SearchResult:
    """Never raises because of the text."""
    began = time.perf_counter()
    parsed = parse(query.text, tokenizer, matcher.has_value)
    query = replace(query, filters={**query.filters, **parsed.filters})
    reading = _read(parsed, query, matcher, tokenizer)
    words = _shown(reading, parsed)
    return SearchResult(
        query=query.text,
        normalized=parsed.normalized,
        total=reading.selection.total,
        hits=_hits(reading.selection.rows, words, is_grouped=bool(query.per_kind)),
        facets=reading.selection.facets,
        suggestions=reading.suggestions,
        corrected_to=reading.corrected_to,
        is_loose=reading.is_loose,
        took_ms=round((time.perf_counter() - began) * 1000, 2),
    )


def _read(parsed: Parsed, query: SearchQuery, matcher: Matcher, tokenizer: Tokenizer) -> _Reading:
    if parsed.is_blank:
        return _Reading(matcher.select(None, query))
    variants = strict(parsed, matcher.names, tokenizer, query.scopes)
    selection = matcher.select(variants, query, parsed.key)
    anywhere = selection.total if selection.total >= THIN else matcher.select(variants, _unfiltered(query)).total
    if anywhere >= THIN or not variants:
        near = () if selection.total else _near_points(variants, query, matcher)
        return _Reading(selection, variants, suggestions=near)
    return _read_thin(_Reading(selection, variants), anywhere, parsed, query, matcher, tokenizer)


def _read_thin(
    reading: _Reading, anywhere: int, parsed: Parsed, query: SearchQuery, matcher: Matcher, tokenizer: Tokenizer
) -> _Reading:
    better = None if query.exact else _correction(parsed, query, matcher, tokenizer)
    if better and not anywhere:
        corrected = _read_corrected(better, query, matcher, tokenizer)
        if corrected.selection.total:
            return corrected
    variants = reading.variants + loose(parsed, matcher.names, tokenizer, query.scopes)
    selection = matcher.select(variants, query, parsed.key)
    near = _near_points(variants, query, matcher) if selection.total < THIN else ()
    is_loose = not anywhere and bool(selection.total) and not _is_heard(parsed, query, matcher)
    return _Reading(selection, variants, suggestions=tuple(filter(None, (better, *near))), is_loose=is_loose)


def _is_heard(parsed: Parsed, query: SearchQuery, matcher: Matcher) -> bool:
    """Whether the text is found by its sound: then nothing of it was left out."""
    return bool(matcher.select(by_sound(parsed), _unfiltered(query)).total)


def _read_corrected(better: str, query: SearchQuery, matcher: Matcher, tokenizer: Tokenizer) -> _Reading:
    """The corrected words strictly, and by any of them below that."""
    parsed = parse(better, tokenizer, matcher.has_value)
    variants = strict(parsed, matcher.names, tokenizer, query.scopes)
    selection = matcher.select(variants, query, parsed.key)
    if matcher.select(variants, _unfiltered(query)).total < THIN:
        variants += loose(parsed, matcher.names, tokenizer, query.scopes)
        selection = matcher.select(variants, query, parsed.key)
    return _Reading(selection, variants, corrected_to=better)


def _correction(parsed: Parsed, query: SearchQuery, matcher: Matcher, tokenizer: Tokenizer) -> str | None:
    """A better spelling; none where the text is found elsewhere (filters aside), or by its sound."""
    if parsed.phrases:
        return None
    if any(matcher.select(readings, _unfiltered(query)).total for readings in _certain(parsed)):
        return None

    @cache
    def knows(word: str) -> bool:
        """By what the asker may see: whether a word is taken as right must not tell what else is there (SEC8)."""
        return bool(matcher.select((Variant((word,)),), _unfiltered(query)).total)

    def is_known(piece: str) -> bool:
        return all(knows(token.text) for token in tokenizer.words(normalise(piece)))

    return matcher.names.correct(parsed.key, is_known, query.scopes)


def _certain(parsed: Parsed) -> list[tuple[Variant, ...]]:
    """Readings that make a correction needless: the words themselves (filters aside), and their sound."""
    return [readings for readings in ((Variant(parsed.words),), by_sound(parsed)) if readings]


def _near_points(variants: Sequence[Variant], query: SearchQuery, matcher: Matcher) -> tuple[str, ...]:
    near = replace(_unfiltered(query), kind="point", limit=NEAR_POINTS)
    return tuple(row["title"] for row, _ in matcher.select(variants, near).rows)


def _unfiltered(query: SearchQuery) -> SearchQuery:
    """Counts over everything the asker may see. How a text is read must not depend on filters: a facet's count
    is then what a click on it finds."""
    return replace(query, kind=None, filters={}, facets=(), ids=None, limit=0, offset=0, sort="relevance", per_kind={})


def most_frequent(counts: Iterable[tuple[str, int]], most: int, wanted: Collection[str]) -> tuple[tuple[str, int], ...]:
    """What a facet tells: its `most` frequent values, equally frequent ones in the order of their letters without regard to
    case; and after them those of `wanted` values that occur."""
    ranked = sorted(counts, key=lambda pair: (-pair[1], pair[0].lower(), pair[0]))
    return (*ranked[:most], *(pair for pair in ranked[most:] if pair[0] in wanted))


# --- hits


def _shown(reading: _Reading, parsed: Parsed) -> tuple[str, ...]:
    readings = (variant for variant in reading.variants if variant.where == "text")
    words = (word for variant in readings for word in variant.words)
    return tuple(dict.fromkeys((*words, *parsed.shown)))


def _hits(
    rows: Sequence[tuple[Mapping[str, Any], float]], words: tuple[str, ...], *, is_grouped: bool
) -> tuple[SearchHit, ...]:
    """Where the best of each kind are asked for, further moments of a resource, and moments of further resources, are places
    only: a page names their seconds, and making a passage takes longer than finding it."""
    if not is_grouped:
        return tuple(
            _hit(row, score, mark(row["title"], words), find_passage(row["body"], words)) for row, score in rows
        )
    shown: set[str] = set()
    described: Counter[str] = Counter()
    hits = []
    for row, score in rows:
        kind, group = row["kind"], row["group"]
        is_brief = group in shown or described[kind] >= DESCRIBED
        title = () if is_brief or kind == WITHOUT_TITLE else mark(row["title"], words)
        passage = () if is_brief or kind == WITHOUT_PASSAGE else find_passage(row["body"], words)
        hits.append(_hit(row, score, title, passage))
        described[kind] += not is_brief
        if group:
            shown.add(group)
    return tuple(hits)


def _hit(row: Mapping[str, Any], score: float, title: tuple[Piece, ...], passage: tuple[Piece, ...]) -> SearchHit:
    return SearchHit(
        id=row["id"],
        kind=row["kind"],
        score=round(score, 4),
        title=title,
        highlight=passage,
        group=row["group"],
        start_s=row["start_s"],
        end_s=row["end_s"],
    )
