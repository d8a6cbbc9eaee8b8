"""What is made of queries, and that no query is too odd."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.documents import Batch, SearchQuery
from search.names import Name, Names, SpellingTable, is_one_edit
from search.text import default_tokenizer
from search.understanding import MAX_WORDS, parse
from search.whoosh_engine import WhooshEngine
from tests.search.conftest import found
from tests.search.samples import make_document

ODD = [
    "", " ", "。，！？", "😀🎉", '"', '"工具', "“工具", "*", "?", "工具*", "title:(工具 AND", "a AND NOT b", "[TO]", "^2~", "\\",
    "' OR 1=1 --", "; DROP TABLE x", "\x00\x01", "\ud800", "major:", ":", "major::x", "year:....", "year:99999", "year:²",
    "工具" * 5_000, "a" * 10_000, "\u202e工具", "𠀀𠀁", "的", "what is the", "__class__", "%s%n", "{{7*7}}", "<script>", "﷽" * 50,
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_queries_are_answered(library: WhooshEngine, text: str) -> None:
    answer = library.search(SearchQuery(text, facets=("type",)))
    assert answer.total >= len(answer.hits) >= 0
    library.suggest(text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("工具坐标系定ab1 :\"“”*'()[]{}~^\\/-年year.major") | st.characters()))
def test_no_text_raises(library: WhooshEngine, text: str) -> None:
    library.search(SearchQuery(text))
    library.suggest(text)


def test_only_signs_find_nothing_and_nothing_lists_everything(library: WhooshEngine) -> None:
    assert library.search(SearchQuery("。，！")).total == 0
    assert library.search(SearchQuery("  ")).total == library.status().documents


def test_very_long_text_is_cut_to_a_bounded_number_of_words() -> None:
    text = "".join(chr(0x4E00 + n) for n in range(3_000))
    assert len(parse(text, default_tokenizer(), lambda *_: True).words) <= MAX_WORDS


def test_typed_filters_narrow_and_unknown_ones_stay_words(library: WhooshEngine) -> None:
    plain = library.search(SearchQuery("标定"))
    narrowed = library.search(SearchQuery("course:RP 标定"))
    assert 0 < narrowed.total < plain.total
    assert library.search(SearchQuery("课程：RP 标定")).total == narrowed.total
    assert "nosuch" in library.search(SearchQuery("type:nosuch 标定")).normalized


def test_year_may_be_a_span(library: WhooshEngine) -> None:
    by_year = [library.search(SearchQuery(f"year:{year} 标定")).total for year in (2024, 2025)]
    assert library.search(SearchQuery("year:2024..2025 标定")).total == sum(by_year)


def test_quotes_ask_for_the_exact_wording(library: WhooshEngine) -> None:
    loose, exact = library.search(SearchQuery("标定 工具")), library.search(SearchQuery('"标定 工具"'))
    assert loose.total > 0
    assert exact.total == 0


def test_a_phrase_ends_anywhere_in_a_longer_name(library: WhooshEngine) -> None:
    assert "point:rp10" in found(library, '"工具坐标"')


def test_a_wrong_character_is_corrected_and_said_so(library: WhooshEngine) -> None:
    answer = library.search(SearchQuery("谐波减束器"))
    assert answer.corrected_to == "谐波减速器"
    assert answer.hits[0].id == "point:mt03"


def test_correction_can_be_declined(library: WhooshEngine) -> None:
    answer = library.search(SearchQuery("谐波减束器", exact=True))
    assert answer.corrected_to is None


def test_a_filter_that_leaves_nothing_is_no_spelling_mistake(library: WhooshEngine) -> None:
    answer = library.search(SearchQuery("谐波减速器", filters={"year": ("1999",)}))
    assert (answer.total, answer.corrected_to) == (0, None)


def test_names_that_the_asker_may_not_see_do_not_correct(engine: WhooshEngine) -> None:
    hidden = make_document(1, kind="point", title="谐波减速器", visibility="library:9")
    engine.apply(Batch((hidden, make_document(2, kind="point", title="行星齿轮"))))
    assert engine.search(SearchQuery("谐波减束器")).corrected_to is None
    assert engine.search(SearchQuery("谐波减束器", scopes=("public", "library:9"))).corrected_to == "谐波减速器"


def test_a_deleted_name_no_longer_corrects(engine: WhooshEngine) -> None:
    engine.apply(Batch((make_document(1, kind="point", title="谐波减速器"), make_document(2, title="行星齿轮"))))
    assert engine.search(SearchQuery("谐波减束器")).corrected_to == "谐波减速器"
    engine.apply(Batch(deletes=("resource:1",)))
    assert engine.search(SearchQuery("谐波减束器")).corrected_to is None


@pytest.mark.parametrize(
    ("left", "right", "is_near"),
    [("编程", "编成", True), ("编程", "程编", True), ("编程", "编程序", True), ("编程", "成变", False), ("", "", True)],
)
def test_one_edit(left: str, right: str, is_near: bool) -> None:
    assert is_one_edit(left, right) is is_near


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_nearness_is_mutual(left: str, right: str) -> None:
    assert is_one_edit(left, right) == is_one_edit(right, left)


def test_little_found_offers_near_points(library: WhooshEngine) -> None:
    answer = library.search(SearchQuery("急停", filters={"type": ("no-such",)}))
    assert answer.total == 0
    assert "急停与三位置使能装置" in answer.suggestions


def test_a_text_without_end_looks_up_few_names() -> None:
    """Every stretch is one question to the database where the names lie there: 3,000 took ten seconds."""
    asked: list[object] = []

    class Counting:
        def called(self, key: str) -> list[Name]:
            asked.append(key)
            return []

        def spelt(self, table: SpellingTable, hashes: Sequence[int]) -> list[Name]:
            asked.append(hashes)
            return []

    names = Names(Counting())
    assert names.inside("标" * 200, ("public",)) == []
    assert names.correct("标" * 200, lambda _piece: False, ("public",)) is None
    assert len(asked) < 1_000
