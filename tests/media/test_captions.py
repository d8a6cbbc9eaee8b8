"""Captions from many tools come in; one clean kind goes out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.captions import Cue, parse_captions, search_windows, to_webvtt
from media.errors import SENTENCES, CaptionError

SRT = "1\r\n00:00:01,500 --> 00:00:04,000\r\n你好，欢迎来到第一课\r\n\r\n2\r\n00:00:05,000 --> 00:00:07,250\r\n安全第一\r\n两行\r\n"
EXPECTED = [Cue(1.5, 4.0, "你好，欢迎来到第一课"), Cue(5.0, 7.25, "安全第一\n两行")]


def parse(text: str) -> list[Cue]:
    return parse_captions(text.encode())


def problem(text: str) -> CaptionError:
    with pytest.raises(CaptionError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_srt_in_any_encoding(encoding: str) -> None:
    assert parse_captions(SRT.encode(encoding)) == EXPECTED


def test_webvtt_with_header_notes_styles_settings_and_markup() -> None:
    text = (
        "WEBVTT - title\nKind: captions\n\nNOTE a comment --> not a cue\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.500 --> 00:04.000 align:start line:0\n<v 老师><b>Bolt &lt;M8&gt;</b></v>\n<00:00:02.000>tight\n"
    )
    assert parse(text) == [Cue(1.5, 4.0, "Bolt <M8>\ntight")]


@pytest.mark.parametrize(
    "text",
    [
        "00:01 --> 00:02\nno hours, no fraction",
        "1\n0:00:01.0 --> 0:00:02.0\nno hours, no fraction",
        "\n\n\n00:00:01,000 -> 00:00:02,000\nno hours, no fraction",
        "7\n00:00:01:000 --> 00:00:02:000\nno hours, no fraction\n\n",
    ],
)
def test_sloppy_times_are_understood(text: str) -> None:
    assert parse(text) == [Cue(1, 2, "no hours, no fraction")]


def test_a_missing_or_an_extra_empty_line_changes_nothing() -> None:
    missing = "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo\n"
    extra = "1\n00:00:01,000 --> 00:00:02,000\n\none\n\n2\n\n00:00:03,000 --> 00:00:04,000\ntwo\n"
    assert parse(missing) == parse(extra) == [Cue(1, 2, "one"), Cue(3, 4, "two")]


def test_cues_come_in_order_of_time_and_empty_ones_go() -> None:
    text = "00:05.000 --> 00:06.000\nlate\n\n00:01.000 --> 00:02.000\nearly\n\n00:03.000 --> 00:04.000\n\n"
    assert [cue.text for cue in parse(text)] == ["early", "late"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("WEBVTT\n\n00:01.000 --> later\nx", 3, "cannot be read"),
        ("1\n00:00:01,000 --> 00:00:02,000\nok\n\n2\n00:00:03,000 00:00:04,000\nno arrow", 6, "cannot be read"),
        ("1\n00:00:05,000 --> 00:00:02,000\nbackwards", 2, "before it begins"),
        ("Dear all,\nplease find\n\nmy notes", 1, "no times"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, reason: str) -> None:
    error = problem(text)
    assert (error.code, error.params["line"]) == ("caption_syntax", line)
    assert reason in error.params["reason"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "caption_empty"),
        (b"WEBVTT\n\nNOTE nothing\n", "caption_empty"),
        (bytes(range(256)), "text_encoding"),
        (b"x" * (5 * 1024 * 1024 + 1), "caption_too_large"),
    ],
)
def test_what_holds_no_captions_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(CaptionError) as caught:
        parse_captions(data)
    assert caught.value.code == code


def test_twenty_thousand_cues_are_read() -> None:
    cues = [Cue(num, num + 0.5, f"cue {num}") for num in range(20_000)]
    assert parse(to_webvtt(cues)) == cues


texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn")), min_size=1, max_size=30)
cue_lists = st.lists(
    st.builds(
        lambda start, length, text: Cue(start / 1000, (start + length) / 1000, text),
        st.integers(0, 10_000_000),
        st.integers(1, 60_000),
        texts.filter(lambda text: "\\" not in text and "\ufeff" not in text),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(cue_lists)
def test_what_is_written_is_read_back(cues: list[Cue]) -> None:
    assert parse(to_webvtt(cues)) == sorted(cues, key=lambda cue: (cue.start_s, cue.end_s))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_give_cues_or_a_named_error(data: bytes) -> None:
    try:
        assert parse_captions(data)
    except CaptionError as error:
        named = error.code in SENTENCES
        assert named, error.code  # noqa: PT017  # either outcome is right


class TestWindows:
    def test_windows_end_with_a_sentence_between_thirty_and_sixty_seconds(self) -> None:
        cues = [Cue(at, at + 5, f"part {at}" + ("." if at in {30, 60} else "")) for at in range(0, 100, 5)]
        windows = search_windows(cues)
        assert [(window.start_s, window.end_s) for window in windows] == [(0, 35), (35, 65), (65, 100)]

    def test_a_pause_also_ends_a_window(self) -> None:
        cues = [Cue(0, 20, "a"), Cue(20, 35, "b"), Cue(40, 50, "c")]
        assert [window.text for window in search_windows(cues)] == ["a b", "c"]

    def test_nothing_gives_nothing(self) -> None:
        assert search_windows([]) == []

    @settings(max_examples=40, deadline=None)
    @given(cue_lists)
    def test_every_word_is_in_exactly_one_window(self, cues: list[Cue]) -> None:
        windows = search_windows(cues)
        ordered = sorted(cues, key=lambda cue: cue.start_s)
        assert " ".join(window.text for window in windows) == " ".join(cue.text for cue in ordered)
        longest = max(cue.end_s - cue.start_s for cue in cues)
        assert all(window.end_s - window.start_s <= max(60, longest) for window in windows)
