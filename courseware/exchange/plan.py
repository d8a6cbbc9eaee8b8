"""What a package of a course will hold, and what stays here and why. Read in a fixed number of queries; nothing is opened.

The page says from it what is inside before anybody waits; the writers of both formats go through it in order.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from courseware.assessment.models import Question
from courseware.catalog import queries as catalog
from courseware.catalog.queries import CourseContents, Item, LessonFacts
from courseware.core.database import session
from courseware.exchange import policy
from courseware.libraries.models import Course
from courseware.resources.models import Asset, CaptionTrack, Rendition, Resource, ResourceVersion

TALLEST = 720  # lines of the video that is taken along: sharp on a phone and a projector, a third of the size of 1080
OF_A_PAGE = 6_000  # bytes that a page of a lesson takes, for the size that is told before
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "application/pdf": "pdf",
}


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


def content_key(course: Course, questions: int) -> str:
    """The name of the present state of a course: whatever changes it changes the name (catalog's content version)."""
    return f"{course.content_version}-{questions}"


def count_questions(course: Course) -> int:
    """Published questions of the course's bank."""
    return session().scalar(select(func.count()).where(*_published(course))) or 0


def plan_of(course: Course, audience: str = "open") -> CoursePlan:
    """The plan for an audience. Queries: those of the contents, and four more however many things there are."""
    contents = catalog.contents_of(course)
    sorting = _Sorting(_versions(contents))
    modules = [
        ModulePlan(module.title, module.title_en, [sorting.lesson(lesson) for lesson in module.lessons])
        for module in contents.modules
    ]
    questions = _questions(course) if audience == "team" else []
    return CoursePlan(_facts(course), contents, modules, sorting.left_out, questions)


def _facts(course: Course) -> CourseFacts:
    library = course.library
    return CourseFacts(
        course.uuid, course.code, course.name, course.name_en, course.summary, course.summary_en, course.audience,
        course.licence, library.name, library.name_en, course.theory_hours + course.practice_hours,
    )  # fmt: skip


def _questions(course: Course) -> list[QuestionFacts]:
    rows = session().scalars(select(Question).where(*_published(course)).order_by(Question.key))
    return [QuestionFacts(q.key, q.kind, q.stem, q.content, q.explanation, q.score) for q in rows]


def _published(course: Course) -> tuple[Any, ...]:
    return Question.course_id == course.id, Question.published_at.is_not(None), Question.withdrawn_at.is_(None)


def _versions(contents: CourseContents) -> dict[int, ResourceVersion]:
    ids = {
        item.version_id for lesson in contents.lessons for item in lesson.items if item.version_id and not item.is_gone
    }
    resource = joinedload(ResourceVersion.resource)
    parts = (
        resource.joinedload(Resource.author), resource.joinedload(Resource.unit), resource.joinedload(Resource.library),
        resource.selectinload(Resource.points), joinedload(ResourceVersion.asset).selectinload(Asset.renditions),
        selectinload(ResourceVersion.captions).options(undefer(CaptionTrack.webvtt)),
    )  # fmt: skip
    query = select(ResourceVersion).where(ResourceVersion.id.in_(ids)).options(*parts)
    return {version.id: version for version in session().scalars(query)} if ids else {}


@dataclass(slots=True)
class _Sorting:
    """Goes through the lessons and decides for each thing whether it comes along."""

    versions: Mapping[int, ResourceVersion]
    left_out: list[LeftOut] = field(default_factory=list)
    num: int = 0

    def lesson(self, facts: LessonFacts) -> LessonPlan:
        """The lesson with what comes along."""
        self.num += 1
        parts = [part for seq, item in enumerate(facts.items, 1) if (part := self._part(facts, item, seq)) is not None]
        return LessonPlan(
            self.num, facts.uuid, facts.title, facts.title_en, facts.minutes, facts.introduction, facts.owner, parts
        )

    def _part(self, lesson: LessonFacts, item: Item, seq: int) -> Part | None:
        name = f"{self.num:03d}-{seq:02d}"
        if item.resource_id is None:
            return Part(
                item.kind, name, item.title, text=item.text, url=item.url, minutes=item.minutes, segment=item.segment
            )
        version = self.versions.get(item.version_id or 0)
        reason = "withdrawn" if item.is_gone or version is None else _reason(version)
        if reason or version is None:
            about = version.licence if version is not None and reason == "licence" else ""
            self.left_out.append(LeftOut(lesson.title, item.title, reason, about))
            return None
        return _of_resource(name, item, version)


def _reason(version: ResourceVersion) -> str:
    """Why a resource stays here; empty for one that comes along."""
    asset = version.asset
    if not policy.may_leave(version.licence):
        return "licence"
    if asset is None:
        return "" if version.body else "no_content"
    if asset.kind in ("video", "audio") and recording_of(asset) is None:
        return "not_ready"
    return ""


def _of_resource(name: str, item: Item, version: ResourceVersion) -> Part:
    resource, asset = version.resource, version.asset
    file, shown, kind = _files(resource, version)
    poster = _picture(asset.rendition("poster")) if asset is not None and kind == "recording" else None
    return Part(
        kind, name, item.title, item.title_en, version.body or resource.description, minutes=item.minutes, segment=item.segment,
        file=file, shown=shown, poster=poster, credit=_credit(version), version_id=version.id,
        captions=[Captions(track.language, track.webvtt, track.is_machine) for track in version.captions],
        points=[(point.name, point.name_en) for point in resource.points],
    )  # fmt: skip


def _files(resource: Resource, version: ResourceVersion) -> tuple[Stored | Recording | None, Stored | None, str]:
    """The file that comes along, what is shown in its place in a page, and the kind of the part."""
    asset = version.asset
    if asset is None:
        return None, None, "page"
    if asset.kind in ("video", "audio"):
        return recording_of(asset), None, "recording"
    original = Stored(asset.store_key, asset.size, _extension(asset), asset.media_type)
    if asset.kind == "image":
        return original, None, "image"
    return original, _pages(asset), "simulation" if resource.type == "simulation" else "document"


def recording_of(asset: Asset) -> Recording | None:
    """What to join of a recording: the sharpest pictures up to TALLEST lines, and the sound. None before it plays."""
    playable = asset.rendition("hls")
    lists = playable.facts.get("playlists", []) if playable is not None else []
    pictures = [one for one in lists if one["kind"] == "video"]
    picture = max(
        (one for one in pictures if _lines(one) <= TALLEST), key=_lines, default=min(pictures, key=_lines, default=None)
    )
    sound = next((one for one in lists if one["kind"] == "audio"), None)
    chosen = [one for one in (picture, sound) if one is not None]
    if playable is None or not chosen:
        return None
    return Recording(
        playable.store_key, picture["name"] if picture else "", sound["name"] if sound else "",
        max(float(one["duration_s"]) for one in chosen), sum(int(one["size"]) for one in chosen),
    )  # fmt: skip


def _lines(playlist: Mapping[str, Any]) -> int:
    return min(int(playlist["width"]), int(playlist["height"])) or int(playlist["height"])


def _pages(asset: Asset) -> Stored | None:
    """An Office file as PDF, where the server drew one."""
    drawn = asset.rendition("preview")
    if drawn is None or not str(drawn.facts.get("file", "")).endswith(".pdf"):
        return None
    return Stored(f"{drawn.store_key}/{drawn.facts['file']}", int(drawn.facts.get("size", 0)), "pdf", "application/pdf")


def _picture(rendition: Rendition | None) -> Stored | None:
    if rendition is None or not rendition.facts.get("file"):
        return None
    name = str(rendition.facts["file"])
    return Stored(
        f"{rendition.store_key}/{name}", int(rendition.facts.get("size", 60_000)), _ending(name), "image/jpeg"
    )


def _extension(asset: Asset) -> str:
    return (
        EXTENSIONS.get(asset.media_type) or str(asset.facts.get("extension") or "") or _ending(asset.filename) or "bin"
    )


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lstrip(".").lower()


def _credit(version: ResourceVersion) -> Credit:
    resource = version.resource
    unit = resource.unit.name if resource.unit is not None else resource.library.name
    return Credit(resource.title, resource.author.name, unit, version.licence, resource.source, version.originality)


def reasons_of(left_out: Iterable[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    """What stays here, by its reason."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for one in left_out:
        found.setdefault(one["reason"], []).append(one)
    return found
