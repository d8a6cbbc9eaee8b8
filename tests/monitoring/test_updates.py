"""M4 and M19: the tables, the edges and the tricks of metrics.md."""

from __future__ import annotations

import datetime as dt
from typing import Any

from courseware.monitoring.definitions import BY_ID
from courseware.monitoring.facts import ResourceFact
from courseware.monitoring.indicators import simulations
from courseware.monitoring.results import judge
from tests.monitoring.rows import AFTER, YEAR, figure, note, on, resource, resources, shown

MAY, JULY = on("2026-05-05"), on("2026-07-07")
SUBSTANTIVE = [(MAY, "substantive")]
BASELINE = on("2025-06-01")
DAY = dt.timedelta(days=1)


def the_story() -> dict[str, Any]:
    """The example of M4: P0 2,000, baseline 1,500."""
    revised = [*resources(50, revisions=SUBSTANTIVE), *resources(45, revisions=[*SUBSTANTIVE, (JULY, "substantive")])]
    revised_gone = resources(12, revisions=SUBSTANTIVE, withdrawn=JULY)
    edited, transcoded = resources(60), resources(25)
    gone, quiet = resources(68, withdrawn=JULY), resources(1500 - 260)
    late = resources(500, published=on("2025-08-01"))
    new = resources(130, published=MAY)
    new_gone = resources(10, published=MAY, withdrawn=JULY)
    notes = [note("metadata", r) for r in edited] + [note("transcode", r) for r in transcoded]
    notes += [note("reupload", r) for r in quiet[:5]]
    everything = [*revised, *revised_gone, *edited, *transcoded, *gone, *quiet, *late, *new, *new_gone]
    return {"resources": everything, "notes": notes, "baseline_at": BASELINE}


def test_m4_by_its_three_readings() -> None:
    story = the_story()
    assert shown(figure("M4.A", **story)) == (225, 2000, "11.25 %", "pass")
    assert shown(figure("M4.B", **story)) == (225, 1500, "15.00 %", "pass")
    assert shown(figure("M4.C", **story)) == (225, 2050, "10.98 %", "pass")


def test_m4_shows_its_parts_and_what_does_not_count() -> None:
    result = figure("M4.A", **the_story())
    parts = result.as_dict()["parts"]
    assert {name: parts[name] for name in ("new", "revised", "withdrawn", "net")} == {
        "new": 130, "revised": 95, "withdrawn": 80, "net": 50}  # fmt: skip
    assert result.tally.exclusions() == {
        "new_then_withdrawn": 10, "revised_then_withdrawn": 12, "metadata": 60, "transcode": 25, "reupload": 5}  # fmt: skip
    assert result.as_dict()["claimed"] == {"numerator": 225 + 112, "denominator": 2000}


def test_m4_a_copy_counts_as_new_only_after_its_author_has_answered() -> None:
    base, new = resources(20), resources(3, published=MAY)
    waiting = resource(published=MAY, is_unanswered_copy=True)
    gone = resource(published=MAY, withdrawn=JULY, is_unanswered_copy=True)
    result = figure("M4.A", resources=[*base, *new, waiting, gone])
    assert shown(result) == (3, 20, "15.00 %", "pass")
    assert result.tally.exclusions() == {"unanswered_copy": 1, "new_then_withdrawn": 1}
    old_copy = resource(is_unanswered_copy=True, revisions=SUBSTANTIVE)
    assert shown(figure("M4.A", resources=[*base, old_copy]))[0] == 1, "what was there before is no new item"


def test_m4_9_95_per_cent_fails_a_10_per_cent_rule() -> None:
    items = [*resources(100, published=MAY), *resources(99, revisions=SUBSTANTIVE), *resources(1901)]
    result = figure("M4.A", resources=items)
    assert shown(result) == (199, 2000, "9.95 %", "fail")
    assert result.missing == 1


def test_m4_of_the_first_year_is_n_a() -> None:
    assert shown(figure("M4.A", resources=resources(9, published=MAY))) == (9, 0, "n/a", "n/a")


def test_m4_without_a_baseline_has_no_second_reading() -> None:
    assert shown(figure("M4.B", resources=resources(9))) == (0, 0, "n/a", "n/a")


def test_new_and_also_revised_counts_once_as_new() -> None:
    items = [resource(published=MAY, revisions=[(JULY, "substantive")]), *resources(10)]
    result = figure("M4.A", resources=items)
    assert (result.numerator, result.tally.parts["new"], result.tally.parts["revised"]) == (1, 1, 0)


def test_minor_revisions_are_listed_and_not_counted() -> None:
    items = [resource(revisions=[(MAY, "minor")]), resource(revisions=[(MAY, "minor"), *SUBSTANTIVE]), resource()]
    result = figure("M4.A", resources=items)
    assert result.numerator == 1
    assert result.tally.exclusions() == {"minor": 1}


def test_revisions_of_other_years_do_not_count() -> None:
    items = [resource(revisions=[(YEAR.start - DAY, "substantive")]), resource(revisions=[(YEAR.end, "substantive")]),
             resource(revisions=[(YEAR.start, "substantive")])]  # fmt: skip
    assert figure("M4.A", resources=items).numerator == 1


def test_new_ones_that_go_within_30_days_after_the_end_do_not_count() -> None:
    items = [resource(published=MAY, withdrawn=YEAR.end + 10 * DAY), resource()]
    assert figure("M4.A", resources=items, now=YEAR.end + 5 * DAY).numerator == 1
    result = figure("M4.A", resources=items)
    assert result.numerator == 0
    assert result.tally.exclusions() == {"new_then_withdrawn": 1}


def test_taking_down_over_the_start_neither_shrinks_p0_nor_makes_anything_new() -> None:
    back = resource(withdrawn=YEAR.start - 5 * DAY, again=YEAR.start + 5 * DAY)
    result = figure("M4.A", resources=[back, resource()])
    assert (result.numerator, result.denominator) == (0, 2)


def split(source: ResourceFact, n: int) -> list[ResourceFact]:
    return resources(n, published=MAY, derived_from_id=source.id)


def test_parts_of_a_split_count_once_for_their_source() -> None:
    old, young = resource(withdrawn=MAY), resource(published=on("2026-01-01"))
    result = figure("M4.A", resources=[old, young, *split(old, 4), *split(young, 3), *resources(8)])
    assert (result.numerator, result.denominator) == (2, 9)
    assert (result.tally.parts["new"], result.tally.parts["revised"]) == (1, 1)


def test_parts_of_parts_count_for_the_first_source() -> None:
    old = resource()
    first = split(old, 1)
    assert figure("M4.A", resources=[old, *first, *split(first[0], 2)]).numerator == 1


def test_parts_of_something_long_withdrawn_are_not_new() -> None:
    dead = resource(withdrawn=on("2025-02-01"))
    assert figure("M4.A", resources=[dead, *split(dead, 2), resource()]).numerator == 0


def test_refused_duplicates_are_counted_beside_the_figure() -> None:
    items = resources(3)
    notes = [note("duplicate"), note("duplicate"), note("duplicate", at=on("2024-12-01"))]
    result = figure("M4.A", resources=items, notes=notes)
    assert result.tally.exclusions() == {"duplicate": 2}
    assert result.numerator == 0


def test_one_resource_stands_under_one_reason_only() -> None:
    busy = resource(revisions=[(MAY, "minor")])
    notes = [note("metadata", busy), note("rename", busy), note("transcode", busy)]
    assert figure("M4.A", resources=[busy], notes=notes).tally.exclusions() == {"minor": 1}


def test_m19_mean_of_three_years_is_exact() -> None:
    years = ((200, 30), (220, 11), (224, 24))
    pairs = tuple((num, den) for den, num in years)
    mean, total, each = (judge(BY_ID[f"M19.{c}"], rule(pairs)) for c, rule in (
        ("A", simulations.m19_a), ("B", simulations.m19_b), ("C", simulations.m19_c)))  # fmt: skip
    assert shown(mean) == (None, None, "10.24 %", "pass")
    assert mean.as_dict()["parts"]["years"] == [[30, 200], [11, 220], [24, 224]]
    assert shown(total) == (65, 600, "10.83 %", "pass")
    assert each.verdict == "fail"


def test_m19_with_fewer_than_three_years_is_n_a_and_shows_the_years() -> None:
    result = figure("M19.A", resources=resources(5, type="simulation", revisions=SUBSTANTIVE), now=AFTER)
    assert shown(result) == (None, None, "n/a", "n/a")
    assert result.as_dict()["parts"]["years"] == [[0, 0], [5, 0], [5, 5]]


def test_the_rows_beneath_m19_make_the_pairs_of_its_years() -> None:
    """Noise: a video revised in the year, one simulation that was new and went, one whose revision is minor."""
    items = [
        *resources(3, type="simulation", revisions=SUBSTANTIVE), resource(type="simulation", revisions=[(MAY, "minor")]),
        *resources(2, type="simulation"), resource(type="simulation", published=MAY, withdrawn=JULY), resource(revisions=SUBSTANTIVE),
    ]  # fmt: skip
    result = figure("M19.A", resources=items, now=AFTER)
    tally = result.tally
    for place, (updated, start) in enumerate(tally.lists):
        year = YEAR.year - 2 + place
        counted = [reason for (when, _key), reason in tally.counted.items() if when == year]
        rest = [reason for (when, _key), reason in tally.rest.items() if when == year]
        assert (len(counted), counted.count("revised") + len(rest)) == (updated, start), year
    assert sorted(reason for (year, _), reason in tally.rest.items() if year == YEAR.year) == [
        "minor",
        "not_updated",
        "not_updated",
    ]
    assert tally.lists[-1] == (3, 6)
    assert [key for key in tally.excluded if key[0] == YEAR.year] == [(YEAR.year, items[6].id)]
    assert result.as_dict()["excluded"] == {}
    assert shown(result) == (None, None, "n/a", "n/a")
