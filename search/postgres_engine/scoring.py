"""The best candidates scored again as the other engines score: BM25 of the best field, words in place, exact names."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from search.answering import K1, KIND_PRIOR, NAME_WORTH, OTHER_FIELDS, POPULARITY_SHARE, B
from search.postgres_engine.tables import BASES, LETTERS
from search.understanding import Phrase, Variant

_FIELD_OF = {letter: name for name, letter in LETTERS.items()}
FIELDS = tuple(LETTERS)


@dataclass(frozen=True, slots=True)
class Figures:
    """About the whole index: how many documents, the average length of each field, the greatest popularity."""

    documents: int
    averages: Mapping[str, float]
    most_popular: float

    def idf(self, count: int) -> float:
        """What a word of so many documents tells."""
        return math.log(max(self.documents, 1) / (count + 1)) + 1.0


@dataclass(slots=True)
class Candidate:
    """A found document with what scoring needs; `places` by field and word."""

    id: str
    kind: str
    popularity: float
    lengths: Mapping[str, int]
    is_called_so: bool = False
    places: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, word: str, positions: Sequence[int], weights: Sequence[str]) -> None:
        """Where a word stands."""
        for place, letter in zip(positions, weights, strict=True):
            name = _FIELD_OF.get(letter, "body")
            self.places[name].setdefault(word, []).append(place - BASES[name])


class Scorer:
    """Scores candidates for some readings. `counts` tells in how many documents a word stands, by field."""

    def __init__(
        self, figures: Figures, counts: Callable[[str], Mapping[str, int]], sound: Callable[[str], int]
    ) -> None:
        self._figures, self._counts, self._sound = figures, counts, sound

    def score(self, candidate: Candidate, variants: Sequence[Variant]) -> float:
        """The best reading, times what the kind and the popularity are worth."""
        text = max((self._reading(candidate, variant) for variant in variants), default=0.0)
        text += NAME_WORTH * self._figures.idf(1) * candidate.is_called_so
        prior = KIND_PRIOR.get(candidate.kind, 1.0)  # type: ignore[call-overload]
        fame = math.log1p(max(candidate.popularity, 0)) / math.log1p(max(self._figures.most_popular, 1.0))
        return float(text * prior * (1 + POPULARITY_SHARE * fame))

    def _reading(self, candidate: Candidate, variant: Variant) -> float:
        if variant.where == "sound":
            return variant.weight * sum(self._figures.idf(self._sound(word)) for word in variant.words)
        scores = [self._word(candidate, word) for word in variant.words]
        phrases = [self._phrase(candidate, phrase) for phrase in variant.phrases]
        needed = [*scores, *phrases] if variant.need == "all" else phrases
        if not all(needed) or not any((*scores, *phrases)):
            return 0.0
        total = sum(scores) + sum(phrases) + sum(self._word(candidate, word) for word in variant.extra)
        if variant.together and in_place(candidate.places["title"], variant.together):
            total += self._figures.idf(1)
        return variant.weight * total

    def _word(self, candidate: Candidate, word: str) -> float:
        scores = [self._in_field(candidate, name, word) for name in FIELDS]
        return max(scores) + OTHER_FIELDS * (sum(scores) - max(scores))

    def _in_field(self, candidate: Candidate, name: str, word: str) -> float:
        times = len(candidate.places[name].get(word, ()))
        if not times:
            return 0.0
        norm = K1 * ((1 - B) + B * candidate.lengths[name] / (self._figures.averages[name] or 1.0))
        return self._figures.idf(self._counts(word)[name]) * times * (K1 + 1) / (times + norm)

    def _phrase(self, candidate: Candidate, phrase: Phrase) -> float:
        words = dict.fromkeys(token.text for token in phrase)
        return max(
            sum(self._in_field(candidate, name, word) for word in words)
            if in_place(candidate.places[name], phrase)
            else 0.0
            for name in FIELDS
        )


def in_place(places: Mapping[str, list[int]], phrase: Phrase) -> bool:
    """Whether the words stand at their distances."""
    begins: set[int] | None = None
    for token in phrase:
        here = {place - (token.start - phrase[0].start) for place in places.get(token.text, ())}
        begins = here if begins is None else begins & here
    return bool(begins)


def facts_of(row: Sequence[Any]) -> Candidate:
    """A candidate from its row: id, kind, popularity, three lengths, whether it is called as was typed."""
    return Candidate(row[0], row[1], float(row[2]), dict(zip(FIELDS, row[3:6], strict=True)), bool(row[6]))
