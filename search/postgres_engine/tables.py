"""The tables of one index, numbered so that another can be filled beside it. Raise SCHEMA_VERSION when anything changes.

Everything lies in a schema of its own, outside the migrations: it can be made again from the site's rows at any time.
"""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection, sql

SCHEMA = "keku_search"
SCHEMA_VERSION = "2"
TABLES = ("docs", "texts", "names", "spellings", "mistakes", "words")

#: Places in a document that PostgreSQL can tell apart; a phrase is looked for only before them.
FARTHEST = 16_383
#: Where each field begins, so that a phrase never crosses from one into the next.
BASES = {"title": 1, "points": 2_000, "body": 5_000}
LETTERS = {"title": "A", "points": "B", "body": "D"}

_STATE = """
CREATE SCHEMA IF NOT EXISTS keku_search;
CREATE TABLE IF NOT EXISTS keku_search.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), live int, coming int, schema text, tokenizer text, generation bigint NOT NULL DEFAULT 0,
    documents bigint NOT NULL DEFAULT 0, title bigint NOT NULL DEFAULT 0, points bigint NOT NULL DEFAULT 0, body bigint NOT NULL DEFAULT 0
);
INSERT INTO keku_search.state DEFAULT VALUES ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS keku_search.journal (id bigserial PRIMARY KEY, batch jsonb NOT NULL);
"""

_INDEX = """
CREATE TABLE {docs} (
    id text PRIMARY KEY, kind text, grp text, library text, major text, course text, type text, originality text, unit text, year int,
    language text, length text, visibility text, tags text[], points text[], start_s float8, end_s float8, popularity float8, rating float8, published float8,
    tie float8, title_length int, points_length int, body_length int, sounds tsvector, words tsvector
);
CREATE TABLE {texts} (id text PRIMARY KEY, title text, body text, names text[]);
CREATE TABLE {names} (id text, place int, key text, text text, title text, kind text, visibility text, PRIMARY KEY (id, place));
CREATE TABLE {spellings} (id text, kind text, visibility text, popularity float8, spelt text, is_sound boolean);
CREATE TABLE {mistakes} (id text, place int, is_edit boolean, hash bigint, start int, length int, rank int);
CREATE TABLE {words} (word text PRIMARY KEY, title int NOT NULL, points int NOT NULL, body int NOT NULL, sound int NOT NULL);
"""

#: Made after filling: that is several times quicker.
_INDEXES = """
CREATE INDEX ON {docs} USING gin (words);
CREATE INDEX ON {docs} USING gin (sounds);
CREATE INDEX ON {docs} (grp) WHERE grp <> '';
CREATE INDEX ON {docs} (kind, popularity DESC);
CREATE INDEX ON {docs} (popularity DESC, tie DESC);
CREATE INDEX ON {docs} (published DESC, tie DESC);
CREATE INDEX ON {docs} (rating DESC, popularity DESC, tie DESC);
CREATE INDEX ON {names} (key);
CREATE INDEX ON {spellings} (spelt text_pattern_ops);
CREATE INDEX ON {spellings} (id);
CREATE INDEX ON {mistakes} (hash);
CREATE INDEX ON {mistakes} (id);
"""


def sql_for(number: int, text: LiteralString | Any) -> sql.Composed:
    """A statement about the tables of index `number`; `{docs}` and so on stand for their names."""
    tables = {table: sql.Identifier(SCHEMA, f"{table}_{number}") for table in TABLES}
    return sql.SQL(text).format(**tables)


def create_state(connection: Connection[Any]) -> None:
    """The one row about the index, where there is none."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('keku_search.state'))")
    connection.execute(_STATE)


def create_index(connection: Connection[Any], number: int) -> None:
    """Empty tables, without their indexes."""
    drop_index(connection, number)
    connection.execute(sql_for(number, _INDEX))


def finish_index(connection: Connection[Any], number: int) -> None:
    """What makes filled tables quick to search."""
    connection.execute(sql_for(number, _INDEXES))
    for table in ("docs", "names", "words"):
        connection.execute(sql_for(number, f"ANALYZE {{{table}}}"))


def drop_index(connection: Connection[Any], number: int) -> None:
    """The tables of an index, when they exist."""
    for table in TABLES:
        connection.execute(sql_for(number, f"DROP TABLE IF EXISTS {{{table}}}"))
