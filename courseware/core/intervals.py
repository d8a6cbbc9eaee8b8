"""Unions of ranges: watched parts, study time, live spans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

N = TypeVar("N", int, float)


def merge(ranges: Iterable[tuple[N, N]], gap: float = 0) -> list[tuple[N, N]]:
    """The union as sorted ranges that neither touch nor overlap; empty and reversed ranges fall out.

    Ranges at most `gap` apart are joined.
    """
    merged: list[tuple[N, N]] = []
    for start, end in sorted((s, e) for s, e in ranges if e > s):
        if merged and start <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def length(ranges: Iterable[tuple[N, N]]) -> float:
    """Summed length of the union of `ranges`."""
    return sum(end - start for start, end in merge(ranges))


def clip(ranges: Iterable[tuple[N, N]], start: N, end: N) -> list[tuple[N, N]]:
    """The parts of `ranges` that lie within [start, end)."""
    return [(max(s, start), min(e, end)) for s, e in ranges if min(e, end) > max(s, start)]


def first_gap(ranges: Iterable[tuple[N, N]], end: N) -> tuple[N, N] | None:
    """The first stretch of [0, end) that the union does not cover; None when all is covered."""
    position: N = type(end)(0)
    for start, stop in merge(ranges):
        if position >= end:
            return None
        if start > position:
            return position, min(start, end)
        position = max(position, stop)
    return (position, end) if position < end else None
