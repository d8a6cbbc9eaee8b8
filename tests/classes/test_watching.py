"""Curves of recordings, from whatever ranges arrive."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.classes.watching import ENOUGH, analyse, coverage

SECONDS = 40
RANGE = st.tuples(st.floats(-5, 60), st.floats(-5, 60)).map(lambda pair: (min(pair), max(pair)))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=20))
def test_every_second_is_counted_as_often_as_ranges_hold_it(ranges: list[tuple[int, int]]) -> None:
    expected = [sum(start <= second < end for start, end in ranges) for second in range(SECONDS)]
    assert coverage(ranges, SECONDS) == expected


@settings(deadline=None)
@given(RANGE)
def test_a_range_between_two_seconds_counts_for_the_nearest_ones(pair: tuple[float, float]) -> None:
    inside = max(0.0, min(pair[1], SECONDS) - max(pair[0], 0.0))
    assert abs(sum(coverage([pair], SECONDS)) - inside) <= 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 8), RANGE), max_size=40))
def test_what_is_played_again_never_exceeds_all_plays(plays: list[tuple[int, tuple[float, float]]]) -> None:
    people = [([[0.0, 40.0]], False)] * ENOUGH
    found = analyse(SECONDS, people, [(person, *pair) for person, pair in plays])
    every = coverage([pair for _person, pair in plays], SECONDS)
    assert all(0 <= again <= all_plays for again, all_plays in zip(found.again, every, strict=True))


def test_a_person_counts_once_a_second_however_often_they_watched() -> None:
    people = [([[0.0, 10.0], [5.0, 20.0]], False)] * ENOUGH
    found = analyse(30.0, people, [])
    assert found.seen[7] == ENOUGH
    assert found.seen[25] == 0


def test_four_viewers_are_too_few_and_nothing_of_them_is_told() -> None:
    found = analyse(30.0, [([[0.0, 10.0]], True)] * (ENOUGH - 1) + [([], False)] * 9, [(1, 0.0, 5.0)])
    assert (found.viewers, found.finished) == (ENOUGH - 1, ENOUGH - 1)
    assert not any((found.is_shown, found.seen, found.again, found.leaves, found.rewinds))


def test_a_recording_without_a_length_has_no_curve() -> None:
    assert not analyse(0.0, [([[0.0, 10.0]], False)] * 9, []).is_shown
