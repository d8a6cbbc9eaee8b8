"""An engine that finds by words and by meaning, and puts both lists together by reciprocal rank (RRF)."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from search.documents import PUBLIC, Batch, Kind, SearchDocument, SearchHit, SearchQuery, SearchResult, Suggestion
from search.engine import EngineStatus, SearchEngine
from search.meaning.embedder import Embedder
from search.meaning.vectors import Entry, VectorStore

#: What is found by meaning. Windows of captions are too many, and a question of a bank is looked for by its words.
KINDS: tuple[Kind, ...] = ("point", "course", "lesson", "resource")
#: So many letters of a body say what a document is about.
TEXT = 240
#: Nearest documents that take part, and how the two lists are weighed (measured on the labelled sets, decision 25).
NEAREST, RRF, WORDS, MEANING = 24, 20, 1.0, 0.5
#: Where words find only a part of what was asked, or nothing, meaning counts for more; and what teaches the point that is
#: nearest, when it is among so many nearest documents, is added.
MEANING_OF_WEAK, TAUGHT, POINT_AMONG, TAUGHT_SHOWN = 2.0, 2.0, 2, 12
#: What is less like the question than this is not found by meaning.
LEAST = 0.82
EMBEDDED_TOGETHER = 16

Ranked = tuple[float, Sequence[SearchHit]]  # weight, and hits in order


class HybridEngine:
    """A SearchEngine around another one. Without vectors it answers as that one does.

    What words find stays found; meaning adds documents and moves them up. Totals and facets count both, whatever the page.
    Meaning takes no part in quoted, exact and sorted lists, and none where the text is a filter alone.
    """

    def __init__(self, words: SearchEngine, vectors: VectorStore, embedder: Embedder) -> None:
        self._words, self._vectors, self._embedder = words, vectors, embedder

    # --- keeping

    def apply(self, batch: Batch) -> None:
        """First the words, which are then visible; embedding takes some 50 ms a changed document."""
        self._words.apply(batch)
        self._keep(batch.upserts, batch.deletes)

    def rebuild(self, documents: Iterable[SearchDocument]) -> EngineStatus:
        kept: list[SearchDocument] = []

        def passing() -> Iterator[SearchDocument]:
            for document in documents:
                if document.kind in KINDS:
                    kept.append(replace(document, body=document.body[:TEXT]))
                yield document

        status = self._words.rebuild(passing())
        self._keep(kept, ())
        return status

    def _keep(self, documents: Sequence[SearchDocument], gone: Sequence[str]) -> None:
        texts = {d.id: text_of(d) for d in documents if d.kind in KINDS}
        changed = [(id_, text) for id_, text in texts.items() if self._vectors.digest_of(id_) != digest_of(text)]
        some = iter(changed)
        while together := list(islice(some, EMBEDDED_TOGETHER)):
            entries = [Entry(id_, digest_of(text)) for id_, text in together]
            self._vectors.write(entries, self._embedder.of_passages([text for _id, text in together]))
        if gone:
            self._vectors.write((), self._embedder.of_passages(()), gone)

    # --- asking

    def search(self, query: SearchQuery) -> SearchResult:
        if not query.text.strip() or query.exact or '"' in query.text or query.sort != "relevance":
            return self._words.search(query)
        nearest = self._vectors.nearest(self._embedder.of_query(query.text), NEAREST)
        near = [id_ for id_, likeness in nearest if likeness >= LEAST]
        return self._together(query, near) if near else self._words.search(query)

    def _together(self, query: SearchQuery, near: Sequence[str]) -> SearchResult:
        """How words read the text, and what is added, does not depend on filters: counts of facets are then what a click finds."""
        unfiltered = replace(query, kind=None, filters={}, facets=(), per_kind={}, ids=None, offset=0, limit=0)
        read = self._words.search(unfiltered)
        is_weak = read.is_loose or not read.total
        pool = tuple(dict.fromkeys([*near, *(self._taught(unfiltered, near) if is_weak else ())]))
        found = {hit.id for hit in self._words.search(replace(unfiltered, ids=pool, limit=len(pool))).hits}
        new = tuple(id_ for id_ in pool if id_ not in found)
        by_words = self._words.search(replace(query, offset=0, limit=max(query.offset + query.limit, NEAREST)))
        meant = {h.id: h for h in self._listed(query, pool, facets=()).hits}
        added = self._listed(query, new)
        lists = [
            (WORDS, by_words.hits),
            (MEANING_OF_WEAK if is_weak else MEANING, [meant[id_] for id_ in near if id_ in meant]),
            (TAUGHT, [meant[id_] for id_ in pool[len(near) :] if id_ in meant]),
        ]
        return replace(
            by_words, total=by_words.total + added.total, facets=_sum(by_words.facets, added.facets), hits=_fused(lists, query),
            is_loose=by_words.is_loose and not new,
        )  # fmt: skip

    def _taught(self, unfiltered: SearchQuery, near: Sequence[str]) -> list[str]:
        """A question is about a point: what teaches the nearest one, where one is among the very nearest."""
        point = next((id_.partition(":")[2] for id_ in near[:POINT_AMONG] if id_.startswith("point:")), None)
        if point is None:
            return []
        filters = {"points": (point,), "kind": ("lesson", "resource")}
        return [
            h.id for h in self._words.search(replace(unfiltered, text="", filters=filters, limit=TAUGHT_SHOWN)).hits
        ]

    def _listed(self, query: SearchQuery, ids: Sequence[str], **changes: Any) -> SearchResult:
        """These documents, as far as rights and filters of the query let them pass."""
        asked = replace(query, text="", ids=tuple(ids), per_kind={}, offset=0, limit=len(ids))
        return self._words.search(replace(asked, **changes))

    def near(self, id_: str, count: int, query: SearchQuery) -> tuple[SearchHit, ...]:
        """Documents that mean most alike, within the rights and filters of `query`; its text does not matter."""
        vector = self._vectors.vector(id_)
        if vector is None:
            return ()
        near = [
            each for each, likeness in self._vectors.nearest(vector, 8 * count + 1) if each != id_ and likeness >= LEAST
        ]
        hits = {h.id: h for h in self._words.search(replace(query, text="", ids=tuple(near), limit=len(near))).hits}
        return tuple(islice((hits[each] for each in near if each in hits), count))

    # --- as it is

    def suggest(self, prefix: str, limit: int = 8, scopes: tuple[str, ...] = (PUBLIC,)) -> tuple[Suggestion, ...]:
        return self._words.suggest(prefix, limit, scopes)

    def generation(self) -> str:
        return self._words.generation()

    def status(self) -> EngineStatus:
        return self._words.status()

    def close(self) -> None:
        self._words.close()


def text_of(document: SearchDocument) -> str:
    """What of a document is embedded: its names, its points, and how its text begins."""
    parts = (
        document.title,
        document.title_en,
        " ".join(document.points),
        " ".join(document.aliases[:8]),
        document.body[:TEXT],
    )
    return " ".join(part for part in parts if part)


def digest_of(text: str) -> str:
    """Short, and different for different texts."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _fused(lists: Sequence[Ranked], query: SearchQuery) -> tuple[SearchHit, ...]:
    if not query.per_kind:
        return tuple(_by_ranks(lists)[query.offset : query.offset + query.limit])
    of_kinds = {k: [(weight, [h for h in hits if h.kind == k]) for weight, hits in lists] for k in query.per_kind}
    return tuple(hit for kind, most in query.per_kind.items() for hit in _by_ranks(of_kinds[kind])[:most])


def _by_ranks(lists: Sequence[Ranked]) -> list[SearchHit]:
    worth: dict[str, float] = defaultdict(float)
    by_id: dict[str, SearchHit] = {}
    for weight, hits in lists:
        for place, hit in enumerate(hits):
            worth[hit.id] += weight / (RRF + place + 1)
            by_id.setdefault(hit.id, hit)  # what words found comes first: its passage is marked
    return sorted(by_id.values(), key=lambda hit: (-worth[hit.id], hit.id))


def _sum(
    left: Mapping[str, tuple[tuple[str, int], ...]], right: Mapping[str, tuple[tuple[str, int], ...]]
) -> dict[str, tuple[tuple[str, int], ...]]:
    counts = {name: Counter(dict(left.get(name, ()))) + Counter(dict(right.get(name, ()))) for name in {*left, *right}}
    return {
        name: tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0]))) for name, counter in counts.items()
    }
