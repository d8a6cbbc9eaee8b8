"""What one document becomes on disk. Raise SCHEMA_VERSION when anything here changes: a rebuild follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from whoosh.analysis import Token as WhooshToken
from whoosh.analysis import Tokenizer as WhooshTokenizer
from whoosh.fields import ID, KEYWORD, STORED, TEXT, Schema

from search.documents import SearchDocument
from search.names import names_of
from search.pinyin import initials, sound_terms, syllables
from search.text import Tokenizer, compact

SCHEMA_VERSION = "2"

#: The fields that words are looked up in, equally weighted: heavier titles made ranking worse when measured.
TEXT_FIELDS: tuple[str, ...] = ("title", "points", "body")

#: Characters of body that are searchable, and that are kept for showing passages.
SEARCHED_BODY = 100_000
SHOWN_BODY = 20_000

#: Longer names are cut for the name index; Whoosh keeps every whole name as one term.
LONGEST_NAME = 100

#: Words with the character offsets at which they stand.
Placed = list[tuple[int, str]]

_NEXT = "\x1e"
_MARK = "\x1f"
_KEPT = tuple(
    field.name for field in fields(SearchDocument) if field.name not in {"aliases", "points", "published_at", "body"}
)


class PlacedWords(WhooshTokenizer):
    """Reads words that were cut and placed beforehand (`12<US>word<RS>…`, see `as_whoosh`), because Whoosh passes text only.

    The position of a word is its character offset, so a phrase is exact whatever words were left out.
    """

    def __call__(self, value: str, **options: Any) -> Iterator[WhooshToken]:
        token = WhooshToken(positions=True, boosts=True)
        token.boost, token.stopped = 1.0, False
        for item in filter(None, value.split(_NEXT)):
            place, _, token.text = item.partition(_MARK)
            token.pos = int(place)
            yield token


def make_schema() -> Schema:
    """Each field and why it is as it is."""
    return Schema(
        id=ID(unique=True),  # replaces the former version of a document
        group=ID(),  # deletes the moments of a resource at once
        title=TEXT(PlacedWords()),  # positions: quoted phrases
        points=TEXT(PlacedWords()),
        body=TEXT(PlacedWords()),
        name=KEYWORD(),  # whole names in compact form: exact matches, suggestions
        spelt=KEYWORD(),  # whole names as pinyin and as initials: suggestions
        sound=KEYWORD(),  # syllables and initials of names and points: search by sound
        row=STORED(),  # columns, and the text that passages are shown from
    )


def make_fields(document: SearchDocument, tokenizer: Tokenizer) -> dict[str, Any]:
    """What a document has in each field: fields of text as `Placed`, keywords with blanks between, None where it has nothing."""
    names = names_of(document) if document.kind != "moment" else []
    keys = dict.fromkeys(compact(name)[:LONGEST_NAME] for name in names)
    return {
        "id": document.id,
        "group": document.group or None,
        "title": tokenizer.placed(f"{document.title} \n {document.title_en}"),
        "points": tokenizer.placed(" \n ".join((*document.points, *document.aliases))),
        "body": tokenizer.placed(document.body[:SEARCHED_BODY]),
        "name": " ".join(keys) or None,
        "spelt": " ".join(_spellings(names)) or None,
        "sound": _sounds((*names, *document.points)) or None,
        "row": _row(document, names),
    }


def as_whoosh(made: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the keyword arguments of a Whoosh add."""
    return {**made, **{name: _written(made[name]) for name in TEXT_FIELDS}}


def _written(words: Placed) -> str:
    return _NEXT.join(f"{place}{_MARK}{word}" for place, word in words)


def _spellings(names: list[str]) -> list[str]:
    sounds = [syllables(name) for name in names]
    return sorted({spelling for each in sounds if each for spelling in ("".join(each), initials(each))})


def _sounds(names: Iterable[str]) -> str:
    return " ".join(sorted({term for name in names for term in sound_terms(name)}))


def _row(document: SearchDocument, names: list[str]) -> dict[str, Any]:
    row = {name: getattr(document, name) for name in _KEPT}
    row["body"] = document.body[:SHOWN_BODY]
    row["names"] = names
    row["published"] = _seconds(document.published_at)
    return row


def _seconds(moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
