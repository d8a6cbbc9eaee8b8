"""Unions of ranges: whatever the order and the repetition, the same seconds come out."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from courseware.core.intervals import clip, first_gap, length, merge

END = 60
RANGES = st.lists(st.tuples(st.integers(0, END), st.integers(0, END)), max_size=12)


def seconds(ranges: list[tuple[int, int]]) -> set[int]:
    """The slow and obvious way."""
    return {second for start, end in ranges for second in range(start, end)}


@given(RANGES)
def test_the_union_covers_the_same_seconds(ranges: list[tuple[int, int]]) -> None:
    assert seconds(merge(ranges)) == seconds(ranges)
    assert length(ranges) == len(seconds(ranges))


@given(RANGES)
def test_parts_of_the_union_are_sorted_and_neither_touch_nor_overlap(ranges: list[tuple[int, int]]) -> None:
    merged = merge(ranges)
    assert all(start < end for start, end in merged)
    assert all(before[1] < after[0] for before, after in pairwise(merged))


@given(RANGES, st.randoms())
def test_order_and_repetition_change_nothing(ranges: list[tuple[int, int]], chance: object) -> None:
    shuffled = [*ranges, *ranges]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge(shuffled) == merge(ranges)
    assert merge(merge(ranges)) == merge(ranges)


@given(RANGES, RANGES)
def test_merging_in_two_batches_is_merging_at_once(early: list[tuple[int, int]], late: list[tuple[int, int]]) -> None:
    assert merge([*merge(early), *late]) == merge([*early, *late])


@given(RANGES, st.integers(0, END), st.integers(0, END))
def test_clipping_keeps_what_lies_inside(ranges: list[tuple[int, int]], start: int, end: int) -> None:
    assert seconds(clip(ranges, start, end)) == {second for second in seconds(ranges) if start <= second < end}


@given(RANGES, st.integers(1, END))
def test_the_first_gap_begins_at_the_first_second_that_is_missing(ranges: list[tuple[int, int]], end: int) -> None:
    missing = sorted(set(range(end)) - seconds(ranges))
    gap = first_gap(ranges, end)
    if not missing:
        assert gap is None
        return
    assert gap is not None
    assert gap[0] == missing[0]
    assert set(range(*gap)) <= set(missing)


def test_a_small_gap_may_be_passed_over() -> None:
    assert merge([(0, 10), (12, 20)], gap=2) == [(0, 20)]
    assert merge([(0, 10), (12, 20)], gap=1) == [(0, 10), (12, 20)]


def test_no_ranges_are_no_time() -> None:
    assert merge([]) == []
    assert length([]) == 0
    assert first_gap([], 30) == (0, 30)
