"""Documents into the tables of one index: the same words as every engine, as text search vectors with places."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from psycopg import Connection

from search.documents import SearchDocument
from search.names import NAMED_KINDS, Name, edit_spellings, make_names, names_of, sound_spellings
from search.pinyin import initials, sound_terms, syllables
from search.postgres_engine.tables import BASES, FARTHEST, LETTERS, sql_for
from search.text import Tokenizer, compact

SEARCHED_BODY = 100_000
SHOWN_BODY = 20_000
LONGEST_NAME = 100
#: A longer word cannot be asked for, because a question is shorter.
LONGEST_WORD = 255
#: PostgreSQL keeps so many places of a word.
MOST_PLACES = 255

_DOCS = (
    "id", "kind", "grp", "library", "major", "course", "type", "originality", "unit", "year", "language", "length", "visibility", "tags",
    "points", "start_s", "end_s", "popularity", "rating", "published", "tie", "title_length", "points_length", "body_length", "sounds", "words",
)  # fmt: skip


class Sizes(NamedTuple):
    """How many documents, and how many words in each field: for averages."""

    documents: int = 0
    title: int = 0
    points: int = 0
    body: int = 0


class Rows(NamedTuple):
    """One document as rows of the tables."""

    document: tuple[Any, ...]
    text: tuple[Any, ...]
    names: list[tuple[Any, ...]]
    spellings: list[tuple[Any, ...]]
    mistakes: list[tuple[Any, ...]]
    sizes: Sizes


def make_rows(document: SearchDocument, tokenizer: Tokenizer) -> Rows:
    """Cut into words and spelt by sound. No text is refused."""
    names = names_of(document) if document.kind != "moment" else []
    placed = {
        "title": tokenizer.placed(f"{document.title} \n {document.title_en}"),
        "points": tokenizer.placed(" \n ".join((*document.points, *document.aliases))),
        "body": tokenizer.placed(document.body[:SEARCHED_BODY]),
    }
    sounds = sorted({term for name in (*names, *document.points) for term in sound_terms(name)})
    sizes = Sizes(1, *(len(placed[field]) for field in BASES))
    facts = (
        document.id, document.kind, document.group, document.library, document.major, document.course, document.type,
        document.originality, document.unit, document.year, document.language, document.length, document.visibility,
        list(dict.fromkeys(document.tags)), list(dict.fromkeys(document.point_ids)), document.start_s, document.end_s,
        document.popularity, document.rating, document.published_at.timestamp() if document.published_at else 0.0,
        zlib.crc32(document.id.encode()) / 2**32, *sizes[1:], " ".join(map(_quoted, sounds)), _vector(placed),
    )  # fmt: skip
    named = make_names(names, document.title, document.kind, document.visibility)
    return Rows(
        tuple(map(_clean, facts)),
        tuple(map(_clean, (document.id, document.title, document.body[:SHOWN_BODY], names))),
        [(document.id, place, n.key, n.text, n.title, n.kind, n.visibility) for place, n in enumerate(named)],
        list(_spellings(document, names)),
        [
            row
            for place, n in enumerate(named)
            if document.kind in NAMED_KINDS
            for row in _mistakes(document.id, place, n)
        ],
        sizes,
    )


def _clean(value: Any) -> Any:
    """PostgreSQL keeps no NUL and no half of a character."""
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, str):
        return value.replace("\x00", " ").encode("utf-8", "replace").decode()
    return value


def _vector(placed: dict[str, list[tuple[int, str]]]) -> str:
    places: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for field, words in placed.items():
        last = min((base for base in BASES.values() if base > BASES[field]), default=FARTHEST + 1) - 1
        for place, word in words:
            if len(word) <= LONGEST_WORD:
                places[word].append((min(BASES[field] + place, last), LETTERS[field]))
    return " ".join(f"{_quoted(word)}:{_listed(at)}" for word, at in places.items())


def _listed(places: list[tuple[int, str]]) -> str:
    return ",".join(f"{place}{letter}" for place, letter in dict(places[:MOST_PLACES]).items())


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _spellings(document: SearchDocument, names: list[str]) -> Iterator[tuple[Any, ...]]:
    about = (document.id, document.kind, document.visibility, document.popularity)
    for name in names:
        yield (*about, compact(name)[:LONGEST_NAME], False)
        sounds = syllables(name)
        if sounds:
            yield (*about, "".join(sounds), True)
            yield (*about, initials(sounds), True)


def _mistakes(identifier: str, place: int, name: Name) -> Iterator[tuple[Any, ...]]:
    for is_edit, spellings in ((False, sound_spellings(name)), (True, edit_spellings(name))):
        for each in spellings:
            rank = 2 if each.length != len(name.key) else int(name.text != name.title)
            yield identifier, place, is_edit, each.hash, each.start, each.length, rank


# --- tables


def insert(connection: Connection[Any], number: int, rows: Sequence[Rows]) -> Sizes:
    """Put in documents that are not there; returns what they add."""
    _copy(connection, number, f"{{docs}} ({', '.join(_DOCS)})", (each.document for each in rows))
    _copy(connection, number, "{texts}", (each.text for each in rows))
    _copy(connection, number, "{names}", (row for each in rows for row in each.names))
    _copy(connection, number, "{spellings}", (row for each in rows for row in each.spellings))
    _copy(connection, number, "{mistakes}", (row for each in rows for row in each.mistakes))
    return Sizes(*map(sum, zip(Sizes(), *(each.sizes for each in rows), strict=True)))


def _copy(connection: Connection[Any], number: int, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(sql_for(number, f"COPY {table} FROM STDIN")) as copy:
        for row in rows:
            copy.write_row(row)


def remove(connection: Connection[Any], number: int, ids: Sequence[str]) -> Sizes:
    """Take documents out, those that are there; returns what they had."""
    if not ids:
        return Sizes()
    count_words(connection, number, ids, sign=-1)
    had = connection.execute(
        sql_for(
            number,
            "SELECT count(*), coalesce(sum(title_length), 0), coalesce(sum(points_length), 0), coalesce(sum(body_length), 0) "
            "FROM {docs} WHERE id = ANY(%s)",
        ),
        (list(ids),),
    ).fetchone()
    for table in ("docs", "texts", "names", "spellings", "mistakes"):
        connection.execute(sql_for(number, f"DELETE FROM {{{table}}} WHERE id = ANY(%s)"), (list(ids),))  # noqa: S608
    return Sizes(*map(int, had or Sizes()))


def count_words(connection: Connection[Any], number: int, ids: Sequence[str], sign: int) -> None:
    """Keep in how many documents each word stands, by field: what a word tells depends on it."""
    connection.execute(
        sql_for(
            number,
            """
            INSERT INTO {words} AS w
            SELECT lexeme, %(sign)s * count(*) FILTER (WHERE 'A' = ANY(weights)), %(sign)s * count(*) FILTER (WHERE 'B' = ANY(weights)),
                   %(sign)s * count(*) FILTER (WHERE 'D' = ANY(weights)), %(sign)s * count(*) FILTER (WHERE weights IS NULL)
            FROM (SELECT (unnest(words)).* FROM {docs} WHERE id = ANY(%(ids)s)
                  UNION ALL SELECT (unnest(sounds)).* FROM {docs} WHERE id = ANY(%(ids)s)) each
            GROUP BY lexeme ORDER BY lexeme
            ON CONFLICT (word) DO UPDATE SET title = w.title + excluded.title, points = w.points + excluded.points,
                body = w.body + excluded.body, sound = w.sound + excluded.sound
            """,
        ),
        {"sign": sign, "ids": list(ids)},
    )


def count_all_words(connection: Connection[Any], number: int) -> None:
    """The same for an index filled at once."""
    connection.execute(
        sql_for(
            number,
            """
            INSERT INTO {words}
            SELECT lexeme, count(*) FILTER (WHERE 'A' = ANY(weights)), count(*) FILTER (WHERE 'B' = ANY(weights)),
                   count(*) FILTER (WHERE 'D' = ANY(weights)), count(*) FILTER (WHERE weights IS NULL)
            FROM (SELECT (unnest(words)).* FROM {docs} UNION ALL SELECT (unnest(sounds)).* FROM {docs}) each GROUP BY lexeme
            """,
        )
    )
