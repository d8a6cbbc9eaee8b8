"""What everybody sees of a course, as plain values: made once a content version (contents.py) and never changed."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

TIMED_TYPES = ("video", "audio", "animation")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a lesson as a learner meets it. `type` is the resource's; `is_gone`: its resource was withdrawn.

    `num` is the version shown, `pinned_num` the same where the lesson holds it.
    """

    key: uuidlib.UUID
    kind: str
    title: str
    title_en: str
    segment: str
    minutes: int
    is_required: bool
    text: str = ""
    url: str = ""
    resource_id: int | None = None
    resource_uuid: uuidlib.UUID | None = None
    version_id: int | None = None
    num: int = 0
    pinned_num: int | None = None
    type: str = ""
    duration_s: float | None = None
    is_gone: bool = False

    @property
    def is_timed(self) -> bool:
        """Whether it is done by watching or listening."""
        return self.type in TIMED_TYPES

    @property
    def counts(self) -> bool:
        """Whether the lesson waits for it; what was withdrawn holds nobody up."""
        return self.is_required and not self.is_gone

    @property
    def seconds(self) -> float:
        """How long it takes: a recording its length, anything else what its teacher planned."""
        return self.duration_s if self.is_timed and self.duration_s else self.minutes * 60.0


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose lesson one was made from."""

    lesson_uuid: uuidlib.UUID
    title: str
    title_en: str
    author: str
    unit: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """A live lesson and what lies in it. `credit`: the lesson it was copied from."""

    id: int
    uuid: uuidlib.UUID
    title: str
    title_en: str
    minutes: int
    introduction: str
    owner: str
    owner_unit: str
    version_uuid: uuidlib.UUID
    items: Sequence[Item]
    credit: Credit | None = None
    required: int = field(init=False)

    def __post_init__(self) -> None:
        """Counts once how many things a learner does to complete it: pages ask again and again."""
        object.__setattr__(self, "required", sum(item.counts for item in self.items))

    @property
    def main_type(self) -> str:
        """The kind of thing that stands for the lesson in a list."""
        types = [item.type or item.kind for item in self.items if not item.is_gone]
        return next((t for t in types if t in TIMED_TYPES), types[0] if types else "text")


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """A module with its live lessons."""

    uuid: uuidlib.UUID
    title: str
    title_en: str
    lessons: Sequence[LessonFacts]

    @property
    def minutes(self) -> int:
        """Planned minutes of all lessons."""
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def required(self) -> int:
        """Things to do in all lessons."""
        return sum(lesson.required for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class PointFacts:
    """A point of the standard."""

    id: int
    uuid: uuidlib.UUID
    name: str
    name_en: str
    kind: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit of the standard with its points."""

    name: str
    name_en: str
    points: Sequence[PointFacts]


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """A member of the teaching team."""

    name: str
    title: str
    unit: str
    unit_en: str
    role: str

    @property
    def is_leader(self) -> bool:
        """Whether the person leads the course."""
        return self.role == "leader"


@dataclass(frozen=True, slots=True)
class CourseLink:
    """Another course of the library, to lead to. `is_required`: a condition of joining, not advice."""

    uuid: uuidlib.UUID
    name: str
    name_en: str
    is_required: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run: from when until when people learn in it. `opens`: when a lesson opens, by lesson id, where it is not the start."""

    key: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    kind: str = "mooc"
    title: str = ""
    opens: Mapping[int, dt.datetime] = field(default_factory=dict)

    def is_open(self, now: dt.datetime) -> bool:
        """Whether people may join at `now`."""
        return self.starts_at <= now and (self.ends_at is None or self.ends_at > now)


@dataclass(frozen=True, slots=True)
class LessonNeed:
    """A lesson to complete first, by its id."""

    lesson_id: int
    is_required: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What completes a course, and until when it is promised to stay free (R47, R96)."""

    completion: str = "all"
    share: int = 100
    is_national: bool = False
    free_until: dt.date | None = None
    named: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CourseContents:
    """The contents of a course at one content version, as published or as a run froze them."""

    uuid: uuidlib.UUID
    version: int
    modules: Sequence[ModuleFacts]
    standard: str
    units: Sequence[UnitFacts]
    team: Sequence[TeacherFacts]
    needs: Sequence[CourseLink]
    runs: Sequence[RunFacts]
    cover: str = ""
    by_lesson: Mapping[uuidlib.UUID, LessonFacts] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    lesson_needs: Mapping[int, Sequence[LessonNeed]] = field(default_factory=dict)

    @property
    def lessons(self) -> list[LessonFacts]:
        """Every live lesson in teaching order."""
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def required(self) -> int:
        """Things to do in the whole course."""
        return sum(module.required for module in self.modules)

    @property
    def points(self) -> int:
        """Points of the standard."""
        return sum(len(unit.points) for unit in self.units)

    @property
    def video_s(self) -> float:
        """Seconds of recordings, each counted once."""
        found = {i.resource_id: i.duration_s or 0.0 for lesson in self.lessons for i in lesson.items if i.is_timed}
        return sum(found.values())

    def open_run(self, now: dt.datetime) -> RunFacts | None:
        """The run one joins by oneself at `now`: a dated one that goes on, else one without an end. None where all are over.

        Every published course has run "1", whether somebody opened it or not. Runs with a class list are joined by class.
        """
        joinable = [run for run in self.runs if run.kind == "mooc"] or [RunFacts("1", now, None)]
        going = [run for run in joinable if run.is_open(now)]
        return next((run for run in going if run.ends_at is not None), going[0] if going else None)

    def coming_run(self, now: dt.datetime) -> RunFacts | None:
        """The run open to all that begins next."""
        coming = [run for run in self.runs if run.kind == "mooc" and run.starts_at > now]
        return min(coming, key=lambda run: run.starts_at, default=None)

    def run(self, key: str) -> RunFacts | None:
        """The run of that name."""
        return next((run for run in self.runs if run.key == key), None)

    @property
    def completing(self) -> list[LessonFacts]:
        """The lessons that complete the course: those named, where any of them is there, else every one that asks something."""
        asking = [lesson for lesson in self.lessons if lesson.required]
        named = (
            [lesson for lesson in asking if lesson.id in self.terms.named] if self.terms.completion == "named" else []
        )
        return named or asking

    @property
    def lessons_needed(self) -> int:
        """How many of `completing` complete the course; a share is rounded up."""
        share = self.terms.share if self.terms.completion == "share" else 100
        return -(-len(self.completing) * share // 100)

    def is_completed_by(self, lesson_ids: Collection[int]) -> bool:
        """Whether whoever completed these lessons has completed the course; never true of a course that asks nothing."""
        done = sum(lesson.id in lesson_ids for lesson in self.completing)
        return 0 < self.lessons_needed <= done

    def module_of(self, lesson_uuid: uuidlib.UUID) -> tuple[int, ModuleFacts] | None:
        """The module that holds the lesson, with its number from 1."""
        for number, module in enumerate(self.modules, start=1):
            if any(lesson.uuid == lesson_uuid for lesson in module.lessons):
                return number, module
        return None
