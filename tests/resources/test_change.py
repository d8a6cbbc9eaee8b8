"""Evidence of change: only new matter counts, and nothing lifts a measured zero (M4)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.resources import change
from media.comparing.texts import compare_texts
from tests.media.samples import sample_docx, sample_mp4, sample_pdf


def fresh(length: int, seed: int) -> str:
    """Random Chinese characters: no passage of it stands anywhere else."""
    dice = random.Random(seed)
    return "".join(chr(0x4E00 + dice.randrange(6000)) for _ in range(length))


OLD = fresh(1000, 1)

words = st.text(alphabet="焊枪角度电流电压示教器坐标速度安全急停检查工件", min_size=6, max_size=24)
sentences = st.lists(words.map(lambda text: f"{text}。"), min_size=2, max_size=12, unique=True)


@pytest.mark.parametrize(("count", "expected"), [(99, "minor"), (100, "substantive"), (101, "substantive")])
def test_replacing_a_tenth_of_a_text_reaches_the_floor(count: int, expected: str) -> None:
    new = OLD[:400] + fresh(count, 2) + OLD[400 + count :]
    measured = change.measure_text(OLD, new)
    assert (measured["new_chars"], measured["class"]) == (count, expected)


@pytest.mark.parametrize(("count", "expected"), [(111, "minor"), (112, "substantive")])
def test_the_share_is_taken_over_the_longer_text(count: int, expected: str) -> None:
    assert change.measure_text(OLD, OLD + fresh(count, 3))["class"] == expected


@pytest.mark.parametrize(("count", "expected"), [(199, "minor"), (200, "substantive")])
def test_two_hundred_characters_suffice_in_a_long_text(count: int, expected: str) -> None:
    long = fresh(9000, 4)
    assert change.measure_text(long, long[:5000] + fresh(count, 5) + long[5000:])["class"] == expected


def test_deleting_and_repeating_are_nothing_new() -> None:
    for new in (OLD[:300], OLD[200:900], OLD + OLD[:500], OLD * 2, OLD[700:] + OLD[:700]):
        measured = change.measure_text(OLD, new)
        assert (measured["new_chars"], measured["class"]) == (0, "minor")


def test_a_new_sentence_pasted_again_and_again_counts_once() -> None:
    sentence = fresh(30, 6) + "。"
    assert compare_texts(OLD, OLD + sentence * 10).new_chars <= 31 + 9


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("机器人安全，检查ＡＢ１２。", "機器人安全,檢查AB12."),
        ("速度 60%", "速度\u200b 60%\u00a0"),
        ("P点位", "Р点位"),
        ("第一行\r\n第二行", "第一行 第二行"),
    ],
)
def test_what_reads_alike_is_no_change(old: str, new: str) -> None:
    measured = change.measure_text(old, new)
    assert (measured["class"], measured["share"]) == ("identical", 0.0)
    assert change.decide_class(measured, "substantive", "doch", reason="r") == "minor"


def test_punctuation_alone_is_minor() -> None:
    new = "、".join(OLD[i : i + 3] for i in range(0, 1000, 3))
    assert change.measure_text(OLD, new)["class"] == "minor"


@given(sentences, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_moving_sentences_is_never_substantive(parts: list[str], dice: random.Random) -> None:
    moved = list(parts)
    dice.shuffle(moved)
    measured = change.measure_text("".join(parts), "".join(moved))
    assert measured["class"] in ("identical", "minor")
    assert not change.is_above_floor("text", measured)


@given(st.integers(0, 600), st.integers(1, 400), st.integers(0, 600))
@settings(max_examples=60, deadline=None)
def test_moving_a_block_anywhere_is_never_substantive(start: int, length: int, to: int) -> None:
    text = OLD[:800]
    block, rest = text[start : start + length], text[:start] + text[start + length :]
    assert change.measure_text(text, rest[:to] + block + rest[to:])["class"] in ("identical", "minor")


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_a_share_is_a_share(old: str, new: str) -> None:
    found = compare_texts(old, new)
    assert 0 <= found.new_chars <= found.longer_chars
    assert not (found.reads_alike and found.new_chars)


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_a_text_against_itself_is_identical(text: str) -> None:
    assert change.measure_text(text, text)["class"] == "identical"


@pytest.mark.parametrize(
    ("kind", "share", "seconds", "expected"),
    [
        ("video", 0.049, 29.9, "minor"), ("video", 0.05, 0, "substantive"), ("audio", 0.01, 30, "substantive"),
        ("presentation", 0.05, 40, "minor"), ("presentation", 0.1, 0, "substantive"), ("video", 0, 0, "minor"),
        ("simulation", 0.0999, 0, "minor"), ("image", 0.1, 0, "substantive"),
    ],
)  # fmt: skip
def test_floors_of_types_are_inclusive(kind: str, share: float, seconds: float, expected: str) -> None:
    measured = change.measure_stated(kind, share, seconds)
    assert measured["class"] == expected
    assert change.decide_class(measured, "substantive", "", resource_type=kind, reason="新型号") == expected


def test_a_note_lifts_what_is_below_the_floor_but_never_a_zero() -> None:
    below, zero = change.measure_stated("video", 0.02, 5), change.measure_stated("video", 0, 0)
    decide = change.decide_class
    assert decide(below, "substantive", "工艺参数改了", resource_type="video", reason="r") == "substantive"
    assert decide(below, "substantive", "  ", resource_type="video", reason="r") == "minor"
    assert decide(zero, "substantive", "工艺参数改了", resource_type="video", reason="r") == "minor"


def test_without_a_reason_or_against_the_reviewer_nothing_is_substantive() -> None:
    big = change.measure_stated("video", 0.5, 100)
    assert change.decide_class(big, "substantive", "x", resource_type="video", reason=" ") == "minor"
    assert change.decide_class(big, "minor", "x", resource_type="video", reason="r") == "minor"


def test_what_nobody_measured_needs_the_reviewers_note() -> None:
    unseen = change.measure_nothing(100, 140)
    assert change.decide_class(unseen, "substantive", "", resource_type="video", reason="r") == "minor"
    assert change.decide_class(unseen, "substantive", "看过", resource_type="video", reason="r") == "substantive"


def test_evidence_reads_as_sentences(app: Any) -> None:
    for measured in (
        change.measure_text(OLD, OLD + fresh(50, 9)),
        change.measure_stated("audio", 0.2, 84),
        change.measure_nothing(1, 2),
    ):
        lines = change.evidence_sentences(measured)
        assert lines
        assert not any("%(" in line or "%%" in line for line in lines)


@pytest.mark.one_database
def test_the_command_says_how_two_files_differ(app: Any, tmp_path: Path) -> None:
    runner = app.test_cli_runner()

    def classify(old: Path, new: Path) -> dict[str, Any]:
        done = runner.invoke(args=["change", "classify", str(old), str(new), "--json"])
        assert done.exit_code == 0, done.output
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["evidence"]
        return answer

    def file(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    utf8, gbk = file("a.txt", OLD.encode()), file("b.txt", OLD.encode("gb18030"))
    assert classify(utf8, utf8)["class"] == "identical"
    assert classify(utf8, gbk)["class"] == "re-encoded"
    assert classify(utf8, file("c.txt", (OLD + fresh(300, 8)).encode())) | {"evidence": []} == {
        "class": "substantive", "share": 0.230769, "evidence": [],
    }  # fmt: skip
    assert classify(utf8, file("d.txt", f"  {OLD}\n\n".encode()))["class"] == "identical"
    assert (
        classify(sample_docx(tmp_path / "a.docx", (OLD,)), sample_docx(tmp_path / "b.docx", (OLD[500:], OLD[:500])))[
            "class"
        ]
        == "minor"
    )
    assert classify(sample_pdf(tmp_path / "a.pdf"), sample_docx(tmp_path / "c.docx"))["class"] in (
        "minor",
        "substantive",
    )
    assert classify(sample_mp4(tmp_path / "a.mp4"), sample_mp4(tmp_path / "b.mp4", seconds=5))["share"] == 0
    assert classify(sample_mp4(tmp_path / "a.mp4"), sample_pdf(tmp_path / "a.pdf"))["class"] is None
    gone = runner.invoke(args=["change", "classify", str(utf8), str(tmp_path / "nicht.txt")])
    assert gone.exit_code == 2


@pytest.mark.one_database
def test_the_command_compares_two_versions_of_a_question(app: Any, tmp_path: Path) -> None:
    asked = {"stem": "起弧前干伸长应为多少？", "options": ["10 mm", "15 mm"], "answer": "B"}

    def classify(*new: object) -> Any:
        for name, plain in zip(("old.json", "new.json"), (asked, *new), strict=False):
            (tmp_path / name).write_text(plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False))
        words = ["change", "classify", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--json"]
        return app.test_cli_runner().invoke(args=words)

    assert json.loads(classify({**asked, "answer": "A"}).stdout)["class"] == "substantive"
    typing = json.loads(classify({**asked, "stem": "起弧前干伸长应为多小？"}).stdout)
    assert (typing["class"], typing["share"] > 0) == ("minor", True)
    for broken in ("[1, 2]", "{", '{"options": []}', "7"):
        refused = classify(broken)
        assert refused.exit_code != 0
        assert "题干" in refused.output


def test_what_a_card_or_a_mark_measures_is_lifted_only_with_a_note() -> None:
    card = {"class": "minor", "share": 0.08, "seconds": 8.0, "evidence": [{"code": "film_card", "seconds": 8.0}]}
    assert not change.is_above_floor("video", card)
    decide = change.decide_class
    assert decide(card, "substantive", "", resource_type="video", reason="r") == "minor"
    assert decide(card, "substantive", "片头换成新规范", resource_type="video", reason="r") == "substantive"
