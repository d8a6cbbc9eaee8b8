"""Units that would make a lesson better, each with its reason: for points it leaves out, and for text a medium could say.

It advises and counts as the meter of the board does; what the monitor judges is the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import case, select

from courseware.catalog.board import BoardItem, BoardPage, Card, cards_of
from courseware.catalog.models import Activity, Lesson
from courseware.catalog.queries.facts import PointFacts
from courseware.core.database import session
from courseware.resources.models import Resource, ResourcePoint

TEXTUAL = ("text", "image")
MOVING = ("simulation", "animation", "video")
#: Above this share of text and images a medium is offered instead, in lessons of so many units.
TEXT_SHARE, FROM_UNITS = 0.3, 3
OFFERED = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """A unit to take in: for `point`, which the lesson leaves out, or `instead` of an item of text.

    `is_first`: no published lesson of the course covers the point yet.
    """

    card: Card
    point: PointFacts
    is_first: bool = False
    instead: BoardItem | None = None


def offers_for(page: BoardPage) -> list[Offer]:
    """At most three: first a medium instead of text where there is too much of it, then points left out. Three queries."""
    wanted = _points_left_out(page)
    swap = _text_to_swap(page)
    points = {p.id: p for unit in page.units for p in unit.points}
    of_text = [p.id for p in swap.card.resource.points if p.id in points] if swap is not None and swap.card else []
    found = _best_units([*of_text, *(p.id for p in wanted)], page)
    cards = cards_of([r for ids in found.values() for r in ids])
    offers = _instead(swap, [(points[p], [cards[r] for r in found.get(p, ())]) for p in of_text])
    first = _covered_in_course(page.lesson)
    taken = {offer.card.resource.id for offer in offers}
    for point in wanted:
        card = next((cards[r] for r in found.get(point.id, ()) if r not in taken), None)
        if card is not None:
            taken.add(card.resource.id)
            offers.append(Offer(card, point, point.id not in first))
    return offers[:OFFERED]


def _points_left_out(page: BoardPage) -> list[PointFacts]:
    """Points of the standard's units that the lesson is about and leaves out; of the first unit where it is empty."""
    held = _points_of(page.items)
    about = [unit for unit in page.units if any(p.id in held for p in unit.points)] or list(page.units[:1])
    return [p for unit in about for p in unit.points if p.id not in held][:12]


def _points_of(items: Iterable[BoardItem]) -> set[int]:
    return {p.id for item in items if item.card is not None and not item.is_dead for p in item.card.resource.points}


def _text_to_swap(page: BoardPage) -> BoardItem | None:
    """The first item of text or image, where the lesson has too many of them."""
    units = [item for item in page.items if item.card is not None and not item.is_dead]
    textual = [item for item in units if item.card is not None and item.card.resource.type in TEXTUAL]
    too_many = len(units) >= FROM_UNITS and len(textual) > TEXT_SHARE * len(units)
    return textual[0] if too_many else None


def _instead(swap: BoardItem | None, found: Sequence[tuple[PointFacts, Sequence[Card]]]) -> list[Offer]:
    for point, cards in found:
        card = next((c for c in cards if c.resource.type in MOVING), None)
        if card is not None:
            return [Offer(card, point, instead=swap)]
    return []


def _best_units(point_ids: Sequence[int], page: BoardPage) -> dict[int, list[int]]:
    """Ids of live units by point, moving ones and those of the course first, without what the lesson holds."""
    held = [item.activity.resource_id for item in page.items if item.activity.resource_id]
    course = page.lesson.course
    rank = case({kind: n for n, kind in enumerate(MOVING)}, value=Resource.type, else_=len(MOVING))
    query = (
        select(ResourcePoint.point_id, Resource.id)
        .join(Resource, Resource.id == ResourcePoint.resource_id)
        .where(ResourcePoint.point_id.in_(point_ids), Resource.is_live.is_(True), Resource.id.not_in(held))
        .where(Resource.library_id == course.library_id)
        .order_by(case((Resource.course_id == course.id, 0), else_=1), rank, Resource.id)
        .limit(40 * OFFERED)
    )
    found: dict[int, list[int]] = {}
    for point_id, resource_id in session().execute(query) if point_ids else ():
        ids = found.setdefault(point_id, [])
        if len(ids) < OFFERED:
            ids.append(resource_id)
    return found


def _covered_in_course(lesson: Lesson) -> set[int]:
    query = (
        select(ResourcePoint.point_id)
        .join(Activity, Activity.resource_id == ResourcePoint.resource_id)
        .join(Lesson, Lesson.published_version_id == Activity.version_id)
        .where(Lesson.course_id == lesson.course_id, Lesson.is_live.is_(True), Lesson.id != lesson.id)
        .distinct()
    )
    return set(session().scalars(query))
