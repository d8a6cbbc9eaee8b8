"""What goes into the index and what comes out: plain frozen values, shared by every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

Kind = Literal["course", "resource", "point", "lesson", "moment", "question"]
Sort = Literal["relevance", "newest", "popular", "rated"]

KINDS: tuple[Kind, ...] = ("course", "resource", "point", "lesson", "moment", "question")

#: Columns that may be filtered and counted. `points` and `tags` hold several values per document.
FACET_FIELDS: tuple[str, ...] = (
    "kind", "library", "major", "course", "type", "originality", "unit", "year", "language", "length", "tags", "points",
)  # fmt: skip
#: Columns that may be filtered. `group` finds the moments of given resources.
FILTER_FIELDS: tuple[str, ...] = (*FACET_FIELDS, "group")

PUBLIC = "public"
#: Seen by people who teach, review or keep a library: questions with their answers.
TEACHING = "teaching"


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One findable thing. Text is given as people wrote it; engines normalise it.

    `id` is unique over all kinds, for example `resource:<uuid>` or `moment:<uuid>:12`.
    `points` are the names of the points taught, `point_ids` their identifiers (the facet column),
    `aliases` the other names of the document itself and of its points.
    `visibility` is one scope word; a query sees only documents whose scope it names.
    `group` is the id of the resource a moment belongs to; `start_s` and `end_s` are seconds in it.
    `length` is a word for how long it takes; `rating` a mean of judgements, 0 for none, by which lists may be sorted.
    `popularity` is any non-negative count; it works as a small bounded prior and as a sort order.
    """

    kind: Kind
    id: str
    title: str
    title_en: str = ""
    aliases: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    body: str = ""
    library: str = ""
    major: str = ""
    course: str = ""
    type: str = ""
    originality: str = ""
    unit: str = ""
    year: int = 0
    language: str = ""
    tags: tuple[str, ...] = ()
    point_ids: tuple[str, ...] = ()
    visibility: str = PUBLIC
    group: str = ""
    start_s: float | None = None
    end_s: float | None = None
    popularity: float = 0.0
    length: str = ""
    rating: float = 0.0
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes applied together: first whole groups go, then single ids, then the upserts come.

    To re-index a resource whose moments may have become fewer, name it in `delete_groups` and send
    its present moments as upserts. Applying a batch twice leaves the same index.
    """

    upserts: tuple[SearchDocument, ...] = ()
    deletes: tuple[str, ...] = ()
    delete_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is asked. Any text is acceptable; empty text lists everything that passes the filters.

    `kind` None means all kinds. `filters` maps a name of FILTER_FIELDS to accepted values: values of one
    field are alternatives, fields must all agree; `year` also takes spans such as `2023..2025`.
    `scopes` are the visibility words the asker may see; documents of other scopes are not found, counted
    or suggested. Of each facet the `facet_values` most frequent values are told, and those that are filtered by.
    `exact` switches the spelling correction off ("search instead for"). `ids` leaves only these documents. With `per_kind` the hits are the best
    few of every kind named, kinds in that order; `limit` and `offset` then do not matter, and of several moments of one group
    only the first has a `highlight`, and so have only the first few (`answering.DESCRIBED`) of a kind; moments then have no
    `title` (their resource has it), lessons no `highlight`.
    """

    text: str = ""
    kind: Kind | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    limit: int = 20
    offset: int = 0
    facets: tuple[str, ...] = ()
    facet_values: int = 100
    scopes: tuple[str, ...] = (PUBLIC,)
    exact: bool = False
    ids: tuple[str, ...] | None = None
    per_kind: Mapping[Kind, int] = field(default_factory=dict)


class Piece(NamedTuple):
    """A stretch of plain text, and whether it was searched for. Never HTML: the page escapes and marks."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One found document. `title` and `highlight` are the title and the best passage, cut into pieces."""

    id: str
    kind: Kind
    score: float
    title: tuple[Piece, ...] = ()
    highlight: tuple[Piece, ...] = ()
    group: str = ""
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer. `total` is exact. A facet counts what would be found if its own filter were lifted.

    `corrected_to` is set when the hits belong to another spelling than the one typed; `suggestions` are
    names near to the query, offered when little was found; `is_loose` says that nothing has all that was asked, and
    these have a part of it. `took_ms` is wall time inside the engine.
    """

    query: str
    normalized: str
    total: int
    hits: tuple[SearchHit, ...] = ()
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    corrected_to: str | None = None
    is_loose: bool = False
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name offered while typing; `name` is the document's title, `text` what matched (title or alias)."""

    text: str
    name: str
    kind: Kind
    id: str
