"""What is credited of one day, seen as a whole: in any order, over tabs and devices."""

from __future__ import annotations

import random
import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.progress.credit import Act, judge

BASE = 1_900_000_000.0


def play(
    resource: int,
    start: float,
    seconds: float = 15.0,
    sitting: str = "a",
    verb: str = "watched",
    n: int = 0,
    excluded: str = "",
) -> Act:
    return Act(
        uuid.UUID(int=n or int(start * 1000) + resource), verb, resource, BASE + start, seconds, sitting, excluded
    )


def run(resource: int, sitting: str, count: int, *, start: float = 0.0, jitter: float = 0.05) -> list[Act]:
    """A player's messages of one sitting, as uneven as real ones."""
    return [play(resource, start + n * 15 + (n * 7 % 5) * jitter, 15 - 4 * jitter, sitting) for n in range(count)]


def test_one_recording_from_end_to_end_is_credited_whole() -> None:
    assert set(judge(run(1, "a", 100))) == {""}


def test_of_two_recordings_at_the_same_time_the_one_begun_first_counts() -> None:
    first, second = run(1, "a", 10), run(2, "b", 10, start=3)
    assert judge([*second, *first]) == ["parallel"] * 10 + [""] * 10


def test_the_other_recording_counts_again_once_the_first_has_ended() -> None:
    assert judge([*run(1, "a", 2), *run(2, "b", 4, start=3)])[2:] == ["parallel", "parallel", "", ""]


def test_more_than_the_clock_allows_in_one_sitting_is_speed() -> None:
    assert judge([play(1, 0, 60), play(1, 5, 60, n=1), play(1, 61, 30)]) == ["", "speed", ""]


def test_the_edges_of_two_messages_may_touch() -> None:
    assert judge([play(1, 0, 15), play(1, 13.2, 15), play(2, 27.5, 3, "b")]) == ["", "", ""]


def test_forty_messages_at_equal_distances_are_a_program() -> None:
    exact = [play(1, n * 15.0, 14.0) for n in range(41)]
    assert set(judge(exact)) == {"scripted"}
    assert set(judge(exact[:39])) == {""}
    assert set(judge([*exact[:20], *(play(1, 400 + n * 15.0, 14.0) for n in range(20))])) == {""}


def test_nobody_learns_longer_than_eighteen_hours_a_day() -> None:
    hours = [play(n, n * 3600.0 + n * 1.7, 3590, f"s{n}", "read") for n in range(20)]
    assert Counter(judge(hours)) == {"scripted": 20}
    assert set(judge(hours[:18])) == {""}


def test_a_second_download_within_ten_seconds_is_a_double_click() -> None:
    clicks = [play(1, at, 0, "a", "downloaded") for at in (0, 4, 11, 12)] + [play(2, 1, 0, "a", "downloaded")]
    assert judge(clicks) == ["", "double_click", "", "double_click", ""]


def test_a_stated_session_without_a_sitting_is_taken_as_told() -> None:
    assert judge([play(1, 0, 1800, ""), play(2, 600, 1800, "")]) == ["", ""]


def test_what_an_appeal_gave_back_is_credited_and_nothing_else() -> None:
    acts = [*run(1, "a", 3), *run(2, "b", 3, start=2), *run(3, "c", 3, start=4), play(4, 90, excluded="speed")]
    assert judge(acts, {(2, "parallel"), (4, "speed")})[3:] == [""] * 3 + ["parallel"] * 3 + [""]


@pytest.mark.parametrize("reason", ["own_use", "test_account", "preview", "speed"])
def test_what_the_event_shows_by_itself_stays_and_takes_nobodys_place(reason: str) -> None:
    assert judge([play(1, 0, excluded=reason), play(2, 3, sitting="b")]) == [reason, ""]


acts = st.lists(
    st.builds(
        play, st.integers(1, 3), st.integers(0, 300).map(float), st.sampled_from([3.0, 15.0, 60.0]), st.sampled_from(["a", "b", ""]),
        st.sampled_from(["watched", "read", "downloaded"]), st.integers(1, 10**9), st.sampled_from(["", "", "too_short", "preview"]),
    ),
    max_size=25, unique_by=lambda act: act.uuid,
)  # fmt: skip


@given(acts=acts, seed=st.integers(0, 99))
def test_the_order_in_which_events_come_changes_nothing(acts: list[Act], seed: int) -> None:
    shuffled = random.Random(seed).sample(acts, len(acts))
    assert dict(zip(acts, judge(acts), strict=True)) == dict(zip(shuffled, judge(shuffled), strict=True))


@given(acts=acts)
def test_credited_plays_never_fill_more_than_the_clock(acts: list[Act]) -> None:
    told = [
        a
        for a, reason in zip(acts, judge(acts), strict=True)
        if a.verb == "watched" and a.sitting and reason in ("", "too_short")
    ]
    second = Counter(int(at) for a in told for at in range(int(a.start), int(a.end)))
    assert sum(second.values()) <= 2 * len(second) + 2 * len(told)
