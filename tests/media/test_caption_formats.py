"""Files from Aegisub, players and broadcasters come in; files for them go out; all problems are listed with their lines."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.captions import (
    Cue,
    check_cues,
    parse_captions,
    read_captions,
    repair_cues,
    to_srt,
    to_text,
    to_ttml,
    to_webvtt,
)
from media.captions.writing import WRITERS
from media.errors import CaptionError

ASS = r"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname
Style: Default,SimHei
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,不是字幕
Dialogue: 0,0:00:05.00,0:00:07.25,Default,老师,0,0,0,,{\pos(1,2)}安全第一，\N两行, 有逗号
Dialogue: 0,0:00:01.50,0:00:04.00,Default,,0,0,0,,你好\h世界
Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\p1}m 0 0 l 10 10{\p0}
Dialogue: 0,0:00:09.00,0:00:08.00,Default,,0,0,0,,倒着
Dialogue: 0,later,0:00:08.00,Default,,0,0,0,,没有时间
"""

SAMI = """<SAMI><HEAD><STYLE TYPE="text/css"><!--
P {font-size: 10pt;}
.CNCC {Name: 中文; lang: zh-CN; SAMI_Type: CC;}
.ENCC {Name: English; lang: en-US;}
--></STYLE></HEAD><BODY>
<SYNC Start=1000><P Class=CNCC>接通&nbsp;电源
<SYNC Start=1000><P Class=ENCC>Switch<br>on
<SYNC Start=3000><P Class=CNCC>&nbsp;
<SYNC Start=4000><P Class=ENCC>Wait &amp; see
<SYNC Start=6000><P Class=ENCC>&nbsp;
</BODY></SAMI>"""

TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="zh">
<head><layout/></head>
<body begin="1s"><div>
<p begin="00:00:00.500" end="00:00:02:10">接通<br/>电源</p>
<p begin="3s" dur="1500ms">等 <span>一下</span></p>
<p><span begin="75f" end="5s">逐句</span></p>
<p begin="when">坏的</p>
</div></body></tt>"""


def cues(text: str) -> list[tuple[float, float, str]]:
    return [(cue.start_s, cue.end_s, cue.text) for cue in read_captions(text.encode()).cues]


def test_ass_gives_its_dialogue_without_styling_drawings_and_comments() -> None:
    assert cues(ASS) == [(1.5, 4.0, "你好 世界"), (5.0, 7.25, "安全第一，\n两行, 有逗号")]
    found = read_captions(ASS.encode("utf-16"))
    assert (found.kind, [(p.line, p.code) for p in found.lost]) == (
        "ass",
        [(12, "ends_first"), (13, "times_unreadable")],
    )


def test_ssa_with_columns_of_its_own_is_read_by_its_format_line() -> None:
    old = "[Script Info]\nScriptType: v4.00\n[Events]\nFormat: Marked, Start, End, Text\nDialogue: Marked=0,0:00:01.00,0:00:02.00,a, b\n"
    assert cues(old) == [(1.0, 2.0, "a, b")]


def test_sami_keeps_languages_apart_and_ends_a_text_with_the_next() -> None:
    found = read_captions(SAMI.encode())
    assert {name: [(c.start_s, c.end_s, c.text) for c in track] for name, track in found.tracks.items()} == {
        "zh-CN": [(1.0, 3.0, "接通 电源")],
        "en-US": [(1.0, 4.0, "Switch\non"), (4.0, 6.0, "Wait & see")],
    }


def test_ttml_times_count_from_what_surrounds_them_in_clocks_frames_and_units() -> None:
    found = read_captions(TTML.encode())
    assert [(c.start_s, c.end_s, c.text) for c in found.tracks["zh"]] == [
        (1.5, 3.4, "接通\n电源"), (4.0, 5.5, "等 一下"), (4.0, 6.0, "逐句"),
    ]  # fmt: skip
    assert [(p.line, p.code) for p in found.lost] == [(8, "times_unreadable")]


def test_ttml_with_a_document_type_is_not_opened() -> None:
    bomb = '<!DOCTYPE tt [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n<tt><body><p begin="1s" end="2s">&b;</p></body></tt>'
    with pytest.raises(CaptionError):
        parse_captions(bomb.encode())


def test_sbv_times_stand_side_by_side() -> None:
    assert cues("0:00:00.500,0:00:07.000\none\n\n0:00:07.000,0:00:11.890\ntwo, three\n") == [
        (0.5, 7.0, "one"), (7.0, 11.89, "two, three"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "cp950"])
@pytest.mark.parametrize("kind", ["srt", "ass"])
def test_the_content_counts_and_not_the_name_in_every_encoding(encoding: str, kind: str) -> None:
    said = "銲接前先檢查電源與接地" if encoding == "cp950" else "焊接前先检查电源与接地"
    text = {
        "srt": f"1\n00:00:01,000 --> 00:00:02,000\n{said}\n",
        "ass": f"[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{said}\n",
    }[kind]
    found = read_captions(text.encode(encoding))
    assert [cue.text for cue in found.cues] == [said]


def test_every_problem_of_a_file_is_listed_at_once_with_its_line() -> None:
    text = (
        "1\n00:00:05,000 --> 00:00:08,000\nfirst\n\n"
        "2\n00:00:07,000 --> 00:00:09,000\nover the first\n\n"
        "3\n00:00:01,000 --> 00:00:02,000\nout of order\n\n"
        "4\n00:00:12,000 --> 00:00:11,000\nbackwards\n\n"
        "5\n-00:00:01,000 --> 00:00:03,000\nbefore the start\n\n"
        "6\n00:00:20,000 --> soon\nno end\n\n"
        "7\n00:00:21,000 --> 00:00:22,000\n"
    )
    found = read_captions(text.encode())
    assert [(p.line, p.code) for p in found.problems] == [
        (6, "overlap"), (10, "unordered"), (14, "ends_first"), (18, "negative"), (22, "times_unreadable"), (26, "no_text"),
    ]  # fmt: skip
    assert [cue.text for cue in found.cues] == ["out of order", "first", "over the first"]
    assert [p.text for p in found.lost] == ["backwards", "before the start", "no end"]


def test_twenty_thousand_wrong_cues_are_all_named_in_seconds() -> None:
    text = "\n\n".join(f"{n}\n00:00:{n % 60:02},500 --> 00:00:{n % 60:02},100\nx" for n in range(20_000))
    begun = time.process_time()
    found = read_captions(text.encode())
    assert len(found.problems) == 20_000
    assert time.process_time() - begun < 5


def test_mending_orders_shortens_and_drops_but_never_moves_a_beginning() -> None:
    mended = repair_cues(
        [Cue(5, 9, "b"), Cue(1, 6, "a"), Cue(-1, 2, "x"), Cue(7, 7, "y"), Cue(8, 9, " "), Cue(8, 10, "c")]
    )
    assert mended == [Cue(1, 5, "a"), Cue(5, 8, "b"), Cue(8, 10, "c")]


def test_plain_text_breaks_where_somebody_pauses() -> None:
    said = [Cue(0, 2, "一"), Cue(2, 4, "二\n三"), Cue(6.5, 8, "四")]
    assert to_text(said) == "一\n二 三\n\n四\n"


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn")), min_size=1, max_size=20)
texts = st.lists(words, min_size=1, max_size=2).map("\n".join)
cue_lists = st.lists(
    st.builds(
        lambda start, length, text: Cue(start / 1000, (start + length) / 1000, text),
        st.integers(0, 10_000_000), st.integers(1, 60_000), texts.filter(lambda t: "\ufeff" not in t and "\\" not in t),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(cue_lists, st.sampled_from(["vtt", "srt", "ttml"]))
def test_what_is_written_is_read_back(given_cues: list[Cue], kind: str) -> None:
    ordered = sorted(given_cues, key=lambda cue: (cue.start_s, cue.end_s))
    written = WRITERS[kind](ordered, "zh")
    if kind == "srt" and any(line.isdigit() or "->" in line for cue in ordered for line in cue.text.split("\n")):
        return  # SRT cannot tell a line of digits alone from the number of a cue
    assert read_captions(written.encode()).cues == ordered


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Cue, st.floats(-10, 100), st.floats(-10, 100), st.sampled_from(["", "a"])), max_size=30))
def test_mended_cues_have_no_problem_but_two_that_begin_together(given_cues: list[Cue]) -> None:
    mended = repair_cues(given_cues)
    starts = {cue.start_s for cue in mended}
    left = check_cues(mended)
    assert {problem.code for problem in left} <= {"overlap"}
    assert not left or len(starts) < len(mended)


def test_kinds_are_written_that_others_read() -> None:
    said = [Cue(1.5, 3661.25, "螺栓 <M8> & 垫圈\n两行")]
    assert "01:01:01,250" in to_srt(said)
    assert "&lt;M8&gt;" in to_webvtt(said)
    assert "<br/>" in to_ttml(said, "zh")
