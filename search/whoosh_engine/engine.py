"""The engine as the site sees it."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from search.answering import Selection, answer
from search.documents import PUBLIC, Batch, SearchDocument, SearchQuery, SearchResult, Suggestion
from search.engine import EngineStatus, IndexUnavailable
from search.names import Names
from search.text import Tokenizer, default_tokenizer
from search.understanding import Variant
from search.whoosh_engine.selecting import select
from search.whoosh_engine.snapshot import ArraysMissing, SegmentStore, Snapshot
from search.whoosh_engine.store import READ_DAMAGE, IndexFolder, retried
from search.whoosh_engine.suggesting import suggest
from search.whoosh_engine.writer import Writer

#: So long an indexer may take between a commit and its arrays; then each reader decodes the segment for itself.
LATEST_S = 10.0
_TOC = "_MAIN_"


class WhooshEngine:
    """A SearchEngine over a folder. Opening costs nothing; the index is read at the first question.

    One per process. Readers follow commits and rebuilds of other processes: before each answer they look
    whether the index has a newer generation, and open it anew (Whoosh's own ways of refreshing bring
    deleted documents back).
    """

    def __init__(self, root: Path, tokenizer: Tokenizer | None = None) -> None:
        self._tokenizer = tokenizer or default_tokenizer()
        self._folder = IndexFolder(root, self._tokenizer.version)
        self._writer = Writer(self._folder, self._tokenizer)
        self._store = SegmentStore()
        self._snapshot: Snapshot | None = None
        self._opening, self._waiting_since = threading.Lock(), math.inf

    def apply(self, batch: Batch) -> None:
        self._writer.apply(batch)

    def rebuild(self, documents: Iterable[SearchDocument]) -> EngineStatus:
        self._writer.rebuild(documents)
        return self.status()

    def search(self, query: SearchQuery) -> SearchResult:
        try:
            return answer(query, _WhooshMatcher(self._current()), self._tokenizer)
        except READ_DAMAGE as error:
            raise self._damaged(error) from error

    def suggest(self, prefix: str, limit: int = 8, scopes: tuple[str, ...] = (PUBLIC,)) -> tuple[Suggestion, ...]:
        try:
            return suggest(self._current(), self._tokenizer, prefix, limit, scopes)
        except READ_DAMAGE as error:
            raise self._damaged(error) from error

    def generation(self) -> str:
        return self._current().generation

    def status(self) -> EngineStatus:
        snapshot = self._current()
        return EngineStatus(
            documents=snapshot.documents,
            tokenizer=self._tokenizer.version,
            segments=len(snapshot.segments),
            generation=snapshot.generation,
            is_rebuilding=self._writer.is_rebuilding,
        )

    def forget_answers(self) -> None:
        """Empty the memory of words and questions, as after a commit; what is mapped stays."""
        self._current().forget_answers()

    def close(self) -> None:
        self._snapshot = None
        self._store = SegmentStore()

    # --- following the index

    def _current(self) -> Snapshot:
        folder, generation = retried(self._latest)
        snapshot = self._snapshot
        if snapshot is not None and snapshot.generation == generation and snapshot.folder == folder:
            return snapshot
        with self._opening:
            if self._snapshot is None or self._snapshot.generation != generation:
                self._follow()
            assert self._snapshot is not None
            return self._snapshot

    def _follow(self) -> None:
        """Open the newest state. While the indexer still writes the arrays of what it committed, the state before answers."""
        is_late = time.monotonic() - self._waiting_since > LATEST_S
        try:
            self._snapshot = retried(lambda: self._open(may_build=self._snapshot is None or is_late))
            self._waiting_since = math.inf
        except ArraysMissing:
            self._waiting_since = min(self._waiting_since, time.monotonic())

    def _latest(self) -> tuple[Path, str]:
        folder = self._folder.live()
        return folder, f"{folder.name}:{_latest_commit(folder)}"

    def _open(self, *, may_build: bool) -> Snapshot:
        folder, index = self._folder.open_live()
        generation = f"{folder.name}:{_latest_commit(folder)}"  # before opening: at worst we open once more
        snapshot = Snapshot(folder, index.reader(), generation, self._store, may_build=may_build)
        self._store.forget_others(folder, snapshot.segments)
        return snapshot

    def _damaged(self, error: BaseException) -> IndexUnavailable:
        self._snapshot = None
        return IndexUnavailable("corrupt", f"{type(error).__name__}: {error}")


def _latest_commit(folder: Path) -> int:
    """The number of the newest table of contents; OSError when there is none."""
    names = os.listdir(folder)
    numbers = [int(name[len(_TOC) : -len(".toc")]) for name in names if name.startswith(_TOC) and name.endswith(".toc")]
    if not numbers:
        raise FileNotFoundError(folder)
    return max(numbers)


class _WhooshMatcher:
    """Answers over one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def names(self) -> Names:
        return self._snapshot.names

    def has_value(self, field: str, value: str) -> bool:
        return self._snapshot.has_value(field, value)

    def select(self, variants: Sequence[Variant] | None, query: SearchQuery, key: str = "") -> Selection:
        page = select(self._snapshot, variants, query, key)
        rows = [(self._snapshot.row(segment, number), score) for segment, number, score in page.rows]
        return Selection(page.total, list(rows), page.facets)
