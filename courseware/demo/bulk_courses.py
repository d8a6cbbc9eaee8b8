"""Made-up libraries and courses.

Every course has the same shape: 4 units of 3 points, 30 resources, 3 modules of 3 lessons, 12 questions. Of the
resources 27 are in lessons from the beginning, two came later (M4), and of every second course one was withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from courseware.assessment.models import Question, QuestionPoint
from courseware.assessment.services import question_hash
from courseware.catalog.models import CourseRun, Module
from courseware.core.database import session
from courseware.demo import bulk_words as words
from courseware.demo.bulk_lessons import LessonMaker, store_lessons
from courseware.demo.bulk_resources import ResourceMaker, store_resources
from courseware.demo.bulk_rows import Row
from courseware.demo.bulk_world import BASELINE, BEGAN, KINDS, LESSONS, MODULES, POINTS, RESOURCES, TaughtCourse, World
from courseware.knowledge.models import (
    CourseStandard,
    Point,
    PointAlias,
    PointPrerequisite,
    StandardUnit,
    StandardUnitPoint,
)  # fmt: skip
from courseware.libraries.models import Course, CourseTeacher, Library, LibraryUnit, Major
from courseware.resources import naming

NAMING_TEMPLATE = "{major}-{course}-{point}-{type}-{seq}-{title}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a course belongs."""

    library_id: int
    major_id: int
    major_code: str
    naming_template: str
    team: tuple[tuple[int, int], ...]


def add_libraries(world: World, libraries: int, courses: int, units: Sequence[int]) -> None:
    """Libraries with one major and two hosts each, and their courses in turn."""
    for number in range(libraries):
        place = _add_library(world, number, units)
        share = range(number, courses, libraries)
        made = [CourseMaker(world, place, seq, total) for seq, total in enumerate(share)]
        _store(world, made)
        naming.mark_library(session().get_one(Library, place.library_id))


def _add_library(world: World, number: int, units: Sequence[int]) -> Place:
    rows, code = world.rows, f"99{number:04d}"
    major_id, library_id = rows.next_id(Major), rows.next_id(Library)
    name, english = f"示例专业{number + 1:02d}", f"Example major {number + 1:02d}"
    stamp = {"created_at": BEGAN}
    rows.put(Major, [{"id": major_id, "uuid": rows.uuid(), "code": code, "name": name, "name_en": english, **stamp}])
    rows.put(
        Library,
        [
            {
                "id": library_id, "uuid": rows.uuid(), "code": f"YS{number + 1:03d}", "name": f"{name}教学资源库（示例）",
                "name_en": f"{english} library (demo)", "introduction": words.sentence(number),
                "introduction_en": "Made-up content in bulk, to show what a large installation feels like.",
                "core_major_id": major_id, "naming_template": NAMING_TEMPLATE, "baseline_at": BASELINE, "first_public_day": BEGAN.date(),
                "published_at": BEGAN, **stamp,
            }
        ],
    )  # fmt: skip
    schools = [unit for n, unit in enumerate(units) if n % 3 != 2]
    hosts = [schools[(2 * number) % len(schools)], schools[(2 * number + 1) % len(schools)]]
    rows.put(
        LibraryUnit,
        (
            {"library_id": library_id, "unit_id": unit, "role": "host", "is_first_host": seq == 0, "seq": seq}
            for seq, unit in enumerate(dict.fromkeys(hosts))
        ),
    )
    team = tuple(world.teachers[(3 * number + n) % len(world.teachers)] for n in range(3))
    return Place(library_id, major_id, code, NAMING_TEMPLATE, team)


class CourseMaker:
    """One course with everything in it, as rows still to be stored."""

    def __init__(self, world: World, place: Place, seq: int, total: int) -> None:
        self.world, self.rows, self.place, self.seq, self.total = world, world.rows, place, seq, total
        self.id, self.run_id = self.rows.next_id(Course), self.rows.next_id(CourseRun)
        self.opened_at = world.moment(BEGAN, BEGAN + dt.timedelta(days=40))
        shift = total % len(world.teachers)
        pool = world.teachers[shift : shift + 3] or world.teachers[:3]
        self.team = tuple(dict.fromkeys([*pool, *place.team]))[:3]
        self.point_ids = [self.rows.next_id(Point) for _ in range(POINTS)]
        self.resources = [ResourceMaker(self, number) for number in range(RESOURCES)]
        self.modules = [self.rows.next_id(Module) for _ in range(MODULES)]
        self.lessons = [LessonMaker(self, number) for number in range(LESSONS)]
        self.standard_id = self.rows.next_id(CourseStandard)
        self.unit_ids = [self.rows.next_id(StandardUnit) for _ in range(4)]

    def topic(self, number: int) -> tuple[str, str]:
        """What the n-th point of the course is about."""
        return words.topic(self.total * 5 + number * 17)

    @property
    def code(self) -> str:
        """How the course is called in names of its resources."""
        return f"K{self.total:04d}"

    def point_key(self, number: int) -> str:
        """The key of its n-th point."""
        return f"k{self.total}p{number:02d}"

    def course_row(self) -> Row:
        """Its row in the register."""
        name, english = self.topic(0)
        return {
            "id": self.id, "uuid": self.rows.uuid(), "created_at": BEGAN, "library_id": self.place.library_id,
            "major_id": self.place.major_id, "code": self.code, "seq": self.seq, "kind": KINDS[self.total % len(KINDS)],
            "name": f"{name}实务（示例 {self.total + 1}）", "name_en": f"{english} (example {self.total + 1})",
            "summary": words.sentence(self.total), "summary_en": f"Example course {self.total + 1}: {english.lower()}, step by step.",
            "audience": "示例读者：相关专业学生与在岗人员。", "theory_hours": 16 + self.total % 4 * 8, "practice_hours": 24 + self.total % 5 * 8,
            "semester": self.total % 6 + 1, "published_at": self.opened_at,
        }  # fmt: skip

    def team_rows(self) -> Iterator[Row]:
        """The teaching team, leader first."""
        for seq, (user_id, _unit) in enumerate(self.team):
            role = "leader" if seq == 0 else "teacher"
            yield {"course_id": self.id, "user_id": user_id, "role": role, "seq": seq}

    def run_row(self) -> Row:
        """Run "1", open to all."""
        return {
            "id": self.run_id, "uuid": self.rows.uuid(), "created_at": BEGAN, "course_id": self.id, "key": "1",
            "kind": "mooc", "starts_at": self.opened_at, "ends_at": None,
        }  # fmt: skip

    def point_rows(self) -> Iterator[Row]:
        """Its points; every third is a skill."""
        for number, point_id in enumerate(self.point_ids):
            name, english = self.topic(number)
            yield {
                "id": point_id, "uuid": self.rows.uuid(), "created_at": BEGAN, "library_id": self.place.library_id,
                "course_id": self.id, "key": self.point_key(number), "kind": "skill" if number % 3 == 2 else "knowledge",
                "name": f"{name}·{self.total + 1}.{number + 1}", "name_en": f"{english} {self.total + 1}.{number + 1}",
                "description": words.sentence(self.total * POINTS + number), "is_mandatory": True,
            }  # fmt: skip

    def alias_rows(self) -> Iterator[Row]:
        """The bare name, as people type it."""
        for number, point_id in enumerate(self.point_ids):
            yield {"point_id": point_id, "name": self.topic(number)[0]}

    def prerequisite_rows(self) -> Iterator[Row]:
        """Each point needs the one before."""
        for before, after in zip(self.point_ids, self.point_ids[1:], strict=False):
            yield {"point_id": after, "prerequisite_id": before}

    def standard_rows(self) -> tuple[Row, list[Row], list[Row]]:
        """The course standard: four units of three points."""
        stamp = {"created_at": BEGAN}
        standard: Row = {
            "id": self.standard_id, "uuid": self.rows.uuid(), "course_id": self.id, "version": "1",
            "published_at": self.opened_at, **stamp,
        }  # fmt: skip
        units: list[Row] = [
            {
                "id": unit_id, "standard_id": self.standard_id, "seq": seq, "key": f"k{self.total}u{seq}",
                "name": f"单元{seq}：{self.topic(seq * 3 - 3)[0]}", "name_en": f"Unit {seq}: {self.topic(seq * 3 - 3)[1]}",
            }
            for seq, unit_id in enumerate(self.unit_ids, start=1)
        ]  # fmt: skip
        points: list[Row] = [
            {"unit_id": self.unit_ids[n // 3], "point_id": point_id, "seq": n % 3}
            for n, point_id in enumerate(self.point_ids)
        ]
        return standard, units, points

    def question_rows(self) -> Iterator[tuple[Row, Row]]:
        """A true-or-false question for each point."""
        for number, point_id in enumerate(self.point_ids):
            stem = f"{self.topic(number)[0]}完成后须由两人核对并签名（示例 {self.total + 1}.{number + 1}）。"
            content = {"options": [{"id": "T", "text": "正确"}, {"id": "F", "text": "错误"}], "answer": "T"}
            question_id = self.rows.next_id(Question)
            yield (
                {
                    "id": question_id, "uuid": self.rows.uuid(), "created_at": BEGAN, "course_id": self.id,
                    "key": f"q{self.total}-{number}", "kind": "true_false", "author_id": self.team[0][0],
                    "reviewer_id": self.world.reviewers[self.total % len(self.world.reviewers)], "difficulty": number % 5 + 1,
                    "score": 2, "stem": stem, "content": content, "explanation": "示例：双人核对是基本要求。", "is_objective": True,
                    "content_hash": question_hash(stem, content), "published_at": self.opened_at, "withdrawn_at": None,
                },
                {"question_id": question_id, "point_id": point_id},
            )  # fmt: skip

    def module_rows(self) -> Iterator[Row]:
        """Three modules."""
        for seq, module_id in enumerate(self.modules, start=1):
            yield {
                "id": module_id, "uuid": self.rows.uuid(), "created_at": BEGAN, "course_id": self.id, "seq": seq,
                "title": f"第 {seq} 单元：{self.topic(seq * 4 - 4)[0]}", "title_en": f"Module {seq}: {self.topic(seq * 4 - 4)[1]}",
            }  # fmt: skip

    def taught(self) -> TaughtCourse:
        """As learners meet it."""
        return TaughtCourse(self.id, self.run_id, tuple(lesson.taught() for lesson in self.lessons))


def _store(world: World, made: Sequence[CourseMaker]) -> None:
    """The courses of one library, parents before children."""
    put = world.rows.put
    put(Course, (course.course_row() for course in made))
    put(CourseTeacher, (row for course in made for row in course.team_rows()))
    put(CourseRun, (course.run_row() for course in made))
    put(Point, (row for course in made for row in course.point_rows()))
    put(PointAlias, (row for course in made for row in course.alias_rows()))
    put(PointPrerequisite, (row for course in made for row in course.prerequisite_rows()))
    _store_standards(world, made)
    questions = [pair for course in made for pair in course.question_rows()]
    put(Question, (question for question, _ in questions))
    put(QuestionPoint, (point for _, point in questions))
    store_resources(world, [resource for course in made for resource in course.resources])
    put(Module, (row for course in made for row in course.module_rows()))
    store_lessons(world, [lesson for course in made for lesson in course.lessons])
    world.courses.extend(course.taught() for course in made)


def _store_standards(world: World, made: Sequence[CourseMaker]) -> None:
    standards = [course.standard_rows() for course in made]
    world.rows.put(CourseStandard, (standard for standard, _, _ in standards))
    world.rows.put(StandardUnit, (unit for _, units, _ in standards for unit in units))
    world.rows.put(StandardUnitPoint, (point for _, _, points in standards for point in points))


def set_pointers(world: World, first_resource: int, first_lesson: int) -> None:
    """Lets the new resources and lessons point at their published versions."""
    for table, version, owner, first in (
        ("resource", "resource_version", "resource_id", first_resource),
        ("lesson", "lesson_version", "lesson_id", first_lesson),
    ):
        world.rows.db.execute(
            text(
                f"UPDATE {table} SET published_version_id = (SELECT v.id FROM {version} v "  # noqa: S608  names from here
                f"WHERE v.{owner} = {table}.id AND v.state = 'published') WHERE id >= :first"
            ),
            {"first": first},
        )
