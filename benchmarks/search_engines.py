"""The same questions to this platform's engines, to SQLite FTS5 and to stock Whoosh, over the same words."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from whoosh import query as wq
from whoosh.index import create_in, open_dir
from whoosh.scoring import BM25F
from whoosh.writing import SegmentWriter

from benchmarks.search_corpus import PAGE, Asked, Corpus, CutWords
from search.answering import K1, B
from search.documents import SearchQuery
from search.text import Token
from search.understanding import Phrase, Variant
from search.whoosh_engine import WhooshEngine
from search.whoosh_engine.schema import TEXT_FIELDS, as_whoosh, make_fields, make_schema
from search.whoosh_engine.selecting import select
from search.whoosh_engine.snapshot import Snapshot

FACETS = ("type", "major")
STOCK_MEMORY_MB = 192


class Answer(NamedTuple):
    """The exact total, the ids of the page."""

    total: int
    ids: list[str]


class Contestant(Protocol):
    """Something that answers."""

    name: str

    def can(self, asked: Asked) -> bool:
        """Whether it answers such questions."""

    def ask(self, asked: Asked) -> Answer:
        """Total, page and, where asked, counts by type and major."""

    def forget(self) -> None:
        """Empty the memory of posting lists."""


def phrase_of(words: Sequence[str]) -> Phrase:
    """Words with one blank between them, placed."""
    return tuple(CutWords().tokens(" ".join(words)))


class Ours:
    """The Whoosh engine of this platform, its matching and selecting: no highlights, as the others have none."""

    def __init__(self, folder: Path, name: str = "this, warm", *, forgets: bool = False) -> None:
        self.name, self._forgets = name, forgets
        self.engine = WhooshEngine(folder, CutWords())

    @staticmethod
    def build(folder: Path, corpus: Corpus) -> None:
        """As a site is indexed the first time."""
        WhooshEngine(folder, CutWords()).rebuild(corpus.documents())

    @property
    def snapshot(self) -> Snapshot:
        return self.engine._current()

    def forget(self) -> None:
        if self._forgets:
            self.engine.forget_answers()

    def can(self, asked: Asked) -> bool:
        return True

    def ask(self, asked: Asked) -> Answer:
        snapshot = self.snapshot
        page = select(snapshot, self._variants(snapshot, asked), make_query(asked))
        return Answer(page.total, [f"{segment.id}:{number}" for segment, number, _ in page.rows])

    @staticmethod
    def _variants(snapshot: Snapshot, asked: Asked) -> list[Variant]:
        if asked.need == "prefix":
            words = {
                term
                for segment in snapshot.segments
                for term in segment.lists["title"].words_starting(asked.words[0], 100_000)
            }
            return [Variant(tuple(sorted(words)), need="any", where="title")]  # type: ignore[arg-type]
        return variants_of(asked)


def variants_of(asked: Asked) -> list[Variant]:
    """The question as the engines of this platform take it."""
    if asked.need == "phrase":
        return [Variant(phrases=(phrase_of(asked.words),))]
    return [Variant(asked.words, need="any" if asked.need == "any" else "all")]


def make_query(asked: Asked) -> SearchQuery:
    """Filters, order and page of a question."""
    filters = {name: (value,) for name, value in asked.filters}
    if asked.years:
        filters["year"] = (f"{asked.years[0]}..{asked.years[1]}",)
    return SearchQuery(
        filters=filters, sort=asked.sort, limit=PAGE, offset=PAGE * (asked.page - 1), facets=FACETS if asked.facets else (),  # type: ignore[arg-type]
    )  # fmt: skip


class StockWhoosh:
    """The same fields in an index that Whoosh wrote itself, searched as its own documentation says."""

    name = "stock Whoosh"

    def __init__(self, folder: Path) -> None:
        self._searcher = open_dir(str(folder)).searcher(weighting=BM25F(B=B, K1=K1))

    @staticmethod
    def build(folder: Path, corpus: Corpus) -> None:
        """One segment. Takes some three ms a document."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        writer = SegmentWriter(create_in(str(folder), make_schema()), limitmb=STOCK_MEMORY_MB, compound=False)
        for document in corpus.documents():
            writer.add_document(**as_whoosh(make_fields(document, CutWords())))
        writer.commit()

    def forget(self) -> None:
        """It keeps nothing."""

    def can(self, asked: Asked) -> bool:
        """The index keeps filter and sort values in columns beside Whoosh, not in it."""
        return not (asked.filters or asked.years or asked.sort != "relevance" or asked.facets)

    def ask(self, asked: Asked) -> Answer:
        found = self._searcher.search(self._query(asked), limit=PAGE * asked.page)
        return Answer(len(found), [])

    def _query(self, asked: Asked) -> wq.Query:
        if asked.need == "prefix":
            return wq.Prefix("title", asked.words[0])
        if asked.need == "phrase":
            return wq.Or([_placed_phrase(field, phrase_of(asked.words)) for field in TEXT_FIELDS])
        parts = [wq.Or([wq.Term(field, word) for field in TEXT_FIELDS]) for word in asked.words]
        return wq.And(parts) if asked.need == "all" else wq.Or(parts)


def _placed_phrase(field: str, phrase: tuple[Token, ...]) -> wq.Query:
    """Positions are offsets of letters here, so that neighbours are as far apart as the first word is long."""
    return wq.Phrase(field, [token.text for token in phrase], slop=phrase[1].start - phrase[0].start)


class Fts5:
    """SQLite FTS5: words between blanks, columns in a table beside."""

    name = "FTS5"

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA mmap_size=2000000000")
        self._db.execute("PRAGMA cache_size=-65536")

    @staticmethod
    def build(path: Path, corpus: Corpus) -> None:
        """All in one transaction, then optimised."""
        path.unlink(missing_ok=True)
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE meta(id INTEGER PRIMARY KEY, did, type, major, year INT, views INT)")
        db.execute("CREATE VIRTUAL TABLE f USING fts5(tt, tk, tb, content='', prefix='1 2', tokenize='unicode61')")
        for number, d in enumerate(corpus.documents()):
            db.execute(
                "INSERT INTO meta VALUES (?,?,?,?,?,?)", (number, d.id, d.type, d.major, d.year, int(d.popularity))
            )
            db.execute(
                "INSERT INTO f(rowid,tt,tk,tb) VALUES (?,?,?,?)", (number, d.title, " \n ".join(d.points), d.body)
            )
        db.execute("CREATE INDEX meta_year ON meta(year)")
        db.execute("INSERT INTO f(f) VALUES ('optimize')")
        db.commit()
        db.close()

    def forget(self) -> None:
        """The pages stay in its cache, as they do in production."""

    def can(self, asked: Asked) -> bool:
        return True

    def ask(self, asked: Asked) -> Answer:
        where, values = self._where(asked)
        order = {"newest": "m.year DESC", "popular": "m.views DESC"}.get(asked.sort, "f.rank")
        page = f"LIMIT {PAGE} OFFSET {PAGE * (asked.page - 1)}"
        join = "f JOIN meta m ON m.id = f.rowid"
        if where or asked.sort != "relevance":
            query = f"SELECT m.did FROM {join} WHERE f MATCH ?{where} ORDER BY {order} {page}"  # noqa: S608  our own words
        else:
            query = f"SELECT m.did FROM (SELECT rowid r FROM f WHERE f MATCH ? ORDER BY rank {page}) x JOIN meta m ON m.id = x.r"  # noqa: S608
        ids = [row[0] for row in self._db.execute(query, values)]
        counted = join if where else "f"
        total = self._db.execute(f"SELECT count(*) FROM {counted} WHERE f MATCH ?{where}", values).fetchone()[0]  # noqa: S608
        for name in FACETS if asked.facets else ():
            counting = f"SELECT m.{name}, count(*) FROM {join} WHERE f MATCH ?{where} GROUP BY 1"  # noqa: S608
            self._db.execute(counting, values).fetchall()
        return Answer(int(total), ids)

    @staticmethod
    def _where(asked: Asked) -> tuple[str, list[Any]]:
        quoted = [f'"{word}"' for word in asked.words]
        texts: dict[str, Callable[[], str]] = {
            "prefix": lambda: f"tt : {quoted[0]}*",
            "phrase": lambda: f'"{" ".join(asked.words)}"',
            "any": lambda: " OR ".join(quoted),
            "all": lambda: " AND ".join(quoted),
        }
        parts = [f" AND m.{name} = ?" for name, _ in asked.filters]
        values: list[Any] = [texts[asked.need](), *(value for _, value in asked.filters)]
        if asked.years:
            parts.append(" AND m.year BETWEEN ? AND ?")
            values.extend(asked.years)
        return "".join(parts), values


def percentile(values: Sequence[float], share: float) -> float:
    """Of the times of a mix."""
    return float(np.percentile(np.array(values), share * 100))
