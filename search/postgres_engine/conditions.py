"""Readings of a query, filters and rights as SQL conditions. Words travel as parameters, never inside a statement."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from search.documents import SearchQuery
from search.postgres_engine.tables import LETTERS
from search.understanding import Phrase, Variant, year_span

_PLAIN = {
    "kind": "kind", "library": "library", "major": "major", "course": "course", "type": "type", "originality": "originality",
    "unit": "unit", "language": "language", "length": "length", "group": "grp",
}  # fmt: skip
_MANY = {"tags": "tags", "points": "points"}


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL with its parameters."""

    text: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A query taken apart: `matching` includes rights; one condition a filtered field."""

    matching: Condition
    filters: Mapping[str, Condition] = field(default_factory=dict)

    def everything(self, but: str | None = None) -> Condition:
        """All filters, or all but one."""
        return joined([condition for name, condition in self.filters.items() if name != but], " AND ")


TRUE, FALSE = Condition("true"), Condition("false")


def joined(parts: Sequence[Condition], word: str) -> Condition:
    """Conditions between brackets; true when there are none."""
    if not parts:
        return TRUE
    return Condition(word.join(f"({part.text})" for part in parts), tuple(v for part in parts for v in part.values))


def take_apart(
    variants: Sequence[Variant] | None, query: SearchQuery, information: Callable[[str, str], float]
) -> Asked:
    """Rights come first: nothing is counted that the asker may not see."""
    rights = Condition("visibility = ANY(%s)", (list(query.scopes),))
    filters = {name: _filter(name, values) for name, values in query.filters.items() if values}
    if query.kind is not None:
        filters["kind"] = _filter("kind", (query.kind,))
    matching = [] if variants is None else [_any_reading(variants, information)]
    if query.ids is not None:
        matching.append(Condition("id = ANY(%s)", ([each.replace("\x00", "") for each in query.ids],)))
    return Asked(joined([rights, *matching], " AND "), filters)


def _any_reading(variants: Sequence[Variant], information: Callable[[str, str], float]) -> Condition:
    return joined([_reading(variant, information) for variant in variants], " OR ") if variants else FALSE


def _reading(variant: Variant, information: Callable[[str, str], float]) -> Condition:
    column = "words" if variant.where == "text" else "sounds"
    query = text_query(variant)
    if not query:
        return FALSE
    matches = Condition(f"{column} @@ %s::tsquery", (query,))
    if variant.need == "any" and variant.cover and variant.words:
        return joined([matches, _covers(variant, column, information)], " AND ")
    return matches


def text_query(variant: Variant) -> str:
    """What PostgreSQL is asked for one reading."""
    words = (" & " if variant.need == "all" else " | ").join(map(quoted, variant.words))
    return " & ".join(f"({part})" for part in (words, *map(phrase_query, variant.phrases)) if part)


def phrase_query(phrase: Phrase) -> str:
    """The words at their distances, in any one field."""
    return " | ".join(f"({phrase_in(letter, phrase)})" for letter in LETTERS.values())


def phrase_in(letter: str, phrase: Phrase) -> str:
    """The words at their distances, in one field; words of one place may lie one within another."""
    chain = f"{quoted(phrase[0].text)}:{letter}"
    for before, token in itertools.pairwise(phrase):
        chain += f" <{token.start - before.start}> {quoted(token.text)}:{letter}"
    return chain


def _covers(variant: Variant, column: str, information: Callable[[str, str], float]) -> Condition:
    telling = [information(word, variant.where) for word in variant.words]
    held = " + ".join(f"CASE WHEN {column} @@ %s::tsquery THEN %s::float8 ELSE 0 END" for _ in telling)
    values = [value for word, worth in zip(variant.words, telling, strict=True) for value in (quoted(word), worth)]
    return Condition(f"{held} >= %s", (*values, variant.cover * sum(telling)))


def quoted(word: str) -> str:
    """A word in the language of text queries."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


# --- filters


def _filter(name: str, values: tuple[str, ...]) -> Condition:
    """Unknown fields let nothing pass."""
    folded = [value.lower().replace("\x00", "") for value in values]
    if name == "year":
        return _years(values)
    if name in _PLAIN:
        return Condition(f"lower({_PLAIN[name]}) = ANY(%s)", (folded,))
    if name in _MANY:
        has = f"EXISTS (SELECT 1 FROM unnest({_MANY[name]}) one WHERE lower(one) = ANY(%s))"  # noqa: S608  a name of ours
        return Condition(has, (folded,))
    return FALSE


def _years(values: tuple[str, ...]) -> Condition:
    spans = [span for span in map(year_span, values) if span]
    return joined([Condition("year BETWEEN %s AND %s", span) for span in spans], " OR ") if spans else FALSE
