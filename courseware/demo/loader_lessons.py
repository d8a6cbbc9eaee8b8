"""Modules after the units of the standard, and lessons with their text, segments, tasks and questions.

The replay published the lessons with their resources alone; here the published versions get the rest of what the
story tells of them. Their resources, and so every figure that counts them, stay as they were.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from courseware.catalog import services as catalog
from courseware.catalog.models import Activity, Lesson, LessonVersion, Module
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_words import courses, users
from courseware.demo.material.corpus import Record, corpus, lines_of
from courseware.libraries.models import Course
from courseware.progress.models import ActivityDone, LessonProgress, ResourceProgress
from courseware.resources.models import Resource

DRAFTED = dt.datetime(2026, 10, 20, 15, tzinfo=clock.REPORTING_ZONE)
DUMP_TITLE = ("素材汇总（堆砌课示例，不计入引用）", "A heap of files (an example that does not count)")
PLACES = {
    "video": "focused_lecture", "presentation": "focused_lecture", "animation": "opening", "audio": "pre_study", "image": "discussion",
    "simulation": "simulation_drill", "text": "in_class_check", "other": "on_post_practice",
}  # fmt: skip
KINDS = {"discussion": "discussion", "pre_study": "task"}
MINUTES = {
    "video": 4,
    "animation": 2,
    "audio": 4,
    "text": 3,
    "presentation": 8,
    "image": 2,
    "simulation": 10,
    "other": 5,
}
SEGMENT_ORDER = (
    "pre_study", "opening", "focused_lecture", "discussion", "simulation_drill", "problem_solving", "in_class_check",
    "on_post_practice",
)  # fmt: skip
QUESTIONS_A_LESSON = 2


def build_lessons() -> None:
    """Modules, published lessons and drafts of every course; progress is counted anew."""
    questions = _questions_by_point()
    for code, course in courses().items():
        modules = _modules(course, code)
        _fill_course(course, code, modules, questions)
        catalog.touch_course(course)
    session().flush()
    recount()


def _questions_by_point() -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for question in lines_of("questions.jsonl"):
        if question["kind"] in ("single", "true_false"):
            found[question["points"][0]].append(question)
    return found


def _modules(course: Course, code: str) -> dict[str, Module]:
    """One module a unit of the standard; the one that the replay made becomes the first."""
    made = session().scalar(select(Module).where(Module.course_id == course.id))
    modules: dict[str, Module] = {}
    for seq, unit in enumerate(corpus().courses[code]["standard"]["units"], start=1):
        module = made if seq == 1 and made is not None else Module(course_id=course.id)
        module.seq, module.title, module.title_en = seq, unit["name_zh"], unit["name_en"]
        session().add(module)
        modules[unit["key"]] = module
    session().flush()
    return modules


def _fill_course(course: Course, code: str, modules: dict[str, Module], questions: dict[str, list[Record]]) -> None:
    told = [lesson for lesson in corpus().lessons.values() if lesson["course"] == code]
    there = {lesson.key: lesson for lesson in session().scalars(select(Lesson).where(Lesson.course_id == course.id))}
    seqs: dict[int, int] = defaultdict(int)
    for record in told:
        module = modules[record["unit"]]
        lesson = there.pop(f"les-{record['key']}", None)
        if lesson is None:
            lesson = _draft(course, module, record, questions)
        else:
            _complete(lesson, module, record, questions)
        seqs[module.id] += 1
        lesson.seq = seqs[module.id]
    for stray in there.values():
        last = list(modules.values())[-1]
        stray.module_id, stray.seq = last.id, seqs[last.id] + 1
        stray.title, stray.title_en = DUMP_TITLE


def _complete(lesson: Lesson, module: Module, record: Record, questions: dict[str, list[Record]]) -> None:
    lesson.title, lesson.title_en, lesson.module_id = record["title_zh"], record["title_en"], module.id
    version = lesson.published_version
    if version is None:
        return
    _introduce(version, record)
    held = [activity for activity in version.activities if activity.kind == "resource"]
    found = {r.id: r for r in session().scalars(select(Resource).where(Resource.id.in_([a.resource_id for a in held])))}
    for activity in held:
        resource = found[activity.resource_id or 0]
        activity.is_required, activity.minutes = True, MINUTES[resource.type]
        activity.segment = PLACES[resource.type] if "segments" in record else ""
    others = [Activity(**fields) for fields in other_activities(record, questions)]
    version.activities = _in_order([*held, *others])
    session().flush()


def _draft(course: Course, module: Module, record: Record, questions: dict[str, list[Record]]) -> Lesson:
    """A lesson that its owner has not finished: what could be in it is in it, nobody sees it."""
    owner = users()[corpus().courses[record["course"]]["team"][0]["user"]]
    with clock.frozen(DRAFTED):
        lesson = catalog.create_lesson(
            owner, module, record["title_zh"], title_en=record["title_en"], minutes=record["minutes"], key=f"les-{record['key']}"
        )  # fmt: skip
        keys = [r["key"] for r in corpus().resources.values() if set(r["points"]) & set(record["points"])]
        live = select(Resource).where(Resource.external_id.in_(keys), Resource.course_id == course.id, Resource.is_live)
        items: list[dict[str, Any]] = [
            {"kind": "resource", "resource": r, "minutes": MINUTES[r.type]}
            for r in session().scalars(live.order_by(Resource.id).limit(4))
        ]
        others = [{**fields, "required": True} for fields in other_activities(record, questions)]
        version = catalog.save_draft(owner, lesson, [*items, *others])
        _introduce(version, record)
    return lesson


def _introduce(version: LessonVersion, record: Record) -> None:
    version.minutes = record["minutes"]
    version.introduction = "本课要点：" + "；".join(record["key_points_zh"]) + "。"


def other_activities(record: Record, questions: dict[str, list[Record]]) -> list[dict[str, Any]]:
    """The text, the segments' tasks and some questions of a lesson, as fields of Activity."""
    has_segments = "segments" in record
    text = {
        "kind": "text", "title": "课文", "text": record["body_zh"], "minutes": 8,
        "segment": "focused_lecture" if has_segments else "",
    }  # fmt: skip
    tasks = [
        {
            "kind": KINDS.get(s["segment"], "task"),
            "title": s["name_zh"],
            "text": s["activity_zh"],
            "minutes": s["minutes"],
            "segment": s["segment"],
        }
        for s in record.get("segments", ())
    ]
    asked = _asked(record, questions)
    return [text, *tasks, *(_question(q, "in_class_check" if has_segments else "") for q in asked)]


def _asked(record: Record, questions: dict[str, list[Record]]) -> Sequence[Record]:
    return [questions[point][0] for point in record["points"] if questions.get(point)][:QUESTIONS_A_LESSON]


def _question(question: Record, segment: str) -> dict[str, Any]:
    options = [f"{option['id']}. {option['text']}" for option in question["options"]]
    answer = f"参考答案：{question['answer']}。{question['explanation_zh']}"
    text = "\n".join([question["stem_zh"], *options, answer])
    return {"kind": "question", "title": "自测", "text": text, "minutes": 2, "segment": segment}


def _in_order(activities: Iterable[Activity]) -> list[Activity]:
    """By segment; inside a segment, and in lessons without any, what explains before what asks."""
    kinds = {"text": 0, "resource": 1, "discussion": 2, "task": 3, "question": 4}
    segments = {name: at for at, name in enumerate(SEGMENT_ORDER)}
    ordered = sorted(activities, key=lambda a: (segments.get(a.segment, 0), kinds[a.kind]))
    for seq, activity in enumerate(ordered, start=1):
        activity.seq = seq
    return ordered


def recount() -> None:
    """Counts every learner's lessons by what they now require.

    Who has done all resources of a lesson is taken to have done its texts and tasks as well.
    """
    db = session()
    complete = set(
        db.execute(
            select(ResourceProgress.user_id, ResourceProgress.resource_id).where(ResourceProgress.is_complete)
        ).tuples()
    )
    lessons = {lesson.id: lesson for lesson in db.scalars(select(Lesson).where(Lesson.is_live))}
    for row in db.scalars(select(LessonProgress).order_by(LessonProgress.id)):
        version = lessons[row.lesson_id].published_version
        held = [a for a in version.activities if a.is_required] if version else []
        required = [a for a in held if a.resource is None or a.resource.is_live]
        _count(row, required, complete)
    db.flush()


def _count(row: LessonProgress, required: Sequence[Activity], complete: set[tuple[int, int]]) -> None:
    held = [a for a in required if a.kind == "resource"]
    seen = sum((row.user_id, a.resource_id) in complete for a in held)
    row.required, row.done, row.completed_at = len(required), seen, None
    if held and seen == len(held):
        rest = (a for a in required if a.kind != "resource")
        session().add_all(ActivityDone(user_id=row.user_id, activity_key=a.key, at=row.updated_at) for a in rest)
        row.done, row.completed_at = len(required), row.updated_at
