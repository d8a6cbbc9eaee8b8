"""Two texts side by side."""

from __future__ import annotations

import time

from courseware.review.differences import LINES, compare


def words(pieces: object) -> str:
    return "".join(p.text for p in pieces)  # type: ignore[attr-defined]


def test_equal_texts_show_no_change() -> None:
    assert compare("一。二。", "一。\n二。").changes == 0


def test_changed_characters_are_marked_within_their_sentence() -> None:
    pair = next(p for p in compare("前文。角度取70度。", "前文。角度取75度。").pairs if p.kind == "changed")
    assert [p.text for p in pair.old if p.is_changed] == ["0"]
    assert [p.text for p in pair.new if p.is_changed] == ["5"]


def test_far_away_lines_are_folded() -> None:
    old = "\n".join(f"第{n}句。" for n in range(50))
    pairs = compare(old, old.replace("第25句", "第二十五句")).pairs
    assert len(pairs) == 5
    assert sum(p.skipped for p in pairs) == 47


def test_nothing_is_lost_between_the_sides() -> None:
    old, new = "甲。乙。丙。", "甲。丁。戊。丙。"
    pairs = compare(old, new).pairs
    assert "".join(words(p.old) for p in pairs) == old
    assert "".join(words(p.new) for p in pairs) == new


def test_huge_texts_are_cut_and_said_to_be() -> None:
    before = time.perf_counter()
    assert compare("\n".join(map(str, range(LINES * 3))), "\n".join(map(str, range(7, LINES * 3)))).is_cut
    assert time.perf_counter() - before < 20
