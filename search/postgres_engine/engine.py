"""The engine over PostgreSQL: what one process writes, every process of every machine finds at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel, errors
from psycopg.types.json import Jsonb

from search.answering import Selection, answer
from search.documents import PUBLIC, Batch, SearchDocument, SearchQuery, SearchResult, Suggestion
from search.engine import EngineStatus, IndexUnavailable, WriterBusy
from search.names import Name, Names, SpellingTable, cut_name
from search.postgres_engine.conditions import take_apart
from search.postgres_engine.scoring import Figures, Scorer
from search.postgres_engine.selecting import Selector
from search.postgres_engine.suggesting import suggest
from search.postgres_engine.tables import (
    SCHEMA_VERSION,
    create_index,
    create_state,
    drop_index,
    finish_index,
    sql_for,
)
from search.postgres_engine.writing import Sizes, count_all_words, count_words, insert, make_rows, remove
from search.text import Tokenizer, default_tokenizer
from search.understanding import Variant, year_span

WAIT_S = 10
FILLED_AT_ONCE = 500
_REBUILDING = 7_203_104  # the key of the lock that one rebuild holds
#: An index lies in memory, and to look for a word in a row costs far more than PostgreSQL reckons: by its own figures it reads whole
#: tables for common words (twice the time over all kinds of questions, three times for words of some hundred documents). What matches
#: is kept in memory until its best are known, and compiling a statement takes longer than running it.
_READING = "SET random_page_cost = 1.1; SET work_mem = '32MB'; SET jit = off"
_GONE = (errors.UndefinedTable, errors.InvalidSchemaName)
_FILTERS = {"group": "grp"}


class PostgresEngine:
    """A SearchEngine in a schema of its own of a PostgreSQL database. Opening costs nothing.

    Every thread keeps one connection. An answer sees one committed state: it reads within one transaction.
    """

    def __init__(self, url: str, tokenizer: Tokenizer | None = None) -> None:
        self._url, self._tokenizer = url, tokenizer or default_tokenizer()
        self._mine = threading.local()
        self._opened: list[Connection[Any]] = []

    def search(self, query: SearchQuery) -> SearchResult:
        with self._reading() as matcher:
            return answer(query, matcher, self._tokenizer)

    def suggest(self, prefix: str, limit: int = 8, scopes: tuple[str, ...] = (PUBLIC,)) -> tuple[Suggestion, ...]:
        with self._reading() as matcher:
            return suggest(matcher.selector, self._tokenizer, prefix.replace("\x00", " "), limit, scopes)

    def generation(self) -> str:
        with self._reading() as matcher:
            return _generation_of(matcher.state)

    def status(self) -> EngineStatus:
        with self._reading() as matcher:
            return EngineStatus(
                documents=int(matcher.state["documents"]), tokenizer=self._tokenizer.version, segments=1,
                generation=_generation_of(matcher.state), is_rebuilding=self._is_rebuilding(),
            )  # fmt: skip

    def close(self) -> None:
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._mine = threading.local()

    # --- reading

    @contextmanager
    def _reading(self) -> Iterator[_PostgresMatcher]:
        connection = self._connection()
        try:
            with connection.transaction():
                yield _PostgresMatcher(connection, self._usable_state(connection))
        except _GONE as error:
            raise IndexUnavailable("missing", str(error)) from error
        except (errors.DataCorrupted, errors.IndexCorrupted, psycopg.OperationalError) as error:
            raise IndexUnavailable("corrupt", str(error)) from error

    def _usable_state(self, connection: Connection[Any]) -> Mapping[str, Any]:
        state = _read_state(connection)
        if state is None or state["live"] is None:
            raise IndexUnavailable("missing")
        if state["schema"] != SCHEMA_VERSION:
            raise IndexUnavailable("schema_changed", str(state["schema"]))
        if state["tokenizer"] != self._tokenizer.version:
            raise IndexUnavailable("tokenizer_changed", str(state["tokenizer"]))
        return state

    def _connection(self) -> Connection[Any]:
        connection: Connection[Any] | None = getattr(self._mine, "connection", None)
        if connection is None or connection.closed:
            connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=None)
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.execute(_READING)
            self._mine.connection = connection
            self._opened.append(connection)
        return connection

    @contextmanager
    def _writing(self) -> Iterator[Connection[Any]]:
        """A transaction of its own that holds the writer's place. Raises WriterBusy."""
        with psycopg.connect(self._url) as connection:
            connection.execute(f"SET lock_timeout = '{WAIT_S}s'")
            try:
                yield connection
            except errors.LockNotAvailable as error:
                raise WriterBusy(str(error)) from error

    # --- changes

    def apply(self, batch: Batch) -> None:
        """In one transaction; while a rebuild runs, the batch is kept for the new index, too."""
        rows = [make_rows(each, self._tokenizer) for each in {d.id: d for d in batch.upserts}.values()]
        try:
            with self._writing() as connection:
                state = _lock_state(connection)
                journaled = self._note(connection, state, batch)
                if (
                    state["live"] is None
                    or state["tokenizer"] != self._tokenizer.version
                    or state["schema"] != SCHEMA_VERSION
                ):
                    if not journaled:
                        raise IndexUnavailable("missing")
                    return
                _change(connection, state["live"], batch, rows)
        except _GONE as error:
            raise IndexUnavailable("missing", str(error)) from error

    def _note(self, connection: Connection[Any], state: Mapping[str, Any], batch: Batch) -> bool:
        if state["coming"] is None:
            return False
        content = json.loads(json.dumps(asdict(batch), default=datetime.isoformat).replace("\\u0000", " "))
        connection.execute("INSERT INTO keku_search.journal (batch) VALUES (%s)", (Jsonb(content),))
        return True

    def rebuild(self, documents: Iterable[SearchDocument]) -> EngineStatus:
        """Fill the next tables while the live ones answer, carry over what was written meanwhile, swap."""
        with psycopg.connect(self._url, autocommit=True) as lock:
            if not _one(lock, "SELECT pg_try_advisory_lock(%s)", (_REBUILDING,)):
                raise WriterBusy("rebuild")
            number, former = self._begin()
            try:
                self._fill(number, documents)
                self._finish(number)
            except BaseException:
                self._give_up(number)
                raise
            self._drop(former)
        return self.status()

    def _begin(self) -> tuple[int, int | None]:
        with self._writing() as connection:
            create_state(connection)
            state = _lock_state(connection)
            number = max(state["live"] or 0, state["coming"] or 0) + 1
            connection.execute("UPDATE keku_search.state SET coming = %s", (number,))
            connection.execute("TRUNCATE keku_search.journal")
            create_index(connection, number)
        return number, state["live"]

    def _fill(self, number: int, documents: Iterable[SearchDocument]) -> None:
        """Documents come once each; of two with one id the first stays."""
        seen: set[str] = set()
        with psycopg.connect(self._url) as connection:
            distinct = (make_rows(d, self._tokenizer) for d in documents if not (d.id in seen or seen.add(d.id)))  # type: ignore[func-returns-value]
            while part := list(islice(distinct, FILLED_AT_ONCE)):
                insert(connection, number, part)
                connection.commit()
            count_all_words(connection, number)
            finish_index(connection, number)

    def _finish(self, number: int) -> None:
        with self._writing() as connection:
            _lock_state(connection)
            sums = connection.execute(
                sql_for(number, "SELECT count(*), coalesce(sum(title_length),0), coalesce(sum(points_length),0), coalesce(sum(body_length),0) FROM {docs}")
            ).fetchone() or Sizes()  # fmt: skip
            connection.execute(
                "UPDATE keku_search.state SET live = %s, coming = NULL, schema = %s, tokenizer = %s, generation = generation + 1, "
                "documents = %s, title = %s, points = %s, body = %s",
                (number, SCHEMA_VERSION, self._tokenizer.version, *sums),
            )
            for (stored,) in connection.execute("SELECT batch FROM keku_search.journal ORDER BY id").fetchall():
                batch = _batch(stored)
                _change(connection, number, batch, [make_rows(each, self._tokenizer) for each in batch.upserts])
            connection.execute("TRUNCATE keku_search.journal")

    def _give_up(self, number: int) -> None:
        with self._writing() as connection:
            connection.execute("UPDATE keku_search.state SET coming = NULL")
            drop_index(connection, number)

    def _drop(self, former: int | None) -> None:
        """Readers of the former index are done in a moment; when they are not, the next rebuild takes it away."""
        if former is None:
            return
        with suppress(WriterBusy, errors.LockNotAvailable), self._writing() as connection:
            drop_index(connection, former)

    def _is_rebuilding(self) -> bool:
        held = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s)"
        return bool(_one(self._connection(), held, (_REBUILDING,)))


def _one(connection: Connection[Any], statement: Any, values: Sequence[Any] = ()) -> Any:
    row = connection.execute(statement, tuple(values)).fetchone()
    return row[0] if row else None


def _generation_of(state: Mapping[str, Any]) -> str:
    return f"{state['live']}:{state['generation']}"


_STATE = ("live", "coming", "schema", "tokenizer", "generation", "documents", "title", "points", "body")


def _read_state(connection: Connection[Any]) -> dict[str, Any] | None:
    row = connection.execute(
        "SELECT live, coming, schema, tokenizer, generation, documents, title, points, body FROM keku_search.state"
    ).fetchone()
    return dict(zip(_STATE, row, strict=True)) if row else None


def _lock_state(connection: Connection[Any]) -> dict[str, Any]:
    connection.execute("SELECT 1 FROM keku_search.state FOR UPDATE")
    state = _read_state(connection)
    if state is None:
        raise IndexUnavailable("missing")
    return state


def _change(connection: Connection[Any], number: int, batch: Batch, rows: Sequence[Any]) -> None:
    """First whole groups go, then single ids and former versions, then the upserts come."""
    groups = connection.execute(
        sql_for(number, "SELECT id FROM {docs} WHERE grp = ANY(%s)"), (list(batch.delete_groups),)
    )
    gone = sorted({row[0] for row in groups.fetchall()} | set(batch.deletes) | {d.id for d in batch.upserts})
    had = remove(connection, number, gone)
    came = insert(connection, number, rows)
    if rows:
        count_words(connection, number, [each.document[0] for each in rows], sign=1)
    delta = [new - old for new, old in zip(came, had, strict=True)]
    connection.execute(
        "UPDATE keku_search.state SET generation = generation + 1, documents = documents + %s, title = title + %s, "
        "points = points + %s, body = body + %s",
        delta,
    )


def _batch(stored: Mapping[str, Any]) -> Batch:
    return Batch(tuple(map(_document, stored["upserts"])), tuple(stored["deletes"]), tuple(stored["delete_groups"]))


def _document(fields: dict[str, Any]) -> SearchDocument:
    for name in ("aliases", "points", "tags", "point_ids"):
        fields[name] = tuple(fields[name])
    if fields["published_at"]:
        fields["published_at"] = datetime.fromisoformat(fields["published_at"])
    return SearchDocument(**fields)


class _PostgresMatcher:
    """Answers over one committed state; also the source of its names."""

    def __init__(self, connection: Connection[Any], state: Mapping[str, Any]) -> None:
        self.state, self._connection = state, connection
        self._counts: dict[str, Mapping[str, int]] = {}
        self.selector = Selector(
            connection, state["live"], Scorer(self._figures, self._count, lambda word: self._count(word)["sound"])
        )

    @cached_property
    def _figures(self) -> Figures:
        documents = max(int(self.state["documents"]), 1)
        most = _one(
            self._connection,
            sql_for(self.state["live"], "SELECT popularity FROM {docs} ORDER BY popularity DESC LIMIT 1"),
        )
        averages = {field: int(self.state[field]) / documents for field in ("title", "points", "body")}
        return Figures(documents, averages, float(most or 0))

    def _count(self, word: str) -> Mapping[str, int]:
        if word not in self._counts:
            rows = self.selector.run("SELECT title, points, body, sound FROM {words} WHERE word = %s", (word,))
            self._counts[word] = dict(
                zip(("title", "points", "body", "sound"), rows[0] if rows else (0,) * 4, strict=True)
            )
        return self._counts[word]

    @property
    def names(self) -> Names:
        return Names(self)

    def has_value(self, field: str, value: str) -> bool:
        if field == "year":
            return year_span(value) is not None
        column = _FILTERS.get(field, field)
        found = self.selector.run(f"SELECT 1 FROM {{docs}} WHERE lower({column}) = %s LIMIT 1", (value.lower(),))  # noqa: S608
        return bool(found)

    def _information(self, word: str, where: str) -> float:
        counts = self._count(word)
        most = counts["sound"] if where == "sound" else max(counts[field] for field in ("title", "points", "body"))
        return self._figures.idf(most) if most else 0.0

    def select(self, variants: Sequence[Variant] | None, query: SearchQuery, key: str = "") -> Selection:
        asked = take_apart(variants, query, self._information)
        return self.selector.select(asked, variants, query, key)

    # --- names

    def called(self, key: str) -> list[Name]:
        statement = "SELECT key, text, title, kind, visibility FROM {names} WHERE key = %s AND kind IN ('point', 'course') ORDER BY id"
        return [Name(*row) for row in self.selector.run(statement, (key,))]

    def spelt(self, table: SpellingTable, hashes: Sequence[int]) -> list[Name]:
        statement = """
            SELECT n.key, n.text, n.title, n.kind, n.visibility, m.start, m.length FROM {mistakes} m
            JOIN {names} n ON n.id = m.id AND n.place = m.place
            WHERE m.hash = ANY(%s) AND m.is_edit = %s ORDER BY m.rank, m.id LIMIT 400"""
        rows = self.selector.run(statement, (list(hashes), table == "edit"))
        return [cut_name(Name(*row[:5]), row[5], row[6]) for row in rows]
