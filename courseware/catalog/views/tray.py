"""The tray of the lesson board: the search of the site over live units, with filters and a look at one of them."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlalchemy import select

from courseware.catalog import board
from courseware.catalog.board import Card
from courseware.catalog.models import Lesson
from courseware.catalog.queries.contents import UnitFacts, contents_of
from courseware.catalog.queries.teaching import lesson_for_board
from courseware.catalog.views import TEACHERS, blueprint
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.discovery import services as discovery
from courseware.discovery.results import VALUE_NAMES
from courseware.libraries.models import LibraryUnit
from courseware.resources import policy as resources
from courseware.resources.models import RESOURCE_TYPES, Resource
from courseware.resources.queries import recently_updated
from courseware.web.access import role_needed, signed_in
from search.engine import IndexUnavailable

SHOWN = 24
LENGTHS = ("short", "middle", "long")
ORIGINALITY = ("original", "adapted", "third_party", "open", "ai")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tray is asked for; empty values filter nothing. `point` is the name of a point, as the index holds it."""

    q: str = ""
    type: str = ""
    point: str = ""
    unit: str = ""
    length: str = ""
    originality: str = ""
    all: bool = False
    after: int = 0

    @property
    def filters(self) -> dict[str, Sequence[str]]:
        """As the engine takes them."""
        given = {
            "type": self.type,
            "points": self.point,
            "unit": self.unit,
            "length": self.length,
            "originality": self.originality,
        }
        return {name: (value,) for name, value in given.items() if value}

    @property
    def is_filtered(self) -> bool:
        """Whether more than a word was asked for."""
        return bool(set(self.filters) - {"type"})


@dataclass(frozen=True, slots=True)
class Tray:
    """A page of units, what was asked for, and what else could be. `held`: ids of resources that lie in the lesson."""

    asked: Asked
    cards: Sequence[Card]
    total: int
    held: frozenset[int]
    units: Sequence[UnitFacts]
    schools: Sequence[Any]
    took_ms: float = 0.0
    is_exact: bool = True

    @property
    def next_after(self) -> int | None:
        """Where the next page begins; None at the end."""
        shown = self.asked.after + SHOWN
        return shown if shown < self.total else None

    @property
    def choices(self) -> Mapping[str, Any]:
        """Words of the filters."""
        return {"types": RESOURCE_TYPES, "lengths": LENGTHS, "originality": ORIGINALITY, "names": VALUE_NAMES}


@blueprint.get("/teach/lessons/<uuid:uuid>/tray")
@role_needed(*TEACHERS)
def tray(uuid: uuidlib.UUID) -> str:
    """What the tray holds for a search, as a fragment of HTML."""
    lesson = lesson_for_board(uuid, signed_in())
    return render_template("catalog/_tray.html", tray=read_tray(lesson), lesson=lesson)


@blueprint.get("/teach/lessons/<uuid:uuid>/units/<uuid:resource_uuid>")
@role_needed(*TEACHERS)
def unit_preview(uuid: uuidlib.UUID, resource_uuid: uuidlib.UUID) -> str:
    """A unit of the tray at a closer look, as a fragment of HTML."""
    lesson = lesson_for_board(uuid, signed_in())
    resource = session().scalar(select(Resource).where(Resource.uuid == resource_uuid, Resource.is_live.is_(True)))
    if resource is None or not resources.can_view(signed_in(), resource):
        raise NotFound()
    card, is_held = board.cards_of([resource.id])[resource.id], resource.id in board.held_by(lesson)
    return render_template("catalog/_unit_preview.html", card=card, lesson=lesson, is_held=is_held)


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the units of a page of the tray, how many there are in all, how long the engine took, and whether it was the engine."""

    asked: Asked
    ids: Sequence[int]
    total: int
    took_ms: float = 0.0
    is_exact: bool = True


def read_tray(lesson: Lesson, found: Found | None = None, cards: Mapping[int, Card] | None = None) -> Tray:
    """What the search finds, best first; the course's own units unless the whole library is asked for.

    `found` and `cards`: what a page has found and read already, together with its own.
    """
    found = found or find_units(lesson)
    cards = board.cards_of(found.ids) if cards is None else cards
    return Tray(
        found.asked, [cards[number] for number in found.ids if number in cards], found.total, board.held_by(lesson),
        contents_of(lesson.course).units, _schools(lesson), found.took_ms, found.is_exact,
    )  # fmt: skip


def find_units(lesson: Lesson) -> Found:
    """What the address asks of the search."""
    asked = _asked()
    if not lesson.course.library.is_public:  # the search holds only what everybody may find
        return _newest(lesson, asked)
    where = "library" if asked.all else "course"
    filters = {**asked.filters, where: (lesson.course.library.code if asked.all else str(lesson.course.uuid),)}
    try:
        answer = discovery.search(
            signed_in(), asked.q, kind="resource", filters=filters, sort="relevance" if asked.q else "popular",
            limit=SHOWN, offset=asked.after,
        )  # fmt: skip
    except IndexUnavailable:  # while the index is made anew the newest units are better than none
        return _newest(lesson, asked)
    return Found(asked, [found.row.id for found in answer.hits], answer.result.total, answer.result.took_ms)


def _newest(lesson: Lesson, asked: Asked) -> Found:
    newest = recently_updated(SHOWN, lesson.course.library, None if asked.all else lesson.course, asked.q)
    return Found(asked, [resource.id for resource in newest], len(newest), is_exact=False)


def _schools(lesson: Lesson) -> Sequence[Any]:
    query = select(LibraryUnit).where(LibraryUnit.library_id == lesson.course.library_id)
    return [row.unit for row in session().scalars(query.order_by(LibraryUnit.role, LibraryUnit.seq, LibraryUnit.id))]


def _asked() -> Asked:
    args = request.args
    return Asked(
        q=args.get("q", "")[:100].strip(), type=_one_of("type", RESOURCE_TYPES), point=args.get("point", "")[:200],
        unit=args.get("unit", "")[:36], length=_one_of("length", LENGTHS), originality=_one_of("originality", ORIGINALITY),
        all="all" in args, after=max(0, min(args.get("after", 0, int), 10_000)),
    )  # fmt: skip


def _one_of(name: str, allowed: Any) -> str:
    value = request.args.get(name, "")
    return value if value in allowed else ""
