"""M13: valid answers, interval, and when nothing may be published."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import AnswerFact, PersonFact, RosterFact, UnitFact
from courseware.monitoring.indicators.satisfaction import wilson
from courseware.monitoring.indicators.smallness import too_small
from tests.monitoring.rows import figure, on, people, resource, shown, used

SCORES = [5] * 230 + [4] * 138 + [3] * 22 + [2] * 6 + [1] * 4
ASKED = on("2026-09-14")


def asked(scores: list[int], took_s: float = 30) -> dict[str, Any]:
    """So many people, each with qualified use and one answer."""
    thing = resource()
    ids = range(1, len(scores) + 1)
    return {
        "resources": [thing], "people": people(*ids), "uses": [used(who, thing) for who in ids],
        "answers": [AnswerFact(who, who, score, took_s, ASKED) for who, score in zip(ids, scores, strict=True)],
    }  # fmt: skip


def test_m13_passes_with_a_warning_and_the_mean_fails() -> None:
    result = figure("M13.A", **asked(SCORES))
    assert shown(result) == (368, 400, "92.00 %", "pass")
    assert result.as_dict()["interval"] == [88.92, 94.28]
    assert result.has_warning
    assert shown(figure("M13.B", **asked(SCORES))) == (1784, 2000, "89.20 %", "fail")


def test_too_few_answers_are_insufficient_and_none_at_all_are_n_a() -> None:
    few = figure("M13.A", **asked([5] * 29))
    assert (few.display, few.value, few.verdict) == ("insufficient", None, "insufficient")
    assert figure("M13.B", **asked([5] * 29)).verdict == "insufficient"
    assert figure("M13.A", **asked([5] * 30)).verdict == "pass"
    assert figure("M13.A").verdict == "n/a"


def test_of_too_few_answers_nothing_that_was_answered_is_published() -> None:
    few = asked([1, *[5] * 28])
    for id_ in ("M13.A", "M13.B"):
        result = figure(id_, **few).published()
        assert (result.numerator, result.display, result.verdict) == (None, "insufficient", "insufficient")
        document = result.as_dict()
        assert {"claimed", "parts", "interval", "forecast"}.isdisjoint(document)
        assert document["denominator"] == figure(id_, **few).denominator
    enough = figure("M13.A", **asked([5] * 30))
    assert enough.published() == enough


def test_a_response_under_20_per_cent_is_insufficient() -> None:
    story = asked([5] * 40)
    assert figure("M13.A", **story, invited=frozenset(range(1, 201))).verdict == "pass"
    assert figure("M13.A", **story, invited=frozenset(range(1, 202))).verdict == "insufficient"


def test_where_nobody_was_invited_everyone_active_counts_as_invited() -> None:
    story = asked([5] * 30)
    thing = story["resources"][0]
    story["uses"] += [used(who, thing) for who in range(1000, 1120)]
    assert figure("M13.A", **story).verdict == "pass"
    story["uses"] += [used(2000, thing)]
    assert figure("M13.A", **story).verdict == "insufficient"


def test_answers_that_do_not_count_are_named_by_the_first_reason() -> None:
    story = asked([5] * 40)
    test = {999: PersonFact(999, is_test=True)}
    story["people"] |= test
    later = ASKED + dt.timedelta(hours=1)
    story["answers"] += [
        AnswerFact(501, 999, 5, 30, ASKED),  # a test account
        AnswerFact(502, 41, 5, 30, ASKED),  # no use in the period
        AnswerFact(503, 42, 5, 1, ASKED),  # neither use nor thought: the first reason counts
        AnswerFact(504, 1, 1, 4.9, later),  # too quick: dropped before the latest is looked for
        AnswerFact(505, 2, 1, 5, later),  # the latest of person 2
    ]
    result = figure("M13.A", **story)
    assert shown(result)[:2] == (39, 40)
    assert result.tally.exclusions() == {"test_account": 1, "not_a_user": 2, "straight_lined": 1, "superseded": 1}


def test_who_was_not_invited_does_not_count_once_invitations_are_recorded() -> None:
    story = asked([5] * 40)
    result = figure("M13.A", **story, invited=frozenset(range(1, 36)))
    assert result.numerator == 35
    assert result.tally.exclusions() == {"not_invited": 5}


@pytest.mark.parametrize(("ratio", "interval"), [
    (Ratio(368, 400), ("88.92", "94.28")), (Ratio(46, 50), ("81.16", "96.85")), (Ratio(33, 36), ("78.17", "97.13")),
])  # fmt: skip
def test_wilson_intervals_of_the_examples(ratio: Ratio, interval: tuple[str, str]) -> None:
    assert wilson(ratio) == tuple(Decimal(end) for end in interval)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_value_and_stays_within_0_and_100(pair: tuple[int, int]) -> None:
    interval = wilson(Ratio(*pair))
    value = Ratio(*pair).percent()
    assert interval is not None
    assert value is not None
    assert 0 <= interval[0] <= value <= interval[1] <= 100


def group(n: int, satisfied: int, first: int, **person: Any) -> tuple[dict[int, PersonFact], list[int]]:
    """`n` people of a kind, so many of them satisfied."""
    return people(*range(first, first + n), **person), [5] * satisfied + [3] * (n - satisfied)


def uneven(roster: tuple[int, int, int]) -> dict[str, Any]:
    """300 students, 60 teachers and 40 people of an enterprise answered; so many of each are on the rosters."""
    students, s = group(300, 282, 1)
    teachers, t = group(60, 51, 301, is_learner=False)
    workers, w = group(40, 35, 361, is_learner=False, unit_kind="enterprise")
    units = [UnitFact(1, "a", "A", "school"), UnitFact(2, "b", "B", "enterprise")]
    day = dt.date(2026, 10, 31)
    rosters = [
        RosterFact(1, day, tuple(f"s{n}" for n in range(roster[0])), tuple(f"t{n}" for n in range(roster[1])), id=1),
        RosterFact(2, day, (), tuple(f"w{n}" for n in range(roster[2])), id=2),
    ]
    return asked(s + t + w) | {"people": students | teachers | workers, "units": units, "rosters": rosters}


def test_uneven_answers_show_a_weighted_value_beside_the_share() -> None:
    result = figure("M13.A", **uneven((780, 50, 120)))
    assert shown(result) == (368, 400, "92.00 %", "pass")
    weighted = result.tally.parts["weighted"]
    assert isinstance(weighted, tuple)
    assert Ratio(*weighted).display() == "92.71 %"
    assert result.tally.parts["answers of teachers"] == (51, 60)


def test_even_answers_need_no_weights_and_a_silent_group_has_none() -> None:
    assert "weighted" not in figure("M13.A", **uneven((300, 60, 40))).tally.parts
    silent = uneven((780, 50, 120))
    silent["answers"] = [a for a in silent["answers"] if a.user_id <= 300]
    assert "weighted" not in figure("M13.A", **silent).tally.parts


def test_of_fewer_than_five_answers_only_their_number_is_told_even_to_keepers() -> None:
    few = asked([5, 5, 5, 1])
    for id_, base in (("M13.A", 4), ("M13.B", 20)):
        result = figure(id_, **few)
        assert (result.numerator, result.denominator, result.missing) == (None, base, None)
        assert (result.tally.counted, result.tally.rest) == ({}, {"not_told": "not_told"})
    assert figure("M13.A", **few).as_dict()["parts"] == {"invited": 4}
    assert figure("M13.A", **asked([5, 5, 5, 5, 1])).numerator == 4


def test_a_list_of_answers_is_a_row_for_each_score_and_adds_up_to_the_figure() -> None:
    story = asked(SCORES)
    story["answers"] += [AnswerFact(501, 9999, 5, 30, ASKED), AnswerFact(502, 9998, 1, 30, ASKED)]
    for id_ in ("M13.A", "M13.B"):
        result, tally = figure(id_, **story), figure(id_, **story).tally
        assert sum(tally.amounts[key] for key in tally.counted) == result.numerator
        assert set(tally.counted) | set(tally.rest) == {1, 2, 3, 4, 5}
        assert tally.excluded == {"not_a_user": "not_a_user"}
        assert tally.exclusions() == {"not_a_user": 2}
    share = figure("M13.A", **story).tally
    assert sum(share.amounts[key] for key in (*share.counted, *share.rest)) == 400


def test_a_group_of_fewer_than_five_is_told_nowhere_and_nothing_is_weighted_by_it() -> None:
    """4 workers answered: what they said is the whole less the others, so the next smallest group is hidden as well."""
    story = uneven((780, 50, 120))
    story["answers"] = [a for a in story["answers"] if a.user_id <= 364]
    parts = figure("M13.A", **story).tally.parts
    assert parts == {"invited": 400, "answers of students": (282, 300)}


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12)))
def test_what_is_hidden_is_two_groups_and_five_answers_wherever_there_are_as_many(sizes: dict[str, int]) -> None:
    hidden = too_small(sizes)
    assert {name for name, size in sizes.items() if 0 < size < 5} <= hidden
    shown = {name: size for name, size in sizes.items() if size and name not in hidden}
    if hidden and shown:
        assert len(hidden) > 1
        assert sum(sizes[name] for name in hidden) >= 5
    assert hidden or sum(shown.values()) == sum(sizes.values())
