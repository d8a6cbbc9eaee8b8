"""Made-up lessons: published, each with three resources and what stands between them."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from courseware.catalog.models import Activity, Lesson, LessonVersion
from courseware.demo import bulk_words as words
from courseware.demo.bulk_rows import Row
from courseware.demo.bulk_world import ACTIVITY_MINUTES, MODULES, TaughtLesson, World

if TYPE_CHECKING:
    from courseware.demo.bulk_courses import CourseMaker


class LessonMaker:
    """A published lesson: a text, three resources, a task, a question, a discussion."""

    def __init__(self, course: CourseMaker, number: int) -> None:
        self.course, self.rows, self.number = course, course.rows, number
        self.id, self.version_id = self.rows.next_id(Lesson), self.rows.next_id(LessonVersion)
        self.resources = course.resources[number * 3 : number * 3 + 3]
        self.published_at = max(course.opened_at, *(r.published_at for r in self.resources)) + dt.timedelta(hours=2)
        self.keys = tuple(self.rows.uuid() for _ in range(4))

    def row(self) -> Row:
        """Without its pointer, which follows when the version is there."""
        course, (name, english) = self.course, self.course.topic(self.number)
        return {
            "id": self.id, "uuid": self.rows.uuid(), "created_at": self.published_at, "key": f"bulk-{self.id}", "course_id": course.id,
            "module_id": course.modules[self.number // MODULES], "owner_id": course.team[0][0], "copied_from_id": None,
            "seq": self.number % MODULES + 1, "title": f"第{self.number + 1}课 {name}", "title_en": f"Lesson {self.number + 1}: {english}",
            "draft_version_id": None, "published_version_id": None, "is_live": True, "first_published_at": self.published_at,
        }  # fmt: skip

    def version_row(self) -> Row:
        """Its one version."""
        return {
            "id": self.version_id, "uuid": self.rows.uuid(), "created_at": self.published_at, "lesson_id": self.id, "num": 1,
            "state": "published", "revision": 2, "minutes": 45, "introduction": words.sentence(self.id),
            "published_at": self.published_at, "superseded_at": None, "saved_at": self.published_at,
        }  # fmt: skip

    def activity_rows(self) -> Iterator[Row]:
        """Text, resources, task, question; the discussion is free."""
        text_key, task_key, question_key, talk_key = self.keys
        name = self.course.topic(self.number)[0]
        yield self._activity(1, text_key, "text", "课文", words.long_text(self.id))
        for seq, resource in enumerate(self.resources, start=2):
            yield {**self._activity(seq, self.rows.uuid(), "resource", "", ""), "resource_id": resource.id}
        yield self._activity(5, task_key, "task", "任务", f"按步骤完成{name}，填写记录表。")
        yield self._activity(6, question_key, "question", "自测", f"{name}完成后须由两人核对并签名。\nT. 正确\nF. 错误")
        talk = self._activity(7, talk_key, "discussion", "讨论", f"说说{name}中最容易出错的一步。")
        yield {**talk, "is_required": False}

    def _activity(self, seq: int, key: uuidlib.UUID, kind: str, title: str, body: str) -> dict[str, Any]:
        return {
            "key": key, "version_id": self.version_id, "seq": seq, "kind": kind, "segment": "", "title": title, "text": body,
            "url": "", "minutes": ACTIVITY_MINUTES, "resource_id": None, "pinned_version_id": None, "is_required": True,
        }  # fmt: skip

    def taught(self) -> TaughtLesson:
        """As learners meet it: text, task and question are marked by themselves."""
        return TaughtLesson(self.id, tuple(r.taught() for r in self.resources), self.keys[:3])


def store_lessons(world: World, made: Sequence[LessonMaker]) -> None:
    put = world.rows.put
    put(Lesson, (lesson.row() for lesson in made))
    put(LessonVersion, (lesson.version_row() for lesson in made))
    put(Activity, (row for lesson in made for row in lesson.activity_rows()))
