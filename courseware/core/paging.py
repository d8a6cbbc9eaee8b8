"""Lists paged by key: the cost of page 200 is the cost of page 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the key after which the next page begins (None on the last page)."""

    items: Sequence[T]
    next: str | None = None
    total: int | None = None
