"""Normalising and cutting: alike for documents and queries, alike in both segmenters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.pinyin import initials, same_sound, split_syllables, syllables
from search.text import Tokenizer, _read_lines, compact, default_tokenizer, normalise
from tests.search.samples import read_documents


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_normalised_text_holds_no_control_characters(text: str) -> None:
    assert all(unicodedata.category(character) != "Cc" for character in normalise(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ＰＬＣ　编程", "plc 编程"),
        ("諧波減速器", "谐波减速器"),
        ("工具座標系", "工具坐标系"),
        ("a\x00b\u200bc\r\n d", "a bc d"),
    ],
)
def test_spellings_of_one_thing_become_one(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


def test_both_segmenters_give_identical_words_on_the_sample() -> None:
    fast, slow = default_tokenizer(), Tokenizer(pure_python=True)
    texts = [normalise(f"{d.title} {d.title_en} {' '.join(d.aliases)} {d.body}") for d in read_documents()]
    assert [slow.tokens(text) for text in texts] == [fast.tokens(text) for text in texts]
    assert slow.version == fast.version


def test_words_added_by_the_caller_change_cutting_and_version() -> None:
    with_word = Tokenizer(["龙门吊臂"])
    assert "龙门吊臂" in [token.text for token in with_word.tokens("检查龙门吊臂")]
    assert with_word.version != default_tokenizer().version


def test_a_query_asks_for_no_more_than_a_longer_name_contains() -> None:
    tokenizer = default_tokenizer()
    indexed = {token.text for token in tokenizer.tokens("工具坐标系标定")}
    assert {token.text for token in tokenizer.words("工具坐标")} <= indexed


def test_names_unknown_to_the_dictionary_are_cut_into_pairs() -> None:
    assert [token.text for token in Tokenizer([]).words("示教器")] == ["示教", "教器"]


@given(st.text(max_size=200))
def test_every_word_lies_where_it_says(text: str) -> None:
    clean = normalise(text)
    for token in default_tokenizer().tokens(clean):
        assert clean[token.start : token.end].startswith(token.text)


def test_pinyin_reads_words_as_words() -> None:
    assert syllables("重复定位精度") == ["chong", "fu", "ding", "wei", "jing", "du"]
    assert initials(syllables("PLC 编程")) == "plcbc"


def test_typed_pinyin_is_split_or_refused() -> None:
    assert split_syllables("gongjuzuobiao") == ["gong", "ju", "zuo", "biao"]
    assert split_syllables("xian") == ["xian"]
    assert split_syllables("plcx") == []


def test_names_that_sound_alike_share_a_key() -> None:
    assert same_sound("工具座镖") == same_sound("工具坐标")


def test_compact_form_drops_everything_between_words() -> None:
    assert compact("I/O 信号（规划）") == "io信号规划"


def test_variant_words_keep_their_length() -> None:
    assert all(len(set(map(len, line.split()))) == 1 for line in _read_lines("variants.txt"))
