"""M1, M2, M3, M7: the tables of metrics.md."""

from __future__ import annotations

from courseware.monitoring.facts import LessonFact, ResourceFact
from tests.monitoring.rows import AFTER, LONG_BEFORE, YEAR, figure, lesson, on, resource, resources, shown

MIX = {
    "text": 150,
    "presentation": 60,
    "image": 90,
    "audio": 40,
    "video": 420,
    "animation": 150,
    "simulation": 60,
    "other": 30,
}


def mixed(**more: int) -> list[ResourceFact]:
    """The 1,000 resources of M2, and noise that must not count."""
    counted = [r for kind, n in MIX.items() for r in resources(n + more.get(kind, 0), type=kind)]
    gone = resources(7, type="text", withdrawn=on("2026-02-01"))
    later = resources(5, type="text", published=YEAR.end)
    return counted + gone + later


def test_m1_counts_each_content_once() -> None:
    files = [*resources(8), resource(content="same"), resource(content="same")]
    lessons = [lesson(1, []), lesson(1, []), lesson(1, [])]
    assert shown(figure("M1.A", resources=files)) == (9, None, "9", None)
    assert figure("M1.B", resources=files, lessons=lessons).numerator == 12


def test_m1_counts_a_lesson_once_however_many_versions_it_has() -> None:
    old = LessonFact(1, 1, 5, 1, 1, LONG_BEFORE, superseded_at=on("2026-01-01"))
    new = LessonFact(1, 2, 5, 1, 1, on("2026-01-01"))
    taken_down = LessonFact(2, 3, 5, 1, 1, LONG_BEFORE, superseded_at=on("2026-01-01"))
    assert figure("M1.B", lessons=[old, new, taken_down]).numerator == 1


def test_m2_at_exactly_30_per_cent_passes() -> None:
    assert shown(figure("M2.A", resources=mixed())) == (300, 1000, "30.00 %", "pass")
    assert shown(figure("M2.B", resources=mixed())) == (240, 1000, "24.00 %", "pass")


def test_m2_one_more_text_fails() -> None:
    assert shown(figure("M2.A", resources=mixed(text=1))) == (301, 1001, "30.07 %", "fail")
    assert shown(figure("M2.B", resources=mixed(text=1))) == (241, 1001, "24.08 %", "pass")
    assert figure("M2.A", resources=mixed(text=1)).missing == 3


def test_m2_leaves_fragments_out_on_both_sides() -> None:
    fragments = [resource(type=kind, duration_s=29.9) for kind in ("audio", "video", "animation")]
    result = figure("M2.A", resources=mixed() + fragments + [resource(type="video", duration_s=30)])
    assert (result.numerator, result.denominator) == (300, 1001)
    assert result.tally.exclusions() == {"fragment": 3}


def test_m3_counts_only_originals_whose_evidence_was_accepted() -> None:
    origins = [("original", True, 690), ("original", False, 15), ("adapted", True, 120), ("third_party", True, 150),
               ("open", True, 20), ("ai", True, 5)]  # fmt: skip
    items = [r for origin, ok, n in origins for r in resources(n, originality=origin, evidence=ok)]
    result = figure("M3.A", resources=items)
    assert shown(result) == (690, 1000, "69.00 %", "fail")
    assert result.tally.claimed is not None
    assert result.tally.claimed.display() == "70.50 %"
    assert result.missing == 10
    assert shown(figure("M3.B", resources=items)) == (810, 1000, "81.00 %", "pass")


def test_m7_adds_distinct_masters_and_rounds_minutes_down() -> None:
    items = [resource(duration_s=600, content="v1"), resource(duration_s=600, content="v1"), resource(duration_s=95),
             resource(type="audio", duration_s=1000)]  # fmt: skip
    draft = ResourceFact(999)
    assert shown(figure("M7.A", resources=[*items, draft])) == (695, None, "11 min", None)


def test_a_running_period_shows_the_state_of_now() -> None:
    items = [resource(), resource(published=on("2026-05-01")), resource(published=on("2026-08-01"))]
    assert figure("M1.A", resources=items, now=on("2026-06-01")).numerator == 2
    assert figure("M1.A", resources=items, now=on("2026-08-01")).numerator == 2
    assert figure("M1.A", resources=items, now=AFTER).numerator == 3


def test_an_empty_library_gives_n_a_and_no_verdict() -> None:
    assert shown(figure("M2.A")) == (0, 0, "n/a", "n/a")
    assert shown(figure("M5.A")) == (0, 0, "n/a", None)
