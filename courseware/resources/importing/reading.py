"""The sheet understood, row by row, then as a whole. Nothing is written here."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from courseware.accounts.models import Unit
from courseware.core import clock
from courseware.core.database import session
from courseware.core.tables import Row, RowProblem, list_of, text_of
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course, Library, Major
from courseware.resources.assets import MAX_BYTES
from courseware.resources.content import hash_text
from courseware.resources.importing.authors import known_authors
from courseware.resources.importing.batches import batches
from courseware.resources.importing.drafts import Draft
from courseware.resources.importing.files import FilesBeside
from courseware.resources.importing.moments import is_today, moment_of
from courseware.resources.importing.stored import hash_elsewhere, hashes_of, taken_in
from courseware.resources.importing.words import LANGUAGES, ORIGINS, TYPES, WORDS
from courseware.resources.models import ORIGINALITY, RESOURCE_TYPES, Resource
from courseware.resources.reasons import sentence_of
from media.errors import MediaError
from media.sniff import sniff

TITLE_LIMIT = 200
TOLD_EVERY = 200


class Reading:
    """The sheet, checked against the library and against itself."""

    def __init__(self, library: Library, beside: Path | None, is_published: bool) -> None:
        self.library, self.beside, self.is_published = library, beside, is_published
        self._files = FilesBeside(beside) if beside is not None else None
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self.drafts: list[Draft] = []
        self._seen: dict[str, int] = {}
        self._points = _by_names(knowledge.points_of_library(library))
        self._courses = _by_names(libraries.courses_of(library))
        self._majors = _by_names([library.core_major, *library.served_majors])
        self._units = _by_names(session().scalars(select(Unit)).all())
        known = select(Resource.external_id, Resource.id).where(Resource.library_id == library.id)
        rows = session().execute(known.where(Resource.external_id.is_not(None)))
        self._known: dict[str, int] = {str(external_id): resource_id for external_id, resource_id in rows}

    def read(self, row: Row) -> None:
        """Understands one row; what is wrong with it is noted and the row left out."""
        before = len(self.problems)
        if row.problem is not None:
            self.problems.append(RowProblem(row.number, "", "bad_line", row.problem))
            return
        draft = self._understood(row)
        self._check_own(draft)
        if len(self.problems) == before:
            self.drafts.append(draft)

    def _understood(self, row: Row) -> Draft:
        values = row.values
        draft = Draft(row.number, text_of(values, "external_id"), {"title": self._title(row), "type": self._type(row)})
        draft.fields |= {
            n: text_of(values, n) for n in ("title_en", "description", "audience", "source") if n in values
        }
        draft.fields |= {
            "language": _language(values),
            "keywords": _keywords(values),
            "difficulty": self._difficulty(row),
        }
        draft.fields |= {"course": self._course(row), "points": self._read_points(row), "major": self._major(row)}
        draft.originality, draft.licence = self._originality(row), text_of(values, "licence")
        draft.author, draft.unit = text_of(values, "author", "author_name"), self._unit(row)
        draft.published_at = self._published_at(row)
        draft.body = "" if values.get("body") is None else str(values.get("body", ""))
        draft.file = self._file(row)
        draft.content_hash = self._content_hash(row, draft)
        draft.known_id = self._known.get(draft.external_id) if draft.external_id else None
        return draft

    def refuse(self, row: int, name: str, code: str, /, **words: Any) -> None:
        """Notes a problem."""
        self.problems.append(_problem(row, name, code, words))

    def warn(self, row: int, name: str, code: str, /, **words: Any) -> None:
        """Notes what is only incomplete."""
        self.warnings.append(_problem(row, name, code, words))

    def _title(self, row: Row) -> str:
        title = text_of(row.values, "title")
        if not title:
            self.refuse(row.number, "title", "missing_title")
        elif len(title) > TITLE_LIMIT:
            self.refuse(row.number, "title", "too_long", limit=TITLE_LIMIT)
        return title

    def _type(self, row: Row) -> str:
        given = text_of(row.values, "type")
        kind = TYPES.get(given, TYPES.get(given.removesuffix("类"), given.lower()))
        if not given:
            self.refuse(row.number, "type", "missing_type")
        elif kind not in RESOURCE_TYPES:
            self.refuse(row.number, "type", "unknown_type", value=given)
        return kind

    def _originality(self, row: Row) -> str:
        given = text_of(row.values, "originality")
        if not given:
            if self.is_published:
                self.warn(row.number, "originality", "taken_third_party")
            return "third_party" if self.is_published else "unknown"
        origin = ORIGINS.get(given.lower(), given.lower().replace("-", "_").replace(" ", "_"))
        if origin not in ORIGINALITY:
            self.refuse(row.number, "originality", "unknown_originality", value=given)
        elif origin == "unknown" and self.is_published:
            self.refuse(row.number, "originality", "originality_unknown")
        return origin

    def _course(self, row: Row) -> Course | None:
        return self._one(row, "course", self._courses, "unknown_course")

    def _major(self, row: Row) -> Major | None:
        return self._one(row, "major", self._majors, "unknown_major")

    def _one(self, row: Row, name: str, known: Mapping[str, Any], reason: str) -> Any:
        given = text_of(row.values, name)
        found = known.get(given.casefold())
        if given and found is None:
            self.refuse(row.number, name, reason, value=given)
        elif not given and self.is_published and name == "course":
            self.warn(row.number, name, "nothing_said")
        return found

    def _unit(self, row: Row) -> Unit | None:
        given = text_of(row.values, "unit")
        found: Unit | None = self._units.get(given.casefold())
        if given and found is None:
            self.warn(row.number, "unit", "unknown_unit", value=given)
        return found

    def _read_points(self, row: Row) -> list[Point]:
        found: list[Point] = []
        for name in ("points", "skill_points"):
            for given in list_of(row.values, name) or []:
                point = self._points.get(given.casefold())
                if point is None:
                    self.refuse(row.number, name, "unknown_point", value=given)
                elif point not in found:
                    found.append(point)
        if not found and self.is_published:
            self.warn(row.number, "points", "nothing_said")
        return found

    def _difficulty(self, row: Row) -> int | None:
        given = text_of(row.values, "difficulty")
        if given in ("", "1", "2", "3", "4", "5"):
            return int(given) if given else None
        self.refuse(row.number, "difficulty", "bad_difficulty", value=given)
        return None

    def _published_at(self, row: Row) -> dt.datetime | None:
        given = row.values.get("published_at")
        if given in (None, ""):
            return None
        moment = moment_of(given)
        if moment is None:
            self.refuse(row.number, "published_at", "bad_date", value=given)
        elif moment > clock.now() and not is_today(given):
            self.refuse(row.number, "published_at", "future_date", value=given)
        return min(moment, clock.now()) if moment else None

    def _file(self, row: Row) -> Path | None:
        given = text_of(row.values, "file")
        if not given:
            return None
        path = self._files.find(given) if self._files is not None else None
        if path is None:
            self.refuse(row.number, "file", "no_file", value=given)
            return None
        self._look_into(row, path)
        return path

    def _look_into(self, row: Row, path: Path) -> None:
        try:
            sniff(path, path.name)
        except MediaError as problem:
            self.refuse(row.number, "file", "file_refused", value=path.name, reason=sentence_of(problem))
        if path.stat().st_size > MAX_BYTES:
            self.refuse(row.number, "file", "file_refused", value=path.name, reason=f"> {MAX_BYTES >> 30} GB")

    def _content_hash(self, row: Row, draft: Draft) -> str:
        if draft.file is not None:
            with draft.file.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        if draft.body.strip():
            return hash_text(draft.body)
        says_something = draft.fields.get("description") or text_of(row.values, "file")
        if self.is_published and draft.fields.get("type") == "text" and not says_something:
            self.refuse(row.number, "body", "missing_content")
        return hash_elsewhere(draft) if self.is_published else ""

    def _check_own(self, draft: Draft) -> None:
        """A row against the rows before it, and against what is stored under its number."""
        for name, key in (("external_id", draft.external_id), ("body", draft.content_hash)):
            if key and f"{name}:{key}" in self._seen:
                value = draft.external_id if name == "external_id" else draft.fields["title"]
                self.refuse(draft.row, name, "repeated", value=value, line=self._seen[f"{name}:{key}"])
            elif key:
                self._seen[f"{name}:{key}"] = draft.row
        if self.is_published and not draft.licence:
            self.warn(draft.row, "licence", "nothing_said")

    def finish(self) -> None:
        """What is asked for all rows at once: which resources are known, and which content is here already (R23)."""
        self._find_known()
        self._refuse_other_content()
        self._refuse_copies()

    def warn_of_authors(self) -> None:
        """Names the rows whose author has no account; one is made for them when they are written."""
        known = known_authors({draft.author for draft in self.drafts if draft.author})
        for draft in self.drafts:
            if draft.author and draft.author not in known and draft.known_id is None:
                self.warn(draft.row, "author", "provisional_author", value=draft.author)

    def _find_known(self) -> None:
        wanted = [d.known_id for d in self.drafts if d.known_id is not None]
        found: dict[int, Resource] = {}
        for some in batches(wanted):
            query = select(Resource).where(Resource.id.in_(some)).options(selectinload(Resource.points))
            found |= {resource.id: resource for resource in session().scalars(query)}
        for draft in self.drafts:
            draft.known = found.get(draft.known_id or 0)

    def _refuse_other_content(self) -> None:
        hashes = hashes_of([d.known_id for d in self.drafts if d.known_id is not None])
        good = []
        for draft in self.drafts:
            if draft.known_id is not None and draft.content_hash not in hashes.get(draft.known_id, set()):
                self.refuse(draft.row, "body", "content_differs")
            else:
                good.append(draft)
        self.drafts = good

    def _refuse_copies(self) -> None:
        taken = taken_in(self.library, [d.content_hash for d in self.drafts if d.content_hash])
        good = []
        for draft in self.drafts:
            other = taken.get(draft.content_hash)
            if other is not None and other[0] != draft.known_id:
                self.refuse(draft.row, "body", "duplicate", value=other[1])
            else:
                good.append(draft)
        self.drafts = good


def check_rows(
    library: Library,
    rows: Iterable[Row],
    *,
    beside: Path | None = None,
    is_published: bool = False,
    told: Callable[[int], None] | None = None,
) -> Reading:
    """The sheet understood: `drafts` are the good rows, `problems` and `warnings` name the others. Writes nothing.

    `told` hears now and then how many rows were read.
    """
    reading = Reading(library, beside, is_published)
    for number, row in enumerate(rows, start=1):
        reading.read(row)
        if told is not None and number % TOLD_EVERY == 0:
            told(number)
    reading.finish()
    reading.problems.sort(key=lambda problem: problem.row)
    reading.warnings.sort(key=lambda problem: problem.row)
    return reading


def _problem(row: int, name: str, reason: str, words: Mapping[str, Any]) -> RowProblem:
    return RowProblem(row, name, reason, str(WORDS[reason]) % words if words else WORDS[reason])


def _by_names(things: Iterable[Any]) -> dict[str, Any]:
    """Things by code, key and name, whatever the case; what is more exact wins."""
    known: dict[str, Any] = {}
    all_things = list(things)
    for attribute in ("name_en", "name", "code", "key"):
        known |= {str(value).casefold(): t for t in all_things if (value := getattr(t, attribute, ""))}
    aliases = {alias.name.casefold(): t for t in all_things for alias in getattr(t, "aliases", ())}
    return {**aliases, **known}


def _language(values: Mapping[str, Any]) -> str:
    given = text_of(values, "language")
    return LANGUAGES.get(given.lower().replace("-", "_"), given) or "zh-CN"


def _keywords(values: Mapping[str, Any]) -> list[str]:
    return [word for word in (list_of(values, "keywords") or []) if word]
