"""The PostgreSQL engine among the others, over a database of its own."""

from __future__ import annotations

from benchmarks.search_corpus import Asked, Corpus, CutWords
from benchmarks.search_engines import Answer, make_query, variants_of
from search.engine import IndexUnavailable
from search.postgres_engine import PostgresEngine, conditions
from search.understanding import Variant


class Postgres:
    """Its matching, selecting and scoring. Answers carry the texts of their page, as the site needs them; others have ids only."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self.engine = PostgresEngine(url, CutWords())

    def build(self, corpus: Corpus) -> None:
        """Fills an empty database; one that holds the corpus stays as it is."""
        try:
            if self.engine.status().documents == corpus.size:
                return
        except IndexUnavailable:
            pass
        self.engine.rebuild(corpus.documents())

    def forget(self) -> None:
        """The pages stay in its buffers, as they do in production."""

    def can(self, asked: Asked) -> bool:
        return True

    def ask(self, asked: Asked) -> Answer:
        query = make_query(asked)
        with self.engine._reading() as matcher:
            if asked.need == "prefix":
                variants = [Variant(asked.words)]
                matching = conditions.Condition(
                    "visibility = ANY(%s) AND words @@ %s::tsquery",
                    (list(query.scopes), f"{conditions.quoted(asked.words[0])}:*A"),
                )
                found = matcher.selector.select(conditions.Asked(matching), variants, query, "")
            else:
                found = matcher.select(variants_of(asked), query)
        return Answer(found.total, [row["id"] for row, _score in found.rows])
