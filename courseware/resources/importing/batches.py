"""Many values in one query, in numbers that every database takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """Five hundred at a time."""
    yield from (things[at : at + 500] for at in range(0, len(things), 500))
