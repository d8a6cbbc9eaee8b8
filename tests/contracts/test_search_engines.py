"""What every search engine promises, whatever it keeps its index in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from search.answering import DESCRIBED
from search.documents import Batch, SearchDocument, SearchQuery, SearchResult
from search.engine import SearchEngine
from search.postgres_engine import PostgresEngine
from search.text import default_tokenizer, normalise
from search.understanding import THIN
from search.whoosh_engine import WhooshEngine
from tests.search.samples import make_document, read_documents, read_lines
from tests.servers import postgres


def _postgres(folder: Path) -> SearchEngine:
    """In a database of its own, named after the folder."""
    name = f"search_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    return PostgresEngine(postgres.create_database(name))


ENGINES: dict[str, Callable[[Path], SearchEngine]] = {"whoosh": WhooshEngine, "postgres": _postgres}
BAD = (
    "?!。，", "😀", '"没有结束', '""', "*", "type:", "year:..", "a" * 10_000, "标" * 10_000, "title:x AND (", "' OR 1=1 --", "\\", "%", "_",
    "工具\x07坐标", "工具\x00坐标", "<script>", "\ud800", "\u202e标定", "a&b|!c<->d:*", "'it''s'", "Ω≈ç√ 标定 робот", "{docs}", "%s", "%(x)s",
)  # fmt: skip
BEGIN = datetime(2025, 9, 1, tzinfo=UTC)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    engine = ENGINES[request.param](tmp_path)
    engine.rebuild(())
    yield engine
    engine.close()


@pytest.fixture(scope="module", params=ENGINES)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    engine = ENGINES[request.param](tmp_path_factory.mktemp("library"))
    engine.rebuild(read_documents())
    yield engine
    engine.close()


def ask(engine: SearchEngine, text: str = "", **fields: object) -> SearchResult:
    return engine.search(SearchQuery(text, **fields))  # type: ignore[arg-type]


def ids(result: SearchResult) -> list[str]:
    return [hit.id for hit in result.hits]


# --- changes


def test_an_empty_index_answers(engine: SearchEngine) -> None:
    assert ask(engine, "对刀").total == ask(engine).total == engine.status().documents == 0
    assert engine.suggest("对刀") == ()


def test_an_upsert_replaces_the_former_version(engine: SearchEngine) -> None:
    engine.apply(Batch((make_document(1, title="焊接"),)))
    engine.apply(Batch((make_document(1, title="护理"),)))
    assert ask(engine, "焊接", exact=True).total == 0
    assert ids(ask(engine, "护理")) == ["resource:1"]


def test_a_batch_applied_twice_leaves_the_same_index(engine: SearchEngine) -> None:
    batch = Batch((make_document(1), make_document(2)), deletes=("resource:3",))
    engine.apply(batch)
    engine.apply(batch)
    assert ask(engine, "对刀").total == engine.status().documents == 2


def test_the_last_of_two_versions_in_a_batch_counts(engine: SearchEngine) -> None:
    engine.apply(Batch((make_document(1, title="焊接"), make_document(1, title="护理"))))
    assert ids(ask(engine)) == ["resource:1"]
    assert ids(ask(engine, "护理")) == ["resource:1"]


def test_moments_of_a_resource_are_replaced_together(engine: SearchEngine) -> None:
    def moment(number: int) -> SearchDocument:
        return SearchDocument(
            "moment", f"moment:1:{number}", "焊接", group="resource:1", start_s=number * 30.0, end_s=number * 30.0 + 30
        )

    engine.apply(Batch((make_document(1, title="焊接"), *(moment(n) for n in range(4)))))
    engine.apply(Batch((moment(0), moment(1)), delete_groups=("resource:1",)))
    result = ask(engine, "焊接", kind="moment", filters={"group": ("resource:1",)})
    assert sorted(ids(result)) == ["moment:1:0", "moment:1:1"]
    assert {(hit.group, hit.start_s) for hit in result.hits} == {("resource:1", 0.0), ("resource:1", 30.0)}
    assert ask(engine, "焊接", kind="resource").total == 1


def test_a_rebuild_holds_exactly_the_documents_given(engine: SearchEngine) -> None:
    engine.apply(Batch((make_document(1), make_document(2))))
    status = engine.rebuild([make_document(2), make_document(3), make_document(3)])
    assert status.documents == 2
    assert sorted(ids(ask(engine, "对刀"))) == ["resource:2", "resource:3"]


def test_every_change_changes_the_generation(engine: SearchEngine) -> None:
    generations = [engine.generation()]
    for change in (Batch((make_document(1),)), Batch(deletes=("resource:1",))):
        engine.apply(change)
        generations.append(engine.generation())
    generations.append(engine.rebuild(()).generation)
    assert len(set(generations)) == 4


# --- finding


@pytest.mark.parametrize("text", ["机器人", "标定", "PLC 编程", "坐标系 标定", "robot", "安全 检查"])
def test_totals_are_exact(library: SearchEngine, text: str) -> None:
    words = {token.text for token in default_tokenizer().words(normalise(text))}
    expected = [d.id for d in read_documents() if words <= _words_of(d)]
    assert len(expected) >= THIN
    result = ask(library, text, limit=1000)
    assert result.total == len(result.hits) == len(expected)
    assert set(ids(result)) == set(expected)


def _words_of(document: SearchDocument) -> set[str]:
    texts = (document.title, document.title_en, document.body, *document.points, *document.aliases)
    return {token.text for text in texts for token in default_tokenizer().tokens(normalise(text))}


def test_pages_neither_repeat_nor_skip(library: SearchEngine) -> None:
    for sort in ("relevance", "newest", "popular"):
        pages = [ids(ask(library, "机器人", sort=sort, limit=7, offset=at)) for at in range(0, 100, 7)]
        together = [identifier for page in pages for identifier in page]
        assert len(together) == len(set(together)) == ask(library, "机器人").total


def test_orders(engine: SearchEngine) -> None:
    days = {1: 3, 2: 1, 3: 2}
    engine.apply(
        Batch(
            tuple(
                make_document(n, popularity=float(n), published_at=BEGIN + timedelta(days=day))
                for n, day in days.items()
            )
        )
    )
    assert ids(ask(engine, "对刀", sort="newest")) == ["resource:1", "resource:3", "resource:2"]
    assert ids(ask(engine, "对刀", sort="popular")) == ["resource:3", "resource:2", "resource:1"]


def test_the_thing_called_so_comes_first(library: SearchEngine) -> None:
    assert ids(ask(library, "谐波减速器"))[0] == ids(ask(library, "諧波減速器"))[0] == "point:mt03"


def test_popularity_decides_between_equals_only(engine: SearchEngine) -> None:
    engine.apply(
        Batch(
            (
                make_document(1, title="焊接机器人", body="焊接"),
                make_document(2, title="护理", body="焊接" + "护理常识" * 30, popularity=1e6),
                make_document(3, title="焊接机器人", body="焊接", popularity=50),
            )
        )
    )
    assert ids(ask(engine, "焊接")) == ["resource:3", "resource:1", "resource:2"]


# --- filters, facets, rights


def test_filters_narrow_and_agree(library: SearchEngine) -> None:
    documents = read_documents()
    filters = {"type": ("video", "animation"), "course": ("RP", "mt"), "year": ("2024..2025",)}
    expected = [
        d.id
        for d in documents
        if d.type in ("video", "animation") and d.course in ("RP", "MT") and d.year in (2024, 2025)
    ]
    assert expected
    assert set(ids(ask(library, filters=filters, limit=500))) == set(expected)


def test_an_unknown_filter_lets_nothing_pass(library: SearchEngine) -> None:
    assert ask(library, filters={"colour": ("red",)}).total == 0
    assert ask(library, filters={"type": ("red",)}).total == 0


def test_facets_count_what_lifting_their_own_filter_would_find(library: SearchEngine) -> None:
    filters = {"type": ("video",), "course": ("RP",)}
    result = ask(library, "机器人", filters=filters, facets=("type", "course", "points", "kind"))
    for name in ("type", "course", "points"):
        for value, count in result.facets[name]:
            assert ask(library, "机器人", filters={**filters, name: (value,)}).total == count
    for value, count in result.facets["kind"]:
        assert ask(library, "机器人", filters=filters, kind=value).total == count


def test_facets_are_ordered_by_count(library: SearchEngine) -> None:
    counts = [count for _, count in ask(library, facets=("course",)).facets["course"]]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == ask(library).total


def test_a_facet_tells_as_many_values_as_are_asked_for_and_those_that_are_filtered_by(library: SearchEngine) -> None:
    every = ask(library, facets=("course", "points")).facets
    rarest = every["course"][-1]
    few = ask(library, facets=("course", "points"), facet_values=2, filters={"course": (rarest[0], "nowhere")}).facets
    assert few["course"] == (*every["course"][:2], rarest)
    assert len(few["points"]) == 2 < len(every["points"])


def test_hidden_documents_are_not_found_counted_or_named(engine: SearchEngine) -> None:
    hidden = make_document(1, kind="point", title="保密减速器", type="skill", visibility="library:7")
    engine.apply(Batch((hidden, replace(hidden, id="point:2", title="公开减速器", visibility="public"))))
    for text in ("减速器", "", "保密减速器", "baomijiansuqi", "保泌减速器"):
        result = ask(engine, text, facets=("type",))
        assert "resource:1" not in ids(result)
        assert "保密减速器" not in (*result.suggestions, result.corrected_to)
        assert sum(count for _, count in result.facets["type"]) == result.total <= 1
    assert ask(engine, "减速器", scopes=("public", "library:7")).total == 2


def test_highlights_are_plain_pieces(library: SearchEngine) -> None:
    hit = ask(library, "谐波减速器").hits[0]
    assert [piece.text for piece in hit.title if piece.is_hit] == ["谐波减速器"]
    assert not any("<" in piece.text for piece in hit.highlight)


def test_an_answer_carries_its_time_and_normalised_text(library: SearchEngine) -> None:
    result = ask(library, "ＰＬＣ　程式")
    assert (result.query, result.normalized) == ("ＰＬＣ　程式", "plc 程序")
    assert result.took_ms >= 0


# --- the same words, the same answers


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SearchEngine, SearchEngine]]:
    made = [make(tmp_path_factory.mktemp(f"both-{name}")) for name, make in ENGINES.items()]
    for engine in made:
        engine.rebuild(read_documents())
    yield made[0], made[1]
    for engine in made:
        engine.close()


FACETS = ("kind", "type", "course", "points", "year")


def test_both_engines_give_the_same_totals_and_facets(both: tuple[SearchEngine, SearchEngine]) -> None:
    texts = [query["text"] for query in read_lines("queries.jsonl")]
    for text in (*texts, "", '"工具坐标系"', '"急停与三位置"', "type:video 机器人", "gongju", "谐波减束器", "gjzbx"):
        first, second = (ask(engine, text, facets=FACETS, filters={"year": ("2020..",)}) for engine in both)
        assert (first.total, first.facets, first.corrected_to) == (second.total, second.facets, second.corrected_to), (
            text
        )


def test_the_first_ten_of_both_engines_are_mostly_the_same(both: tuple[SearchEngine, SearchEngine]) -> None:
    shares = []
    for query in read_lines("queries.jsonl"):
        first, second = (set(ids(ask(engine, query["text"], limit=10))) for engine in both)
        shares.append(len(first & second) / max(len(first), len(second), 1))
    assert sum(shares) / len(shares) >= 0.7, shares


def test_both_engines_suggest_the_same_names(both: tuple[SearchEngine, SearchEngine]) -> None:
    for prefix in ("工具", "gongju", "gjzbx", "plc", "急停"):
        first, second = (engine.suggest(prefix) for engine in both)
        assert first == second, prefix


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_no_text_makes_an_engine_raise(library: SearchEngine, text: str) -> None:
    result = ask(library, text, facets=FACETS)
    assert 0 <= len(result.hits) <= result.total
    library.suggest(text)


def test_of_the_best_of_each_kind_the_first_few_have_texts_and_the_others_are_places(engine: SearchEngine) -> None:
    """A page shows the seconds of further moments, and moments of few recordings: passages for the others would be made in vain."""
    engine.apply(
        Batch(
            tuple(
                SearchDocument(
                    "moment", f"moment:{n}:{m}", "焊接", body="焊接起弧", group=f"resource:{n}", start_s=m, end_s=m + 1
                )
                for n in range(9)
                for m in range(2)
            )
        )
    )
    hits = ask(engine, "焊接", per_kind={"moment": 18}).hits
    described = [hit for hit in hits if hit.highlight]
    assert len(hits) == 18
    assert len({hit.group for hit in described}) == len(described) == DESCRIBED
    assert all(hit.start_s is not None for hit in hits)
    assert all(hit.highlight for hit in ask(engine, "焊接", limit=18).hits)
