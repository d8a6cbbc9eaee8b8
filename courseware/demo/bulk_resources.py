"""Made-up resources: one published version, or two, each with its file, its moments and its review."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from courseware.demo import bulk_words as words
from courseware.demo.bulk_rows import Row
from courseware.demo.bulk_world import (
    BASELINE,
    BEGAN,
    POINTS,
    RESOURCES,
    SECOND_YEAR,
    TAUGHT,
    TIMED,
    TYPES,
    TaughtResource,
    Template,
    World,
)  # fmt: skip
from courseware.resources import naming
from courseware.resources.content import hash_text
from courseware.resources.models import (
    Asset,
    CaptionTrack,
    LiveSpan,
    PointRange,
    Rendition,
    Resource,
    ResourcePoint,
    ResourceVersion,
)  # fmt: skip
from courseware.review.models import DIMENSIONS, Decision, Submission, Verdict

if TYPE_CHECKING:
    from courseware.demo.bulk_courses import CourseMaker


class ResourceMaker:
    """A resource with one published version, or two."""

    def __init__(self, course: CourseMaker, number: int) -> None:
        world = course.world
        self.course, self.rows, self.number, self.serial = course, course.rows, number, world.number
        world.number += 1
        self.type = TYPES[number]
        self.id = self.rows.next_id(Resource)
        self.author_id, self.unit_id = course.team[number % len(course.team)]
        self.published_at = self._published(world)
        self.template = self._template(world)
        self.version_ids = [(self.published_at, self.rows.next_id(ResourceVersion))]
        if number < TAUGHT and self.serial % 8 == 0:
            self.version_ids.append((world.moment(SECOND_YEAR, world.until), self.rows.next_id(ResourceVersion)))
        self.withdrawn_at = (
            world.moment(SECOND_YEAR, world.until) if number == RESOURCES - 1 and course.total // 3 % 2 else None
        )
        self.point_ids = list(
            dict.fromkeys([course.point_ids[number % POINTS], course.point_ids[(number * 5 + 1) % POINTS]])
        )

    def _published(self, world: World) -> dt.datetime:
        if self.number == TAUGHT:
            return world.moment(BASELINE, SECOND_YEAR)
        if self.number == TAUGHT + 1:
            return world.moment(SECOND_YEAR, world.until)
        return world.moment(BEGAN, BEGAN + dt.timedelta(days=45))

    def _template(self, world: World) -> Template | None:
        pool = world.captioned if self.serial % 10 == 0 and self.type in world.captioned else world.templates
        known = pool.get(self.type, [])
        return known[self.serial % len(known)] if known and self.type != "text" else None

    @property
    def duration_s(self) -> float | None:
        """Seconds of a recording."""
        if self.type not in TIMED:
            return None
        return self.template.duration_s if self.template and self.template.duration_s else 60.0 + self.serial % 180

    @property
    def title(self) -> tuple[str, str]:
        """In Chinese and in English."""
        name, english = self.course.topic(self.number % POINTS)
        form = words.FORMS[self.type]
        return f"{form}：{name}（示例 {self.serial + 1}）", f"{english} ({self.type}, example {self.serial + 1})"

    def row(self) -> Row:
        """Without its pointers, which follow when the versions are there."""
        course, (title, english) = self.course, self.title
        newest = max(since for since, _ in self.version_ids)
        return {
            "id": self.id, "uuid": self.rows.uuid(), "created_at": self.published_at, "library_id": course.place.library_id,
            "course_id": course.id, "major_id": course.place.major_id, "author_id": self.author_id, "unit_id": self.unit_id,
            "external_id": f"bulk-{self.serial}", "type": self.type, "title": title, "title_en": english,
            "name": self._name(title), "description": words.sentence(self.serial), "language": "zh-CN",
            "keywords": [course.topic(self.number % POINTS)[0], "示例"], "difficulty": self.serial % 5 + 1,
            "audience": "示例读者", "source": "批量示例", "derived_from_id": None, "translation_of_id": None,
            "draft_version_id": None, "published_version_id": None, "is_live": self.withdrawn_at is None,
            "is_imported": True, "first_published_at": self.published_at, "updated_at": newest, "lock_version": 1,
        }  # fmt: skip

    def _name(self, title: str) -> str:
        """By the template of its library (R19), numbered in its course."""
        course = self.course
        return naming.fill(
            course.place.naming_template, self.type, title, f"{self.number + 1:03d}", major=course.place.major_code,
            course=course.code, point=course.point_key(self.number % POINTS),
        )  # fmt: skip

    def asset_rows(self, num: int) -> tuple[Row, list[Row]] | None:
        """A file of its own in the books, whose bytes are those of a file that is here."""
        if self.template is None:
            return None
        asset_id = self.rows.next_id(Asset)
        sha256 = hashlib.sha256(f"bulk {self.serial} {num}".encode()).hexdigest()
        asset = {
            "id": asset_id, "uuid": self.rows.uuid(), "created_at": self.published_at, "sha256": sha256,
            "extracted_text": "", "reason_code": "", "reason": "", **self.template.asset, "state": "ready",
        }  # fmt: skip
        renditions: list[Row] = [
            {"uuid": self.rows.uuid(), "created_at": self.published_at, "asset_id": asset_id, **rendition}
            for rendition in self.template.renditions
        ]
        return asset, renditions

    def version_row(self, at: dt.datetime, version_id: int, asset: Row | None) -> Row:
        """A published version; the last is what learners see."""
        num = 1 + [number for _, number in self.version_ids].index(version_id)
        is_last = num == len(self.version_ids)
        body = f"{words.long_text(self.serial)}\n第 {num} 版。" if asset is None and self.type == "text" else ""
        stands_for = hashlib.sha256(f"bulk file {self.serial} {num}".encode()).hexdigest()
        return {
            "id": version_id, "uuid": self.rows.uuid(), "created_at": at, "resource_id": self.id, "num": num,
            "author_id": self.author_id, "state": "published" if is_last else "superseded", "body": body,
            "asset_id": asset["id"] if asset else None,
            "content_hash": asset["sha256"] if asset else (hash_text(body) or stands_for), "duration_s": self.duration_s,
            "originality": "original" if self.serial % 10 < 8 else "adapted", "has_evidence": True,
            "evidence_note": "批量示例", "is_evidence_accepted": True, "licence": "CC-BY-NC-SA-4.0",
            "reason": "" if num == 1 else "补充现场案例与参数", "summary": "", "tags": [] if num == 1 else ["新技术"], "measured": {},
            "proposed_class": "new" if num == 1 else "substantive", "decided_class": "new" if num == 1 else "substantive",
            "submitted_at": at - dt.timedelta(days=1), "published_at": at,
        }  # fmt: skip

    def span_row(self) -> Row:
        """When it was to be seen."""
        reason = "内容陈旧" if self.withdrawn_at else ""
        return {
            "resource_id": self.id, "started_at": self.published_at, "ended_at": self.withdrawn_at, "reason": reason
        }  # fmt: skip

    def range_rows(self) -> Iterator[Row]:
        """Two moments of every third recording, in each version."""
        length = self.duration_s
        if length is None or self.serial % 3:
            return
        for _, version_id in self.version_ids:
            for seq, point_id in enumerate(self.point_ids[:2]):
                start = round(length * (0.1 + 0.4 * seq), 1)
                end = round(length * (0.45 + 0.4 * seq), 1)
                yield {"version_id": version_id, "point_id": point_id, "start_s": start, "end_s": end}

    def caption_rows(self) -> Iterator[Row]:
        """The captions of the file it shows, for one recording in ten."""
        if self.template is None or self.serial % 10:
            return
        for at, version_id in self.version_ids:
            for language, webvtt in self.template.captions:
                yield {
                    "uuid": self.rows.uuid(), "created_at": at, "version_id": version_id, "language": language,
                    "webvtt": webvtt, "is_machine": False,
                }  # fmt: skip

    def taught(self) -> TaughtResource:
        """As learners meet it."""
        return TaughtResource(self.id, self.type, self.duration_s, tuple(self.version_ids))


def store_resources(world: World, made: Sequence[ResourceMaker]) -> None:
    put = world.rows.put
    versions: list[Row] = []
    assets: list[Row] = []
    renditions: list[Row] = []
    for resource in made:
        for num, (at, version_id) in enumerate(resource.version_ids, start=1):
            file = resource.asset_rows(num)
            if file is not None:
                assets.append(file[0])
                renditions.extend(file[1])
            versions.append(resource.version_row(at, version_id, file[0] if file else None))
    put(Asset, assets)
    put(Rendition, renditions)
    put(Resource, (resource.row() for resource in made))
    put(ResourceVersion, versions)
    put(
        ResourcePoint,
        (
            {"resource_id": resource.id, "point_id": point_id, "seq": seq}
            for resource in made
            for seq, point_id in enumerate(resource.point_ids)
        ),
    )
    put(LiveSpan, (resource.span_row() for resource in made))
    put(PointRange, (row for resource in made for row in resource.range_rows()))
    put(CaptionTrack, (row for resource in made for row in resource.caption_rows()))
    _store_reviews(world, versions)


def _store_reviews(world: World, versions: Sequence[Row]) -> None:
    """Every published version was handed in, and approved in all dimensions by somebody else."""
    submissions, decisions, verdicts = [], [], []
    for number, version in enumerate(versions):
        submission_id, decision_id = world.rows.next_id(Submission), world.rows.next_id(Decision)
        submissions.append(
            {
                "id": submission_id, "uuid": world.rows.uuid(), "version_id": version["id"], "submitted_by_id": version["author_id"],
                "submitted_at": version["submitted_at"], "due_at": version["submitted_at"] + dt.timedelta(days=7), "levels": 1, "level": 1,
                "state": "approved", "commitment": "批量示例", "is_imported": True,
            }
        )  # fmt: skip
        decisions.append(
            {
                "id": decision_id, "uuid": world.rows.uuid(), "submission_id": submission_id, "level": 1,
                "reviewer_id": world.reviewers[number % len(world.reviewers)], "decision": "approve",
                "decided_class": version["decided_class"], "is_evidence_accepted": True, "note": "",
                "decided_at": version["published_at"],
            }
        )  # fmt: skip
        verdicts += [{"decision_id": decision_id, "dimension": d, "is_passed": True, "note": ""} for d in DIMENSIONS]
    world.rows.put(Submission, submissions)
    world.rows.put(Decision, decisions)
    world.rows.put(Verdict, verdicts)
