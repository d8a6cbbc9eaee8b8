"""From a condition to a page: exact total and facets in one pass over what matches, the best candidates scored again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from search.answering import Selection, most_frequent
from search.documents import FACET_FIELDS, SearchQuery
from search.postgres_engine.conditions import TRUE, Asked, Condition, joined, text_query
from search.postgres_engine.scoring import Candidate, Scorer, facts_of
from search.postgres_engine.tables import sql_for
from search.understanding import Variant

#: So many of the best by PostgreSQL's own rank are scored again; of each kind, when the best of each are asked for.
RESCORED = 200
RESCORED_OF_KIND = 60
#: What PostgreSQL's rank makes of words in bodies, (unused), names of points, titles.
_RANK_WEIGHTS = "ARRAY[0.25, 0.25, 0.9, 1]::float4[]"
_MANY = ("tags", "points")
#: What scoring needs of a document, and what decides between equals; then come `called` and `rank`.
_FACTS = ("id", "kind", "popularity", "title_length", "points_length", "body_length", "tie")
_TIE, _CALLED = _FACTS.index("tie"), len(_FACTS)
#: Stands for them in the rows that count.
_NOTHING = (
    "NULL::text, NULL::text, NULL::float8, NULL::int, NULL::int, NULL::int, NULL::float8, NULL::boolean, NULL::float8"
)
_SHOWN = "d.id, d.kind, d.grp, d.start_s, d.end_s, d.popularity, t.title, t.body, t.names"


class Selector:
    """Answers over the tables of one index, within one transaction."""

    def __init__(self, connection: Connection[Any], number: int, scorer: Scorer) -> None:
        self._connection, self._number, self._scorer = connection, number, scorer

    def run(self, text: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self._connection.execute(sql_for(self._number, text), tuple(values)).fetchall()

    def select(self, asked: Asked, variants: Sequence[Variant] | None, query: SearchQuery, key: str) -> Selection:
        """Everything about one query."""
        is_page = bool(query.limit or query.per_kind)
        ranked = variants if is_page and query.sort == "relevance" else None
        found = self._look(asked, ranked, query, key)
        if not found.total or not is_page:
            return Selection(found.total, facets=found.facets)
        page = (
            self._listed(asked, query, is_list=variants is None)
            if ranked is None
            else self._page(found.best, ranked, query)
        )
        return Selection(found.total, self._rows(page), found.facets)

    def _look(self, asked: Asked, ranked: Sequence[Variant] | None, query: SearchQuery, key: str) -> _Look:
        """Total, facets and, where readings are given, the best by PostgreSQL's rank."""
        names = [name for name in query.facets if name in FACET_FIELDS]
        statement = _looking(asked, names, query, ranked, key)
        return _look_of(self.run(statement.text, statement.values), names, query)

    # --- the page

    def _page(self, best: list[Candidate], variants: Sequence[Variant], query: SearchQuery) -> list[tuple[str, float]]:
        if not query.per_kind:
            ranked = self._ranked(best[:RESCORED], variants) + [(each.id, 0.0) for each in best[RESCORED:]]
            return ranked[query.offset : query.offset + query.limit]
        page: list[tuple[str, float]] = []
        for kind, limit in query.per_kind.items():
            page += self._ranked([each for each in best if each.kind == kind], variants)[:limit]
        return page

    def _ranked(self, candidates: list[Candidate], variants: Sequence[Variant]) -> list[tuple[str, float]]:
        self._read_places(candidates, variants)
        scored = [(each.id, self._scorer.score(each, variants)) for each in candidates]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _read_places(self, candidates: list[Candidate], variants: Sequence[Variant]) -> None:
        words = {word for v in variants if v.where == "text" for word in (*v.words, *v.extra)}
        words |= {token.text for v in variants for phrase in v.phrases for token in phrase}
        by_id = {each.id: each for each in candidates}
        statement = """
            SELECT d.id, w.lexeme, w.positions, w.weights FROM {docs} d, unnest(d.words) w
            WHERE d.id = ANY(%s) AND w.lexeme = ANY(%s)"""
        for identifier, word, positions, weights in self.run(statement, (list(by_id), list(words))):
            by_id[identifier].add(word, positions or (), weights or ())

    def _listed(self, asked: Asked, query: SearchQuery, *, is_list: bool) -> list[tuple[str, float]]:
        order = _ORDERS.get(query.sort, _ORDERS["popular"])
        everything = asked.everything()
        part = "PARTITION BY kind" if query.per_kind else ""
        where = f"{asked.matching.text} AND {everything.text}"
        values = (*asked.matching.values, *everything.values)
        if not query.per_kind:
            listing = f"SELECT id FROM {{docs}} WHERE {where} ORDER BY {order} LIMIT %s OFFSET %s"  # noqa: S608
            rows = self.run(listing, (*values, query.limit, query.offset))
            return [(row[0], 0.0) for row in rows]
        most = max(query.per_kind.values())
        statement = f"SELECT id, kind, place FROM (SELECT id, kind, row_number() OVER ({part} ORDER BY {order}) AS place FROM {{docs}} WHERE {where}) n WHERE place <= %s"  # noqa: S608
        rows = self.run(statement, (*values, most))
        return [
            (row[0], 0.0)
            for kind, limit in query.per_kind.items()
            for row in sorted((r for r in rows if r[1] == kind), key=lambda r: int(r[2]))[:limit]
        ]

    def _rows(self, page: list[tuple[str, float]]) -> list[tuple[Mapping[str, Any], float]]:
        statement = f"SELECT {_SHOWN} FROM {{docs}} d JOIN {{texts}} t ON t.id = d.id WHERE d.id = ANY(%s)"  # noqa: S608
        names = ("id", "kind", "group", "start_s", "end_s", "popularity", "title", "body", "names")
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in self.run(statement, ([i for i, _ in page],))}
        return [(rows[identifier], score) for identifier, score in page]


_ORDERS = {
    "newest": "published DESC, tie DESC",
    "popular": "popularity DESC, tie DESC",
    "rated": "rating DESC, popularity DESC, tie DESC",
}


def _looking(
    asked: Asked, names: Sequence[str], query: SearchQuery, ranked: Sequence[Variant] | None, key: str
) -> Condition:
    """One statement, so that what matches is read once: rows are wide, and a common word has many.

    Filters are columns `ok_0`, `ok_1` … where facets are counted, which leave their own out; otherwise conditions."""
    flags = asked.filters if names else {}
    where = asked.matching if names else joined([asked.matching, asked.everything()], " AND ")
    passes = {name: f"ok_{number}" for number, name in enumerate(flags)}
    kept = [Condition(f"({flag.text}) AS {passes[name]}", flag.values) for name, flag in flags.items()]
    kept += [Condition(name) for name in names if ranked is None or name not in _FACTS]
    parts = [Condition(f"SELECT '', '', count(*), {_NOTHING} FROM m WHERE {_all(passes)}")]  # noqa: S608  names of ours
    parts += [Condition(_counting(name, passes)) for name in names]
    if ranked is not None:
        kept += [Condition(", ".join(_FACTS)), _called(key), _worth(_rank(ranked), asked.everything())]
        parts.append(_best(_all(passes), query))
    columns = ", ".join(["1 AS one", *(column.text for column in kept)])
    answer = " UNION ALL ".join(part.text for part in parts)
    return Condition(
        f"WITH m AS MATERIALIZED (SELECT {columns} FROM {{docs}} WHERE {where.text}) {answer}",  # noqa: S608
        tuple(value for each in (*kept, where, *parts) for value in each.values),
    )


def _all(passes: Mapping[str, str], but: str | None = None) -> str:
    return " AND ".join(flag for name, flag in passes.items() if name != but) or "true"


def _counting(name: str, passes: Mapping[str, str]) -> str:
    where = _all(passes, but=name)
    if name in _MANY:
        return f"SELECT '{name}', v, count(*), {_NOTHING} FROM m, unnest({name}) v WHERE {where} AND v <> '' GROUP BY v"  # noqa: S608
    return f"SELECT '{name}', {name}::text, count(*), {_NOTHING} FROM m WHERE {where} AND {name}::text NOT IN ('', '0') GROUP BY {name}"  # noqa: S608


def _best(where: str, query: SearchQuery) -> Condition:
    """What is called exactly so comes along in any case."""
    order, facts = "called DESC, rank DESC, tie DESC", ", ".join(_FACTS)
    if not query.per_kind:
        limit = max(RESCORED, query.offset + query.limit)
        return Condition(
            f"(SELECT NULL, NULL, NULL::bigint, {facts}, called, rank FROM m WHERE {where} ORDER BY {order} LIMIT %s)",  # noqa: S608
            (limit,),
        )
    placed = f"SELECT m.*, row_number() OVER (PARTITION BY kind ORDER BY {order}) AS place FROM m WHERE {where}"  # noqa: S608
    return Condition(
        f"SELECT NULL, NULL, NULL::bigint, {facts}, called, rank FROM ({placed}) n WHERE place <= %s",  # noqa: S608
        (RESCORED_OF_KIND,),
    )


def _called(key: str) -> Condition:
    return Condition("id IN (SELECT id FROM {spellings} WHERE spelt = %s AND NOT is_sound) AS called", (key[:100],))


def _worth(rank: Condition, everything: Condition) -> Condition:
    """The rank of what passes the filters."""
    return Condition(f"CASE WHEN {everything.text} THEN {rank.text} END AS rank", (*everything.values, *rank.values))


@dataclass(frozen=True, slots=True)
class _Look:
    """What one reading tells."""

    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    best: list[Candidate]


def _look_of(rows: Sequence[tuple[Any, ...]], names: Sequence[str], query: SearchQuery) -> _Look:
    counted: dict[str, list[tuple[str, int]]] = defaultdict(list)
    best = []
    for name, value, count, *facts in rows:
        if name is None:
            best.append(facts)
        else:
            counted[name].append((value, int(count)))
    best.sort(key=lambda facts: (facts[_CALLED], facts[_CALLED + 1], facts[_TIE]), reverse=True)
    candidates = [facts_of((*facts[:_TIE], facts[_CALLED])) for facts in best]
    told = {name: most_frequent(counted[name], query.facet_values, query.filters.get(name, ())) for name in names}
    return _Look(counted[""][0][1], told, candidates)


def _rank(variants: Sequence[Variant]) -> Condition:
    parts = [_rank_of(variant) for variant in variants if text_query(variant)]
    if not parts:
        return Condition("0", TRUE.values)
    return Condition(
        f"greatest({', '.join(part.text for part in parts)})", tuple(v for part in parts for v in part.values)
    )


def _rank_of(variant: Variant) -> Condition:
    if variant.where == "sound":
        return Condition(
            "CASE WHEN sounds @@ %s::tsquery THEN %s::float8 ELSE 0 END", (text_query(variant), variant.weight)
        )
    return Condition(
        f"ts_rank({_RANK_WEIGHTS}, words, %s::tsquery) * %s::float8", (text_query(variant), variant.weight)
    )
