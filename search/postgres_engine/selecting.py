"""From a condition to a page: exact total and facets in one pass over what matches, the best candidates scored again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from search.answering import FACET_VALUES, Selection
from search.documents import FACET_FIELDS, Kind, SearchQuery
from search.postgres_engine.conditions import TRUE, Asked, Condition, text_query
from search.postgres_engine.scoring import Candidate, Scorer, facts_of
from search.postgres_engine.tables import sql_for
from search.understanding import Variant

#: So many of the best by PostgreSQL's own rank are scored again; of each kind, when the best of each are asked for.
RESCORED = 200
RESCORED_OF_KIND = 60
#: What PostgreSQL's rank makes of words in bodies, (unused), names of points, titles.
_RANK_WEIGHTS = "ARRAY[0.25, 0.25, 0.9, 1]::float4[]"
_MANY = ("tags", "points")
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
        total, facets = self._count(asked, query)
        if not total or not (query.limit or query.per_kind):
            return Selection(total, facets=facets)
        return Selection(total, self._rows(self._page(asked, variants, query, key)), facets)

    # --- total and facets

    def _count(self, asked: Asked, query: SearchQuery) -> tuple[int, Mapping[str, tuple[tuple[str, int], ...]]]:
        names = [name for name in query.facets if name in FACET_FIELDS]
        kept = ", ".join(["1 AS one", *dict.fromkeys(_MANY_OR_PLAIN[name] for name in names)])
        flags = [Condition(f"({c.text}) AS ok_{i}", c.values) for i, c in enumerate(asked.filters.values())]
        columns = ", ".join([kept, *(flag.text for flag in flags)])
        passes = {name: f"ok_{i}" for i, name in enumerate(asked.filters)}
        total = f"SELECT '', '', count(*) FROM m WHERE {_all(passes)}"  # noqa: S608  names of ours
        counts = [total, *(_counting(name, passes) for name in names)]
        statement = f"WITH m AS MATERIALIZED (SELECT {columns} FROM {{docs}} WHERE {asked.matching.text}) {' UNION ALL '.join(counts)}"  # noqa: S608
        values = [value for flag in flags for value in flag.values]
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name, value, count in self.run(statement, (*values, *asked.matching.values)):
            found[name].append((value, int(count)))
        return found[""][0][1], {name: _ranked(found[name]) for name in names}

    # --- the page

    def _page(
        self, asked: Asked, variants: Sequence[Variant] | None, query: SearchQuery, key: str
    ) -> list[tuple[str, float]]:
        if variants is None or query.sort != "relevance":
            return self._listed(asked, query, is_list=variants is None)
        if not query.per_kind:
            best = self._candidates(asked, variants, key, max(RESCORED, query.offset + query.limit))
            ranked = self._ranked(best[:RESCORED], variants) + [(each.id, 0.0) for each in best[RESCORED:]]
            return ranked[query.offset : query.offset + query.limit]
        page: list[tuple[str, float]] = []
        for kind, found in self._by_kind(asked, variants, key, query.per_kind).items():
            page += self._ranked(found, variants)[: query.per_kind[kind]]
        return page

    def _by_kind(
        self, asked: Asked, variants: Sequence[Variant], key: str, limits: Mapping[Kind, int]
    ) -> dict[Kind, list[Candidate]]:
        found: dict[Kind, list[Candidate]] = {kind: [] for kind in limits}
        for each in self._candidates(asked, variants, key, RESCORED_OF_KIND, by_kind=True):
            kind: Any = each.kind
            found.get(kind, []).append(each)
        return found

    def _candidates(
        self, asked: Asked, variants: Sequence[Variant], key: str, limit: int, *, by_kind: bool = False
    ) -> list[Candidate]:
        """The best by PostgreSQL's rank; what is called exactly so comes along in any case."""
        rank, everything = _rank(variants), asked.everything()
        part = "PARTITION BY kind" if by_kind else ""
        statement = f"""
            SELECT id, kind, popularity, title_length, points_length, body_length, called FROM (
                SELECT *, row_number() OVER ({part} ORDER BY called DESC, rank DESC, tie DESC) AS place FROM (
                    SELECT id, kind, popularity, title_length, points_length, body_length, tie,
                           id IN (SELECT id FROM {{spellings}} WHERE spelt = %s AND NOT is_sound) AS called, {rank.text} AS rank
                    FROM {{docs}} WHERE {asked.matching.text} AND {everything.text}) r) n
            WHERE place <= %s ORDER BY place"""  # noqa: S608
        values = (key[:100], *rank.values, *asked.matching.values, *everything.values, limit)
        return [facts_of(row) for row in self.run(statement, values)]

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
_MANY_OR_PLAIN = {name: name for name in FACET_FIELDS}


def _all(passes: Mapping[str, str], but: str | None = None) -> str:
    return " AND ".join(flag for name, flag in passes.items() if name != but) or "true"


def _counting(name: str, passes: Mapping[str, str]) -> str:
    where = _all(passes, but=name)
    if name in _MANY:
        return f"SELECT '{name}', v, count(*) FROM m, unnest({name}) v WHERE {where} AND v <> '' GROUP BY v"  # noqa: S608
    return f"SELECT '{name}', {name}::text, count(*) FROM m WHERE {where} AND {name}::text NOT IN ('', '0') GROUP BY {name}"  # noqa: S608


def _ranked(pairs: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))[:FACET_VALUES]


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
