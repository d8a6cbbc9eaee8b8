"""Passages are plain pieces of the text as written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.documents import Piece
from search.highlighting import WIDTH, find_passage, mark


def test_hits_are_marked_in_the_text_as_written() -> None:
    assert mark("用TCP标定工具", ("tcp", "标定")) == (Piece("用"), Piece("TCP标定", True), Piece("工具"))


def test_traditional_and_wide_letters_are_marked_where_they_stand() -> None:
    assert mark("（ＴＣＰ）工具座標系㎜", ("tcp", "坐标")) == (
        Piece("（"), Piece("ＴＣＰ", True), Piece("）工具"), Piece("座標", True), Piece("系㎜"),
    )  # fmt: skip


def test_latin_words_are_not_marked_inside_others() -> None:
    assert mark("radio", ("io",)) == (Piece("radio"),)


def test_the_passage_is_cut_where_most_is_found() -> None:
    text = "标定。" + "无关的话，" * 60 + "用四点法标定工具坐标系。" + "其他，" * 60
    shown = "".join(piece.text for piece in find_passage(text, ("标定", "工具", "坐标系")))
    assert "四点法标定工具坐标系" in shown
    assert len(shown) <= WIDTH + 2


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_pieces_put_together_are_the_text(text: str, words: list[str]) -> None:
    assert "".join(piece.text for piece in mark(text, words)) == text
    assert "".join(p.text for p in find_passage(text, words)).strip("…") in text + text[:0] or not text


def test_markup_is_left_for_the_page_to_escape() -> None:
    assert mark("<b>标定</b>", ("标定",)) == (Piece("<b>"), Piece("标定", True), Piece("</b>"))
