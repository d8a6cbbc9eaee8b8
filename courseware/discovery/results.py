"""What the results page is asked and what it shows."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from werkzeug.datastructures import MultiDict

from courseware.accounts.models import User
from courseware.catalog.memory import memory
from courseware.core.database import session
from courseware.discovery import services
from courseware.discovery.documents import cues_in
from courseware.discovery.facet_names import names_at
from courseware.discovery.services import Answer, Found
from courseware.resources.models import CaptionTrack
from courseware.web.i18n import is_english
from media.captions import Cue
from search.documents import Kind, Sort
from search.understanding import MAX_TEXT

PAGE = 20
SHOWN_MOMENTS, OTHERS_SHOWN = 5, 4
VALUES_SHOWN = 8
#: Recordings whose captions are kept read; some ten kilobytes each.
CAPTIONS_KEPT = 100
SHOWN_OF_EACH: Mapping[Kind, int] = {"point": 1, "moment": 24, "resource": 6, "course": 3, "lesson": 3, "question": 3}
KINDS: Mapping[str, Any] = {
    "": _l("All"), "course": _l("Courses"), "resource": _l("Resources"), "point": _l("Points"), "moment": _l("Moments"),
    "lesson": _l("Lessons"), "question": _l("Questions"),
}  # fmt: skip
SORTS: Mapping[str, Any] = {
    "relevance": _l("Relevance"),
    "newest": _l("Newest"),
    "popular": _l("Most used"),
    "rated": _l("Best rated"),
}
FACET_NAMES: Mapping[str, Any] = {
    "type": _l("Type"), "points": _l("Point"), "course": _l("Course"), "major": _l("Major"), "originality": _l("Originality"),
    "unit": _l("Unit"), "year": _l("Updated in"), "tags": _l("New technology"), "language": _l("Language"),
    "length": _l("Length"),
}  # fmt: skip
VALUE_NAMES: Mapping[str, Any] = {
    "video": _l("Video"), "audio": _l("Audio"), "animation": _l("Animation"), "image": _l("Image"), "text": _l("Text"),
    "simulation": _l("Virtual simulation"), "presentation": _l("Slides"), "other": _l("Other"),
    "knowledge": _l("Knowledge point"), "skill": _l("Skill point"), "lesson": _l("Lesson"),
    "core": _l("Core course"), "foundation": _l("Foundation course"), "extension": _l("Extension course"),
    "practice": _l("Practice course"), "training": _l("Training"),
    "original": _l("Original"), "adapted": _l("Adapted"), "third_party": _l("Third-party"), "open": _l("Open licence"),
    "short": _l("up to 5 minutes"), "middle": _l("5 to 15 minutes"), "long": _l("over 15 minutes"),
    "single": _l("Single choice"), "multiple": _l("Multiple choice"), "true_false": _l("True or false"), "blank": _l("Fill in the blank"),
    "short_answer": _l("Short answer"), "essay": _l("Essay"), "matching": _l("Matching"), "ordering": _l("Ordering"),
    "case_set": _l("Case with several questions"), "operation_task": _l("Practical task"),
    "ai": _l("AI-generated"), "zh-CN": _l("Chinese"), "en": _l("English"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Words:
    """What tabs, facets and their values are called in one language."""

    kinds: Mapping[str, str]
    facets: Mapping[str, str]
    values: Mapping[str, str]


@lru_cache(maxsize=8)
def _words_in(_language: str) -> _Words:
    """Of the language of the request; half a hundred of them stand on every page, and each asks for its catalogue anew."""
    told = ({key: str(name) for key, name in names.items()} for names in (KINDS, FACET_NAMES, VALUE_NAMES))
    return _Words(*told)


def _words() -> _Words:
    return _words_in(str(get_locale()))


@dataclass(frozen=True, slots=True)
class Asked:
    """The search in the address. `is_cut`: more was written than is read of a question."""

    text: str
    kind: str = ""
    sort: str = "relevance"
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    offset: int = 0
    exact: bool = False
    is_cut: bool = False

    @property
    def is_first_look(self) -> bool:
        """A question just typed: not a tab, a filter, another order or another page of it."""
        return (
            bool(self.text.strip())
            and not (self.kind or self.filters or self.offset or self.exact)
            and self.sort == "relevance"
        )


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A caption line near the hit."""

    start_s: float
    text: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set: clicked, and so in the address."""

    field: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class MomentsOf:
    """The moments of one resource, the best one first."""

    best: Found
    others: Sequence[Found] = ()

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Where they lie, for the mark on the picture."""
        return [
            (f.start_s, f.end_s) for f in (self.best, *self.others) if f.start_s is not None and f.end_s is not None
        ]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Hits in their groups, with pictures, facets and tabs."""

    answer: Answer
    groups: Mapping[str, Sequence[Found]]
    facets: Sequence[tuple[str, str, Sequence[Option]]]
    tabs: Sequence[tuple[str, str, int]]
    chosen: Sequence[Chosen]
    moments: Sequence[MomentsOf]
    said: Sequence[Said]
    next_offset: int | None

    @classmethod
    def find(cls, actor: User | None, asked: Asked, state: Hashable) -> SearchPage:
        """Searches for the person; `state` is the content stamp. Raises IndexUnavailable."""
        answer, groups = _search(actor, asked, state)
        facets = _facets(answer, asked, state)
        more = asked.offset + PAGE < answer.result.total
        return cls(
            answer=answer,
            groups=groups,
            facets=facets,
            moments=_by_resource(groups.get("moment", ()), PAGE if asked.kind else SHOWN_MOMENTS),
            chosen=[Chosen(name, o.value, o.label) for name, _title, options in facets for o in options if o.selected],
            tabs=_tabs(answer),
            said=_said(groups["moment"][0], state) if groups.get("moment") and not asked.kind else (),
            next_offset=asked.offset + PAGE if more and asked.kind else None,
        )

    @property
    def total(self) -> int:
        """How much was found, all kinds that the tab shows."""
        return self.answer.result.total


def read_request(args: MultiDict[str, str]) -> Asked:
    """The search an address asks for; what is not understood falls out."""
    kind, sort = args.get("kind", ""), args.get("sort", "relevance")
    written = args.get("q", "")
    return Asked(
        text=written[:MAX_TEXT],
        is_cut=len(written) > MAX_TEXT,
        kind=kind if kind in KINDS else "",
        sort=sort if sort in SORTS else "relevance",
        filters={name: args.getlist(name)[:20] for name in FACET_NAMES if args.getlist(name)},
        offset=max(0, min(args.get("after", 0, int), 2000)),
        exact=args.get("exact") == "1",
    )


def _search(actor: User | None, asked: Asked, state: Hashable) -> tuple[Answer, Mapping[str, Sequence[Found]]]:
    """One kind when a tab is chosen; otherwise the best of each."""
    how: dict[str, Any] = {
        "filters": asked.filters, "sort": cast(Sort, asked.sort), "facets": services.FACETS, "facet_values": VALUES_SHOWN,
        "exact": asked.exact, "state": state,
    }  # fmt: skip
    if not asked.kind:
        answer, groups = services.search_groups(actor, asked.text, SHOWN_OF_EACH, **how)
        return answer, cast("Mapping[str, Sequence[Found]]", groups)
    answer = services.search(actor, asked.text, kind=cast(Kind, asked.kind), limit=PAGE, offset=asked.offset, **how)
    return answer, {asked.kind: answer.hits}


def _by_resource(found: Sequence[Found], most: int) -> list[MomentsOf]:
    """Moments under their resources, in the order of the best ones; the others in the order of time."""
    groups: dict[int, list[Found]] = {}
    for each in found:
        groups.setdefault(each.row.id, []).append(each)
    return [
        MomentsOf(best, sorted(others[:OTHERS_SHOWN], key=lambda f: f.start_s or 0.0))
        for best, *others in list(groups.values())[:most]
    ]


def _tabs(answer: Answer) -> list[tuple[str, str, int]]:
    total = sum(answer.kind_counts.values())
    return [(kind, name, answer.kind_counts.get(kind, 0) if kind else total) for kind, name in _words().kinds.items()]


def _facets(answer: Answer, asked: Asked, state: Hashable) -> list[tuple[str, str, list[Option]]]:
    counted = {name: _listed(answer.result.facets.get(name, ()), asked.filters.get(name, ())) for name in FACET_NAMES}
    names = names_at(state, {name: [value for value, _count in pairs] for name, pairs in counted.items()})
    shown = []
    words, english = _words(), is_english()
    for name, title in words.facets.items():
        chosen = set(asked.filters.get(name, ()))
        options = [
            Option(value, _label(names.get((name, value)), value, words, english=english), count, value in chosen)
            for value, count in counted[name]
        ]
        if len(options) > 1 or chosen:
            shown.append((name, title, options))
    return shown


def _listed(pairs: Sequence[tuple[str, int]], chosen: Sequence[str]) -> list[tuple[str, int]]:
    """The most frequent values, and whatever is chosen: a filter that was clicked can always be taken back."""
    counts = dict(pairs)
    frequent = list(pairs[:VALUES_SHOWN])
    shown = {value for value, _count in frequent}
    return frequent + [(value, counts.get(value, 0)) for value in dict.fromkeys(chosen) if value not in shown]


def _label(name: tuple[str, str] | None, value: str, words: _Words, *, english: bool) -> str:
    """By its name in both languages, where it is a thing of the library."""
    if name is None:
        return words.values.get(value, value)
    return (name[1] or name[0]) if english else name[0]


def _said(found: Found, state: Hashable) -> list[Said]:
    """Lines around the moment, from the captions of the version learners see."""
    if found.start_s is None:
        return []
    version = found.row.version_id
    lines = memory("captions", CAPTIONS_KEPT).get((state, version), lambda: _lines_of(version))
    near = [cue for cue in lines if cue.end_s > found.start_s][:4]
    return [Said(cue.start_s, re.sub(r"\s+", " ", cue.text), number == 0) for number, cue in enumerate(near)]


@lru_cache(maxsize=1)
def _captions_statement() -> Any:
    return select(CaptionTrack.language, CaptionTrack.webvtt).where(CaptionTrack.version_id == bindparam("version"))


def _lines_of(version_id: int) -> tuple[Cue, ...]:
    """The same recordings stand on many pages of results, and reading captions takes as long as a search."""
    tracks = session().connection().execute(_captions_statement(), {"version": version_id})
    return tuple(cues_in(next((webvtt for language, webvtt in tracks if language.startswith("zh")), "")))


def summary_of(total: int) -> str:
    """“46 results”."""
    return _("%(count)s results", count=f"{total:,}")
