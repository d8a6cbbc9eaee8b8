"""What a package of a course will hold, and what stays here and why. Read in a fixed number of queries; nothing is opened.

The page says from it what is inside before anybody waits; the writers of both formats go through it in order. The values are
those of `planned.py`; which files of a resource come along stands in `plan_files.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from courseware.assessment.models import Question
from courseware.catalog import queries as catalog
from courseware.catalog.queries import CourseContents, Item, LessonFacts
from courseware.core.database import session
from courseware.exchange import policy
from courseware.exchange.plan_files import files_of, picture_of, recording_of
from courseware.exchange.planned import (
    Captions,
    CourseFacts,
    CoursePlan,
    Credit,
    LeftOut,
    LessonPlan,
    ModulePlan,
    Part,
    QuestionFacts,
)
from courseware.libraries.models import Course
from courseware.resources.models import Asset, CaptionTrack, Resource, ResourceVersion


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
    file, shown, kind = files_of(resource, version)
    poster = picture_of(asset.rendition("poster")) if asset is not None and kind == "recording" else None
    return Part(
        kind, name, item.title, item.title_en, version.body or resource.description, minutes=item.minutes, segment=item.segment,
        file=file, shown=shown, poster=poster, credit=_credit(version), version_id=version.id,
        captions=[Captions(track.language, track.webvtt, track.is_machine) for track in version.captions],
        points=[(point.name, point.name_en) for point in resource.points],
    )  # fmt: skip


def _credit(version: ResourceVersion) -> Credit:
    resource = version.resource
    unit = resource.unit.name if resource.unit is not None else resource.library.name
    return Credit(resource.title, resource.author.name, unit, version.licence, resource.source, version.originality)
