"""Other names of points in bulk: lists of synonyms that somebody else keeps (`{"name": "…", "aliases": ["…"]}` a line)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from courseware.auditlog import services as auditlog
from courseware.core import events
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.knowledge.models import Point, PointAlias
from courseware.libraries.models import Library
from search.text import compact

LONGEST = 80


class VocabularyUnusable(DomainError):
    """A line that is no name with its other names."""

    status, code = 400, "vocabulary_unusable"

    message = _l("Line %(line)s is not like {“name”: “…”, “aliases”: [“…”]}. Nothing was written.")


@dataclass(slots=True)
class Taken:
    """What became of a list: names added, names that were there, and lines without a point."""

    added: int = 0
    known: int = 0
    missing: int = 0

    def as_dict(self) -> dict[str, int]:
        """For `--json`."""
        return asdict(self)


def import_aliases(library: Library, file: Path, *, dry_run: bool = False) -> Taken:
    """Gives points of the library the other names of the list, Chinese and English alike; a line may name a point by any of its names.

    Importing twice adds nothing more. Raises VocabularyUnusable; nothing is written then.
    """
    points = _points_by_name(library)
    taken = Taken()
    for name, aliases in list(_lines(file)):
        found = next((points[compact(each)] for each in (name, *aliases) if compact(each) in points), None)
        if found is None:
            taken.missing += 1
        else:
            _add(found, [name, *aliases], taken, dry_run=dry_run)
    return taken


def _points_by_name(library: Library) -> dict[str, Point]:
    query = select(Point).where(Point.library_id == library.id).options(selectinload(Point.aliases)).order_by(Point.id)
    found: dict[str, Point] = {}
    for point in session().scalars(query):
        found.setdefault(compact(point.name), point)
        if point.name_en:
            found.setdefault(compact(point.name_en), point)
    return found


def _add(point: Point, names: list[str], taken: Taken, *, dry_run: bool) -> None:
    known = {compact(name) for name in (point.name, point.name_en, *(alias.name for alias in point.aliases))}
    new = [
        name
        for name in dict.fromkeys(name.strip()[:LONGEST] for name in names)
        if compact(name) and compact(name) not in known
    ]
    taken.known += len(names) - len(new)
    taken.added += len(new)
    if new and not dry_run:
        point.aliases.extend(PointAlias(name=name) for name in new)
        auditlog.record("point.add_alias", None, about=point, details={"alias": new})
        events.content_changed.send("discovery.vocabulary", kind="point", uuid=point.uuid)


def _lines(file: Path) -> Iterator[tuple[str, list[str]]]:
    for number, text in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            name, aliases = line["name"], line["aliases"]
        except (ValueError, KeyError, TypeError) as problem:
            raise VocabularyUnusable(line=number) from problem
        if not isinstance(name, str) or not isinstance(aliases, list):
            raise VocabularyUnusable(line=number)
        yield name, [str(alias) for alias in aliases]
