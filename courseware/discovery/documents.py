"""Rows to search documents: what may be found of courses, points, lessons, questions, resources and their moments."""

from __future__ import annotations

import uuid as uuidlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from courseware.assessment.answers import words_of
from courseware.assessment.models import Question
from courseware.catalog.models import Lesson
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session
from courseware.feedback.models import Rating
from courseware.knowledge.models import CourseStandard, Point, StandardUnit, StandardUnitPoint
from courseware.libraries.models import Course, Library
from courseware.progress.models import ResourceProgress
from courseware.resources.models import Asset, CaptionTrack, Resource, ResourceVersion
from media.captions import Cue, parse_captions, search_windows
from media.errors import CaptionError
from search.documents import TEACHING, SearchDocument

MAX_BODY = 60_000
STEM = 200  # characters of a question that stand for its name
LENGTHS = (("short", 5 * 60), ("middle", 15 * 60))  # up to so many seconds; beyond them "long"
DOUBT, MIDDLE = 3, 3.0  # so many judgements of the middle are added to those there are
INDEX_LANGUAGE = "zh"  # moments come from one track a version; the others are in the body

Uuids = Iterable[uuidlib.UUID]


def documents_for(kind: str, uuids: Uuids) -> Iterator[SearchDocument]:
    """The documents of the public things among `uuids`; a resource brings its moments along."""
    makers: dict[str, Callable[[Sequence[uuidlib.UUID]], Iterator[SearchDocument]]] = {
        "resource": _resources,
        "course": _courses,
        "point": _points,
        "lesson": _lessons,
        "question": _questions,
    }
    yield from makers[kind](list(uuids))


def _resources(uuids: Sequence[uuidlib.UUID]) -> Iterator[SearchDocument]:
    version = joinedload(Resource.published_version)
    query = (
        select(Resource)
        .join(Resource.library)
        .where(Resource.uuid.in_(uuids), Resource.is_live, Library.is_public)
        .options(
            contains_eager(Resource.library),
            joinedload(Resource.course),
            joinedload(Resource.major),
            joinedload(Resource.unit),
            selectinload(Resource.points).selectinload(Point.aliases),
            version.selectinload(ResourceVersion.captions).options(undefer(CaptionTrack.webvtt)),
            version.selectinload(ResourceVersion.ranges),
            version.joinedload(ResourceVersion.asset).options(undefer(Asset.extracted_text)),
        )
    )
    found = session().scalars(query).unique().all()
    ids = [resource.id for resource in found]
    used, rated = _used(ids), _rated(ids)
    for resource in found:
        yield from _resource(resource, used.get(resource.id, 0), rated.get(resource.id, 0.0))


def _used(ids: Sequence[int]) -> dict[int, int]:
    """How many people used each resource."""
    query = select(ResourceProgress.resource_id, func.count()).where(ResourceProgress.resource_id.in_(ids))
    return {int(i): int(n) for i, n in session().execute(query.group_by(ResourceProgress.resource_id))}


def _rated(ids: Sequence[int]) -> dict[int, float]:
    """The mean of the stars, drawn towards the middle where few have judged."""
    query = select(Rating.resource_id, func.sum(Rating.stars), func.count()).where(Rating.resource_id.in_(ids))
    return {
        int(i): (float(stars) + DOUBT * MIDDLE) / (int(n) + DOUBT)
        for i, stars, n in session().execute(query.group_by(Rating.resource_id))
    }


def _length(duration_s: float | None) -> str:
    """A word for how long something plays."""
    if not duration_s:
        return ""
    return next((word for word, most in LENGTHS if duration_s <= most), "long")


def _resource(resource: Resource, popularity: int, rating: float) -> Iterator[SearchDocument]:
    version = resource.published_version
    if version is None:
        return
    tracks = {track.language: cues_of(track) for track in version.captions}
    common = _common(resource, version, popularity, rating)
    spoken = " ".join(cue.text for cues in tracks.values() for cue in cues)
    extracted = version.asset.extracted_text if version.asset is not None else ""
    keywords = " ".join(resource.keywords or [])
    body = " ".join(part for part in (resource.description, keywords, version.body, spoken, extracted) if part)
    yield SearchDocument(
        kind="resource",
        id=f"resource:{resource.uuid}",
        title=resource.title,
        title_en=resource.title_en,
        aliases=_aliases(resource.points),
        points=tuple(point.name for point in resource.points),
        point_ids=tuple(str(point.uuid) for point in resource.points),
        body=body[:MAX_BODY],
        **common,
    )
    yield from _moments(resource, version, _main_track(tracks), common)


def cues_of(track: CaptionTrack) -> list[Cue]:
    """The lines of a track; none where it cannot be read, so that one bad track leaves the rest findable."""
    return cues_in(track.webvtt)


def cues_in(webvtt: str) -> list[Cue]:
    """The lines of a caption text; none where it cannot be read."""
    try:
        return parse_captions(webvtt.encode())
    except CaptionError:
        return []


def _main_track(tracks: dict[str, list[Cue]]) -> list[Cue]:
    chinese = next((cues for language, cues in tracks.items() if language.startswith(INDEX_LANGUAGE)), None)
    return chinese if chinese is not None else next(iter(tracks.values()), [])


def _moments(
    resource: Resource, version: ResourceVersion, cues: list[Cue], common: dict[str, Any]
) -> Iterator[SearchDocument]:
    group = f"resource:{resource.uuid}"
    for number, span in enumerate(version.ranges):
        said = " ".join(cue.text for cue in cues if cue.start_s < span.end_s and cue.end_s > span.start_s)
        yield SearchDocument(
            kind="moment",
            id=f"moment:{resource.uuid}:p{number}",
            title=resource.title,
            aliases=_aliases([span.point]),
            points=(span.point.name,),
            point_ids=(str(span.point.uuid),),
            body=said,
            group=group,
            start_s=span.start_s,
            end_s=span.end_s,
            **common,
        )
    for number, window in enumerate(search_windows(cues)):
        yield SearchDocument(
            kind="moment",
            id=f"moment:{resource.uuid}:w{number}",
            title=resource.title,
            body=window.text,
            group=group,
            start_s=window.start_s,
            end_s=window.end_s,
            **common,
        )


def _common(resource: Resource, version: ResourceVersion, popularity: int, rating: float) -> dict[str, Any]:
    moment = resource.updated_at or resource.first_published_at
    return {
        "library": resource.library.code,
        "major": resource.major.code if resource.major else "",
        "course": str(resource.course.uuid) if resource.course else "",
        "type": resource.type,
        "originality": version.originality,
        "unit": str(resource.unit.uuid) if resource.unit else "",
        "year": moment.astimezone(REPORTING_ZONE).year if moment else 0,
        "language": resource.language,
        "tags": tuple(version.tags or ()),
        "length": _length(version.duration_s),
        "popularity": float(popularity),
        "rating": rating,
        "published_at": moment,
    }


def _aliases(points: Iterable[Point]) -> tuple[str, ...]:
    names = [name for point in points for name in (*(alias.name for alias in point.aliases), point.name_en)]
    return tuple(name for name in names if name)


def _points(uuids: Sequence[uuidlib.UUID]) -> Iterator[SearchDocument]:
    """Points of open libraries."""
    present = Point.uuid.in_(uuids) & Point.retired_at.is_(None) & Library.is_public
    query = select(Point).join(Point.library).outerjoin(Point.course).where(present)
    query = query.options(contains_eager(Point.library), contains_eager(Point.course))
    for point in session().scalars(query).unique():
        yield SearchDocument(
            kind="point",
            id=f"point:{point.uuid}",
            title=point.name,
            title_en=point.name_en,
            aliases=tuple(alias.name for alias in point.aliases),
            body=point.description,
            library=point.library.code if point.course else "",
            major=point.course.major.code if point.course else "",
            course=str(point.course.uuid) if point.course else "",
            point_ids=(str(point.uuid),),
        )


def _courses(uuids: Sequence[uuidlib.UUID]) -> Iterator[SearchDocument]:
    query = (
        select(Course)
        .join(Course.library)
        .where(Course.uuid.in_(uuids), Course.published_at.is_not(None), Library.is_public)
        .options(contains_eager(Course.library))
    )
    found = session().scalars(query).unique().all()
    names = _point_names([course.id for course in found])
    for course in found:
        yield SearchDocument(
            kind="course",
            id=f"course:{course.uuid}",
            title=course.name,
            title_en=course.name_en,
            points=tuple(names.get(course.id, ())),
            body=" ".join((course.summary, course.summary_en, course.audience)),
            library=course.library.code,
            major=course.major.code,
            course=str(course.uuid),
            published_at=course.published_at,
        )


def _point_names(course_ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        select(CourseStandard.course_id, Point.name)
        .join(StandardUnit, StandardUnit.standard_id == CourseStandard.id)
        .join(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
        .join(Point, Point.id == StandardUnitPoint.point_id)
        .where(CourseStandard.course_id.in_(course_ids), CourseStandard.published_at.is_not(None))
        .distinct()
    )
    names: dict[int, list[str]] = defaultdict(list)
    for course_id, name in session().execute(query):
        names[course_id].append(name)
    return names


def _lessons(uuids: Sequence[uuidlib.UUID]) -> Iterator[SearchDocument]:
    query = (
        select(Lesson)
        .join(Lesson.course)
        .join(Course.library)
        .where(Lesson.uuid.in_(uuids), Lesson.is_live, Course.published_at.is_not(None), Library.is_public)
        .options(contains_eager(Lesson.course).contains_eager(Course.library), joinedload(Lesson.published_version))
    )
    for lesson in session().scalars(query).unique():
        version = lesson.published_version
        texts = [activity.text for activity in version.activities] if version else []
        yield SearchDocument(
            kind="lesson",
            id=f"lesson:{lesson.uuid}",
            title=lesson.title,
            title_en=lesson.title_en,
            body=" ".join([version.introduction if version else "", *texts])[:MAX_BODY],
            library=lesson.course.library.code,
            major=lesson.course.major.code,
            course=str(lesson.course.uuid),
            published_at=lesson.first_published_at,
        )


def _questions(uuids: Sequence[uuidlib.UUID]) -> Iterator[SearchDocument]:
    """Stem and options of what stands in a bank, for those who may read it; never what is right."""
    query = (
        select(Question, Course)
        .join(Course, Course.id == Question.course_id)
        .join(Course.library)
        .where(
            Question.uuid.in_(uuids),
            Question.published_at.is_not(None),
            Question.withdrawn_at.is_(None),
            Library.is_public,
        )
        .options(
            selectinload(Question.points).selectinload(Point.aliases),
            contains_eager(Course.library),
            joinedload(Course.major),
        )
    )
    for question, course in session().execute(query).unique():
        if question.stem:
            yield SearchDocument(
                kind="question",
                id=f"question:{question.uuid}",
                title=question.stem[:STEM],
                aliases=_aliases(question.points),
                points=tuple(point.name for point in question.points),
                point_ids=tuple(str(point.uuid) for point in question.points),
                body=f"{question.stem} {words_of(question.content)}"[:MAX_BODY],
                library=course.library.code,
                major=course.major.code,
                course=str(course.uuid),
                type=question.kind,
                visibility=TEACHING,
                published_at=question.published_at,
            )
