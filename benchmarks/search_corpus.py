"""Made-up vocational documents, already cut into words, and the 15 kinds of questions asked of every engine.

Words follow Zipf's law over a vocabulary of invented two- and three-letter Chinese words; about 73 words a document. The same seed
makes the same corpus.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from search.documents import SearchDocument
from search.text import Token, Tokenizer, normalise

TYPES = ("video", "audio", "animation", "image", "text", "simulation", "presentation", "other", "quiz", "task", "case")
MAJORS = tuple(f"46{number:04}" for number in range(22))
VOCABULARY, POINTS = 40_000, 279
QUERIES_OF_A_KIND = 8
KINDS = (
    "common", "middle", "rare", "and2", "and3", "or2", "or3", "phrase", "prefix", "filter", "years", "by year", "by views",
    "page 20", "facets",
)  # fmt: skip
PAGE = 20
_WORD = re.compile("[^ ]+")


class CutWords(Tokenizer):
    """Text that comes with blanks between its words."""

    def __init__(self) -> None:
        self.version = "blanks-1"

    def tokens(self, normalised: str) -> list[Token]:
        return [Token(word[0], word.start(), word.end()) for word in _WORD.finditer(normalised)]

    def words(self, normalised: str) -> list[Token]:
        return self.tokens(normalised)

    def sums(self, normalised: str) -> list[Token]:
        return []


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: `words` all or any of them, or as a phrase, or the beginning of a word of a title."""

    kind: str
    words: tuple[str, ...]
    need: str = "all"
    filters: tuple[tuple[str, str], ...] = ()
    years: tuple[int, int] | None = None
    sort: str = "relevance"
    page: int = 1
    facets: bool = False


class Corpus:
    """The first `size` documents of the endless corpus."""

    def __init__(self, size: int, seed: int = 20_260) -> None:
        self.size, self._seed = size, seed
        chance = random.Random(seed)
        letters = chance.sample([chr(code) for code in range(0x4E00, 0x6600) if normalise(chr(code)) == chr(code)], 900)
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            words["".join(chance.choices(letters, k=chance.choice((2, 2, 2, 3))))] = None
        self.words = list(words)
        self.points = [" ".join(self._word(chance.randrange(50, 3_000)) for _ in range(2)) for _ in range(POINTS)]

    def _word(self, rank: int) -> str:
        return self.words[rank]

    def documents(self) -> Iterator[SearchDocument]:
        """In the order of their numbers."""
        chance = np.random.default_rng(self._seed)
        weights = 1 / np.arange(8, VOCABULARY + 8) ** 0.95
        edges = np.cumsum(weights / weights.sum())
        for number in range(self.size):
            lengths = 5, int(chance.integers(30, 94))
            ranks = np.minimum(np.searchsorted(edges, chance.random(sum(lengths))), VOCABULARY - 1)
            names = [self.words[rank] for rank in ranks.tolist()]
            points = [self.points[i] for i in chance.integers(0, POINTS, 2).tolist()]
            year = 2015 + int(chance.integers(0, 11))
            yield SearchDocument(
                "moment", f"moment:{number}", title=f"{points[0]} {' '.join(names[: lengths[0]])}", points=tuple(points),
                body=" ".join(names[lengths[0] :]), type=TYPES[int(chance.integers(0, 11))], major=MAJORS[int(chance.integers(0, 22))],
                year=year, popularity=float(chance.integers(0, 100_000)), published_at=datetime(year, 1, 1, tzinfo=UTC),
            )  # fmt: skip

    def questions(self) -> list[Asked]:
        """Eight of each kind, words drawn by how frequent they are."""
        chance = random.Random(self._seed + 1)
        return [self._question(kind, chance) for kind in KINDS for _ in range(QUERIES_OF_A_KIND)]

    def _question(self, kind: str, chance: random.Random) -> Asked:
        common, middle = self._word(chance.randrange(0, 40)), self._word(chance.randrange(150, 600))
        several = tuple(self._word(chance.randrange(5, 400)) for _ in range(3))
        if kind == "rare":
            return Asked(kind, (self._word(chance.randrange(20_000, VOCABULARY)),))
        if kind == "middle":
            return Asked(kind, (middle,))
        if kind[:-1] in ("and", "or"):
            return Asked(kind, several[: int(kind[-1])], "all" if kind.startswith("and") else "any")
        if kind == "phrase":
            return Asked(kind, tuple(chance.choice(self.points).split()), "phrase")
        if kind == "prefix":
            return Asked(kind, (middle[0],), "prefix")
        if kind == "filter":
            return Asked(kind, (common,), filters=(("type", chance.choice(TYPES)), ("major", chance.choice(MAJORS))))
        if kind == "years":
            return Asked(kind, (common,), years=(2018, 2021))
        if kind.startswith("by"):
            return Asked(kind, (common,), sort="newest" if kind == "by year" else "popular")
        return Asked(kind, (common,), page=20 if kind == "page 20" else 1, facets=kind == "facets")
