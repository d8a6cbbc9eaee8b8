"""The plan of a package as plain values: a course, its lessons, what lies in them, and what stays here.

Nothing here reads a table, so that no transaction is open while the writers of both formats go through a plan.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.catalog.queries import CourseContents

OF_A_PAGE = 6_000  # bytes that a page of a lesson takes, for the size that is told before


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the store, as it is: `key` there, bytes, and its ending."""

    key: str
    size: int
    extension: str
    media_type: str = ""

    @property
    def source(self) -> str:
        """The same for the same file: a resource that two lessons use is packed once."""
        return self.key


@dataclass(frozen=True, slots=True)
class Recording:
    """The parts of a recording in the store (pictures and sound apart), to be joined into one file."""

    prefix: str
    picture: str
    sound: str
    duration_s: float
    size: int

    @property
    def source(self) -> str:
        """The same for the same recording."""
        return f"{self.prefix}/{self.picture}/{self.sound}"

    @property
    def extension(self) -> str:
        """mp4 with pictures, m4a without."""
        return "mp4" if self.picture else "m4a"

    @property
    def media_type(self) -> str:
        """As players and manifests name it."""
        return "video/mp4" if self.picture else "audio/mp4"


@dataclass(frozen=True, slots=True)
class Captions:
    """Captions of a recording in one language."""

    language: str
    webvtt: str
    is_machine: bool


@dataclass(frozen=True, slots=True)
class Credit:
    """Who made a thing, and under which licence it may be passed on."""

    title: str
    author: str
    unit: str
    licence: str
    source: str
    originality: str


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of a lesson. `kind`: text, question, task, discussion, link, page, recording, image, document, simulation.

    `name` is unique in the package and made of plain letters; files of the part are called after it.
    """

    kind: str
    name: str
    title: str
    title_en: str = ""
    text: str = ""
    url: str = ""
    minutes: int = 0
    segment: str = ""
    file: Stored | Recording | None = None
    shown: Stored | None = None
    poster: Stored | None = None
    captions: Sequence[Captions] = ()
    points: Sequence[tuple[str, str]] = ()
    credit: Credit | None = None
    version_id: int = 0

    @property
    def files(self) -> list[Stored | Recording]:
        """The files it brings, the main one first."""
        return [one for one in (self.file, self.shown, self.poster) if one is not None]


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """A lesson of the package; `num` counts from 1 through the whole course."""

    num: int
    uuid: uuidlib.UUID
    title: str
    title_en: str
    minutes: int
    introduction: str
    owner: str
    parts: Sequence[Part]

    @property
    def points(self) -> list[tuple[str, str]]:
        """The points its resources teach, each once: (name, English name)."""
        return list(dict.fromkeys(point for part in self.parts for point in part.points))


@dataclass(frozen=True, slots=True)
class ModulePlan:
    """A module of the package."""

    title: str
    title_en: str
    lessons: Sequence[LessonPlan]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A thing that stays here. `reason` is a code of words.REASONS."""

    lesson: str
    title: str
    reason: str
    about: str = ""

    def as_dict(self) -> dict[str, str]:
        """For the report."""
        return {"lesson": self.lesson, "title": self.title, "reason": self.reason, "about": self.about}


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """What is said of the course itself."""

    uuid: uuidlib.UUID
    code: str
    name: str
    name_en: str
    summary: str
    summary_en: str
    audience: str
    licence: str
    library: str
    library_en: str
    hours: int


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A published question of the course's bank."""

    key: str
    kind: str
    stem: str
    content: Mapping[str, Any]
    explanation: str
    score: int | None


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """A course as it would be packed: plain values, so that no transaction is open while files are written."""

    course: CourseFacts
    contents: CourseContents
    modules: Sequence[ModulePlan]
    left_out: Sequence[LeftOut]
    questions: Sequence[QuestionFacts] = ()

    @property
    def lessons(self) -> list[LessonPlan]:
        """Every lesson in order."""
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def parts(self) -> list[Part]:
        """Every part in order."""
        return [part for lesson in self.lessons for part in lesson.parts]

    @property
    def size(self) -> int:
        """Bytes of the package, as far as they are known before: files, and a guess for each page."""
        files = {file.source: file.size for part in self.parts for file in part.files}
        return sum(files.values()) + OF_A_PAGE * (len(self.lessons) + 4)

    def credits(self) -> list[Credit]:
        """Everything that names an author, each once."""
        return list(dict.fromkeys(part.credit for part in self.parts if part.credit is not None))


def reasons_of(left_out: Iterable[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    """What stays here, by its reason."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for one in left_out:
        found.setdefault(one["reason"], []).append(one)
    return found
