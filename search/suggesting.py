"""What is offered while typing, whatever engine finds it: how offers are ranked, and which are the same."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from search.documents import Kind, Suggestion
from search.text import compact, normalise

#: Documents looked at per reading of the prefix.
MOST_ROWS = 60
LONGEST_PREFIX = 40
KIND_ORDER: dict[Kind, int] = {"point": 0, "course": 1, "lesson": 2, "resource": 3, "moment": 4, "question": 5}

Offer = tuple[tuple[Any, ...], Suggestion]


def offer(tier: int, row: dict[str, Any], key: str) -> Offer:
    """A suggestion with its rank. `tier`: 0 continued by letters, 1 by sound, 2 holds the words."""
    text = next((name for name in row["names"] if compact(name).startswith(key)), row["title"])
    rank = (tier, compact(text) != key, KIND_ORDER.get(row["kind"], 9), len(text), -row["popularity"], row["id"])
    return rank, Suggestion(text=text, name=row["title"], kind=row["kind"], id=row["id"])


def choose(offers: Iterable[Offer], limit: int) -> tuple[Suggestion, ...]:
    """The best, each name once."""
    ranked = sorted(offers, key=lambda each: each[0])
    distinct = {normalise(suggestion.name): suggestion for _, suggestion in reversed(ranked)}
    return tuple(islice((s for _, s in ranked if distinct.get(normalise(s.name)) is s), limit))
