"""Cards by table, kept for a state of the content: the same things stand on many pages of results."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any

from courseware.catalog.memory import memory
from courseware.discovery import cards
from courseware.discovery.cards import CourseCard, LessonCard, PointCard, ResourceCard
from courseware.discovery.question_cards import QuestionCard, read_questions

Card = ResourceCard | PointCard | CourseCard | LessonCard | QuestionCard
Uuids = Collection[uuidlib.UUID]

#: Cards kept of one table; some hundred bytes each.
CARDS_KEPT = 5_000
READERS: Mapping[str, Callable[[Uuids], list[Any]]] = {
    "resource": cards.read_resources, "point": cards.read_points, "course": cards.read_courses, "lesson": cards.read_lessons,
    "question": read_questions,
}  # fmt: skip


def cards_at(state: Hashable, table: str, uuids: Collection[str]) -> Mapping[str, Card]:
    """Cards of those of `uuids` that may be seen (texts, as the index has them), asking the database only for what was not asked
    for in this state of the content: at most two queries. `state` is the content stamp, which changes with everything published or withdrawn."""
    known: dict[str, Card | None] = memory("cards", 2 * len(READERS)).get((state, table), dict)
    missing = [uuid for uuid in uuids if uuid not in known]
    read = {str(card.uuid): card for card in READERS[table](list(map(uuidlib.UUID, missing)))} if missing else {}
    if len(known) + len(missing) <= CARDS_KEPT:
        known.update({uuid: read.get(uuid) for uuid in missing})
    found = ((uuid, read.get(uuid) or known.get(uuid)) for uuid in uuids)
    return {uuid: card for uuid, card in found if card is not None}
