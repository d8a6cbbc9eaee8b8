"""What the lesson board shows: places with items, cards of units, what waits for an answer. Reads, writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from courseware.accounts.models import User
from courseware.catalog import cases, policy, services, undoing
from courseware.catalog.models import SEGMENTS, STAGES, Activity, Lesson, LessonCase, LessonDecision, LessonVersion
from courseware.catalog.queries.contents import contents_of
from courseware.catalog.queries.credit import credit_of
from courseware.catalog.queries.facts import TIMED_TYPES, Credit, UnitFacts
from courseware.catalog.queries.teaching import board_resources
from courseware.catalog.queries.withdrawn import replacements_of
from courseware.catalog.undoing import CanGo
from courseware.resources.models import Resource, ResourceVersion

DEFAULT_MINUTES = {
    "text": 5, "presentation": 10, "image": 2, "simulation": 20, "other": 5, "question": 3, "task": 15, "discussion": 10, "link": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """A resource as the tray and the board show it, and as the meter counts it."""

    resource: Resource
    thumbnail: str
    uses: int

    @property
    def version(self) -> ResourceVersion | None:
        """What learners see of it."""
        return self.resource.published_version

    @property
    def duration_s(self) -> float | None:
        """Its length when it plays."""
        is_timed = self.resource.type in TIMED_TYPES
        return self.version.duration_s if self.version is not None and is_timed else None

    @property
    def seconds(self) -> int:
        """How long it takes in a lesson."""
        return round(self.duration_s or 60 * DEFAULT_MINUTES.get(self.resource.type, 5))

    @property
    def is_original(self) -> bool:
        """Original with accepted evidence (M3.A): what was decided, not what is claimed."""
        version = self.version
        return version is not None and version.originality == "original" and version.is_evidence_accepted


@dataclass(frozen=True, slots=True)
class BoardItem:
    """An activity on the board; `card` for resources. `newer`: the pinned version is not the one published now."""

    activity: Activity
    card: Card | None
    is_dead: bool = False
    replacement: Resource | None = None
    pinned: ResourceVersion | None = None

    @property
    def newer(self) -> bool:
        """Whether what is held is older than what is published."""
        return (
            self.pinned is not None
            and self.card is not None
            and self.pinned.id != self.card.resource.published_version_id
        )

    @property
    def waits(self) -> bool:
        """Whether a newer version waits for an answer: it was neither taken nor declined."""
        return self.newer and not self.is_dead and self.activity.declined_version_id != self._published_id

    @property
    def _published_id(self) -> int | None:
        return self.card.resource.published_version_id if self.card is not None else None

    def changed_since(self, moment: dt.datetime | None) -> bool:
        """Whether what the item follows was published anew after `moment`."""
        version = self.card.version if self.card is not None and self.pinned is None else None
        if version is None or moment is None or version.num < 2 or version.published_at is None:
            return False
        return version.published_at > moment and not self.is_dead

    @property
    def seconds(self) -> int:
        """How long it takes."""
        is_recording = self.card is not None and self.card.duration_s
        return self.card.seconds if self.card is not None and is_recording else self.activity.minutes * 60


@dataclass(frozen=True, slots=True)
class Segment:
    """A place for items; `stage` is before, during or after class, empty in a free order."""

    key: str
    stage: str
    items: list[BoardItem] = field(default_factory=list)

    @property
    def in_class(self) -> bool:
        """Whether its minutes are minutes in class."""
        return self.stage in ("during", "")


@dataclass(frozen=True, slots=True)
class BoardPage:
    """All that the board shows. `revision` goes back with every save."""

    lesson: Lesson
    version: LessonVersion | None
    revision: int
    layout: str
    stages: Sequence[tuple[str, Sequence[Segment]]]
    units: Sequence[UnitFacts]
    has_changes: bool
    can_build: bool
    steps: CanGo
    credit: Credit | None
    is_reviewed: bool = False
    case: LessonCase | None = None

    @property
    def waiting_case(self) -> LessonCase | None:
        """The case of what was handed in and is not decided yet."""
        return self.case if self.case is not None and self.case.state == "open" else None

    @property
    def sent_back(self) -> LessonDecision | None:
        """What review asked to be changed, until the lesson is handed in again."""
        is_back = self.case is not None and self.case.state == "returned"
        return self.case.decisions[-1] if self.case is not None and is_back and self.case.decisions else None

    @property
    def minutes(self) -> int:
        """Minutes planned in class."""
        return self.version.minutes if self.version is not None else 45

    @property
    def segments(self) -> list[Segment]:
        """All places in order."""
        return [segment for _stage, segments in self.stages for segment in segments]

    @property
    def waiting(self) -> list[BoardItem]:
        """Items that hold a version while a newer one waits for an answer."""
        return [item for item in self.items if item.waits]

    @property
    def followed(self) -> list[BoardItem]:
        """Items that follow the newest version and have changed since the lesson was published: learners see that already."""
        published = self.lesson.published_version
        return [i for i in self.items if i.changed_since(published.published_at if published is not None else None)]

    @property
    def items(self) -> list[BoardItem]:
        """Everything on the board."""
        return [item for segment in self.segments for item in segment.items]


def board_page(lesson: Lesson, person: User, layout: str = "", cards: Mapping[int, Card] | None = None) -> BoardPage:
    """Reads the board without writing: a lesson without a draft shows what is published.

    `layout` is eight (three stages, eight segments) or free; empty takes what fits the items. `cards`: those of the lesson,
    where somebody has read them already.
    """
    version = lesson.newest_version
    items = _board_items(
        version.activities if version is not None else [], cards if cards is not None else cards_of(held_by(lesson))
    )
    chosen = layout or ("free" if items and not any(item.activity.segment for item in items) else "eight")
    return BoardPage(
        lesson, version, revision_of(lesson), chosen, _stages(items, chosen), contents_of(lesson.course).units,
        lesson.draft_version is not None, policy.can_build(person, lesson.course), undoing.can_go(person, lesson),
        credit_of(lesson.id) if lesson.copied_from_id else None, services.is_reviewed(lesson), cases.last_case(lesson),
    )  # fmt: skip


def revision_of(lesson: Lesson) -> int:
    """What a save has to name: the draft's revision, or the one that a draft begun now would have."""
    version = lesson.newest_version
    opened = version.revision if version is not None else 0
    return opened if lesson.draft_version is not None else opened + 1


def _stages(items: Sequence[BoardItem], layout: str) -> list[tuple[str, list[Segment]]]:
    """Places by stage. In a free order there is one; among the eight, what has no place yet stands first."""
    if layout == "free":
        return [("", [Segment("free", "", list(items))])]
    segments = [Segment(key, stage) for key, stage in SEGMENTS.items()]
    loose = Segment("free", "")
    by_key = {segment.key: segment for segment in segments}
    for item in items:
        by_key.get(item.activity.segment, loose).items.append(item)
    first = [("", [loose])] if loose.items else []
    return [*first, *((stage, [s for s in segments if s.stage == stage]) for stage in STAGES)]


def held_by(lesson: Lesson) -> frozenset[int]:
    """The resources that lie on the board, by id."""
    version = lesson.newest_version
    return frozenset(a.resource_id for a in (version.activities if version is not None else ()) if a.resource_id)


def cards_of(ids: Collection[int]) -> dict[int, Card]:
    """What is shown of resources, by id; one query."""
    return {key: Card(found.resource, found.thumbnail, found.uses) for key, found in board_resources(ids).items()}


def _board_items(activities: Sequence[Activity], cards: Mapping[int, Card]) -> list[BoardItem]:
    dead = [key for a in activities if (key := a.resource_id) and not cards[key].resource.is_live]
    instead = replacements_of(dead)
    return [
        BoardItem(
            a, cards.get(a.resource_id or 0), is_dead=a.resource_id in dead,
            pinned=a.pinned_version, replacement=instead.get(a.resource_id or 0),
        )
        for a in activities
    ]  # fmt: skip
