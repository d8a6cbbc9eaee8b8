"""The labelled set: each pair gets the class a person gave it (M4); decision 7 has the table."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from courseware.catalog.memory import Memory
from courseware.resources.assets import hash_file
from media.apart import read_apart
from media.comparing import classify, contents
from media.comparing.contents import read_contents
from media.comparing.documents import Transcripts
from media.comparing.questions import classify_question, question_of
from media.documents import extract_text
from media.errors import DocumentError, MediaError
from media.sniff import PDF
from tests.media.comparing import documents as docs
from tests.media.comparing import recordings as rec
from tests.media.comparing.labelled import verdict_of
from tests.media.comparing.pairs import CODED, NEW, QUICK, SAME, Pair, all_pairs
from tests.media.samples import sample_zip

PAIRS = all_pairs(QUICK)
READ = Memory(16)


@pytest.fixture
def _originals_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of all files are the same few originals, and decoding one takes longer than comparing it."""
    read = classify.read_recording
    monkeypatch.setattr(
        classify,
        "read_recording",
        lambda path, info, *, pace=1.0, **more: READ.get(
            (hash_file(path), pace), lambda: read(path, info, pace=pace, **more)
        ),
    )


@pytest.mark.usefixtures("_originals_are_read_once")
@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_a_pair_gets_the_class_a_person_gave_it(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The same readers in this process: starting a hundred is a minute of the suite, and the tests below start them.
    monkeypatch.setattr(contents, "read_apart", lambda module, *words, **_bounds: import_module(module).answer(*words))
    verdict, evidence = verdict_of(*pair.make(tmp_path), pair.type)
    assert not (pair.label in (SAME, CODED) and verdict == NEW), f"the one thing that must never happen: {evidence}"
    assert verdict == pair.label, evidence


def test_the_set_is_large_and_mixed() -> None:
    labels = Counter(pair.label for pair in PAIRS)
    assert len(PAIRS) >= 60
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)
    assert min(labels[CODED], labels[NEW], labels["minor"]) >= 20


OLD = {"stem": "起弧前焊枪与工件的距离应为多少？", "options": ["10 mm", "15 mm", "20 mm", "30 mm"], "answer": ["B"]}


@pytest.mark.parametrize(
    ("label", "change"),
    [
        (SAME, {}),
        ("minor", {"options": ["30 mm", "15 mm", "10 mm", "20 mm"], "answer": ["B"]}),
        ("minor", {"stem": "起弧前焊抢与工件的距离应为多少?"}),
        (NEW, {"answer": ["C"]}),
        (NEW, {"options": ["10 mm", "15 mm", "20 mm", "35 mm"]}),
        (NEW, {"options": ["10 mm", "15 mm", "20 mm", "30 mm", "40 mm"]}),
        (NEW, {"stem": "起弧前焊枪与工件的距离不应为多少？"}),
        (NEW, {"stem": "收弧时保护气体还应继续流出多少秒才能移开？"}),
    ],
)
def test_questions_by_what_they_ask(label: str, change: dict[str, object]) -> None:
    assert classify_question(question_of(OLD), question_of({**OLD, **change})).verdict == label


ORDER = {
    "kind": "ordering",
    "stem_zh": "按次序排列。",
    "options": [{"id": "A", "text": "撤离"}, {"id": "B", "text": "关门"}],
}
MATCH = {
    "kind": "matching",
    "stem_zh": "把部件与作用对应起来。",
    "options": {
        "left": [{"id": "1", "text": "本体"}, {"id": "2", "text": "控制柜"}],
        "right": [{"id": "a", "text": "产生末端运动"}, {"id": "b", "text": "运算与驱动"}],
    },
}
BLANK = {"kind": "blank", "stem_zh": "使能开关松开或____时停止。"}
CASE = {"kind": "case_set", "stem_zh": "夹爪经常掉件。"}
FIRST = {
    "kind": "single",
    "stem_zh": "先查什么？",
    "options": [{"id": "A", "text": "气压"}, {"id": "B", "text": "油温"}],
}


@pytest.mark.parametrize(
    ("label", "old", "new"),
    [
        (SAME, {**ORDER, "answer": ["A", "B"]}, {**ORDER, "answer": ["A", "B"]}),
        (NEW, {**ORDER, "answer": ["A", "B"]}, {**ORDER, "answer": ["B", "A"]}),
        (SAME, {**MATCH, "answer": {"1": "a", "2": "b"}}, {**MATCH, "answer": {"2": "b", "1": "a"}}),
        (NEW, {**MATCH, "answer": {"1": "a", "2": "b"}}, {**MATCH, "answer": {"1": "b", "2": "a"}}),
        (SAME, {**BLANK, "answer": [["按到底", "全按"]]}, {**BLANK, "answer": [["全按", "按到底"]]}),
        (NEW, {**BLANK, "answer": [["按到底"]]}, {**BLANK, "answer": [["轻轻地按住不放"]]}),
        (NEW, {**CASE, "sub_questions": [{**FIRST, "answer": "A"}]}, {**CASE, "sub_questions": [{**FIRST, "answer": "B"}]}),
    ],
)  # fmt: skip
def test_questions_as_the_bank_writes_them(label: str, old: dict[str, object], new: dict[str, object]) -> None:
    assert classify_question(question_of(old), question_of(new)).verdict == label


def test_the_same_words_by_another_voice_are_minor_and_other_words_are_not(tmp_path: Path) -> None:
    old, new = (
        rec.write_wav(tmp_path / "a.wav", rec.speech(1, 60)),
        rec.write_wav(tmp_path / "b.wav", rec.speech(9, 60)),
    )
    said = docs.prose(4, 4)
    assert verdict_of(old, new, "audio", Transcripts(said, said.replace("，", ",")))[0] == "minor"
    assert verdict_of(old, new, "audio", Transcripts(said, docs.prose(5, 4)))[0] == NEW
    assert verdict_of(old, new, "audio")[0] == NEW, "without captions nobody knows"


def test_what_cannot_be_read_is_named_and_never_guessed(tmp_path: Path) -> None:
    plain = docs.pdf(tmp_path / "a.pdf", docs.prose(1))
    locked = docs.pdf(tmp_path / "b.pdf", docs.prose(1), password="geheim")
    thick = docs.blank_pdf(tmp_path / "c.pdf", 5000)
    broken = tmp_path / "d.pdf"
    broken.write_bytes(plain.read_bytes()[:300])
    office = docs.locked_office(tmp_path / "e.docx")
    for path, code in (
        (locked, "document_encrypted"),
        (thick, "document_too_long"),
        (broken, "document_unreadable"),
        (office, "document_encrypted"),
    ):
        with pytest.raises(MediaError) as refused:
            verdict_of(plain, path, "text")
        assert refused.value.code == code
    assert extract_text(thick, PDF).pages == 5000, "its pages are counted all the same"
    (tmp_path / "f.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(90))
    (tmp_path / "g.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(80))
    with pytest.raises(MediaError):
        verdict_of(tmp_path / "f.png", tmp_path / "g.png", "image")


def test_a_bomb_is_refused_at_the_door_and_by_the_reader_behind_it(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>", "word/document.xml": b" " * (80 << 20)}
    bomb = sample_zip(tmp_path / "a.docx", members)
    old = docs.docx(tmp_path / "b.docx", docs.prose(1, 2))
    with pytest.raises(MediaError) as refused:
        verdict_of(old, bomb, "text")
    assert refused.value.code == "archive_bomb"
    with pytest.raises(DocumentError) as read:
        read_contents(bomb, "docx")
    assert read.value.code == "archive_bomb"


def test_a_reader_that_runs_for_ever_is_ended(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as ended:
        read_apart("media.document_worker", str(docs.pdf(tmp_path / "a.pdf", "x")), "pdf", "9", memory_bytes=1 << 30, timeout_s=0.01)  # fmt: skip
    assert ended.value.code == "document_timeout"


def test_empty_pages_and_fonts_that_are_not_there_are_nothing_new(tmp_path: Path) -> None:
    old = docs.pdf(tmp_path / "a.pdf", docs.prose(1))
    few, more = docs.blank_pdf(tmp_path / "b.pdf", 2), docs.blank_pdf(tmp_path / "c.pdf", 3)
    padded = docs.with_blank_pages(old, tmp_path / "d.pdf", 2)
    data = old.read_bytes()
    assert data.count(b"STSong-Light"), "else nothing is broken below"
    (tmp_path / "e.pdf").write_bytes(data.replace(b"STSong-Light", b"NoSuchFontXX"))
    (tmp_path / "f.pdf").write_bytes(data.replace(b"UniGB-UCS2-H", b"NoSuch-Map-H"))
    pairs = [(few, more), (old, padded), (old, tmp_path / "e.pdf"), (old, tmp_path / "f.pdf"), (old, few)]
    assert [verdict_of(*pair, "text")[0] for pair in pairs] == [CODED, CODED, CODED, CODED, "minor"]
    assert verdict_of(few, old, "text")[0] == NEW


def test_a_film_and_a_text_cannot_be_compared(tmp_path: Path) -> None:
    assert (
        verdict_of(rec.write_wav(tmp_path / "a.wav", rec.speech(1, 5)), docs.pdf(tmp_path / "a.pdf", "x"), "")[0]
        is None
    )
