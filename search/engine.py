"""The one interface behind which search engines are exchanged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from search.documents import PUBLIC, Batch, SearchDocument, SearchQuery, SearchResult, Suggestion

UnavailableCode = Literal["missing", "corrupt", "tokenizer_changed", "schema_changed"]


class IndexUnavailable(Exception):
    """Searching is impossible until a rebuild has run; the site says so and every other page works.

    `code` tells why: `missing` (never built), `corrupt`, `tokenizer_changed`, `schema_changed`.
    """

    def __init__(self, code: UnavailableCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: UnavailableCode = code


class WriterBusy(Exception):
    """Another process holds the writer's place and did not leave it in time; try the batch again."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Figures for operators."""

    documents: int
    tokenizer: str
    segments: int
    generation: str
    is_rebuilding: bool = False


class SearchEngine(Protocol):
    """What every engine promises. Safe to share between the threads of one process."""

    def apply(self, batch: Batch) -> None:
        """Make all changes of the batch visible together. Raises WriterBusy, IndexUnavailable."""

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer; no query text raises. Raises IndexUnavailable only."""

    def suggest(self, prefix: str, limit: int = 8, scopes: tuple[str, ...] = (PUBLIC,)) -> tuple[Suggestion, ...]:
        """Names that continue what is being typed, best first. Raises IndexUnavailable only."""

    def generation(self) -> str:
        """Another text whenever the searchable content is another; asked for by every page. Raises IndexUnavailable."""

    def status(self) -> EngineStatus:
        """Figures for the operator. Raises IndexUnavailable."""

    def rebuild(self, documents: Iterable[SearchDocument]) -> EngineStatus:
        """Build anew beside the live index and swap. Batches applied meanwhile are carried over.

        Searching goes on throughout. Raises WriterBusy when another rebuild runs.
        """

    def close(self) -> None:
        """Let go of files and memory; the engine is not used afterwards."""
