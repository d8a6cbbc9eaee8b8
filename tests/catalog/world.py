"""A library with a course that can be taken, people around it, and a second course as noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.catalog import services as catalog
from courseware.catalog.models import Lesson, Module
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.enrollment import services as enrollment
from courseware.knowledge import services as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import services as libraries
from courseware.libraries.models import Course, Library
from courseware.resources import services as resources
from courseware.resources.models import Resource
from tests.servers.rewound import MadeOnce


@dataclass
class World:
    """What the tests of catalog, enrollment and progress stand on."""

    school: Unit
    library: Library
    course: Course
    other_course: Course
    module: Module
    points: list[Point]
    teacher: User
    colleague: User
    student: User
    classmate: User
    serial: list[int] = field(default_factory=lambda: [0])

    def resource(
        self, title: str = "焊枪角度", type_: str = "text", *, seconds: float | None = None, **more: Any
    ) -> Resource:
        """A live resource of the teacher; a recording has no file, only a length."""
        self.serial[0] += 1
        made = resources.create_resource(
            more.pop("author", self.teacher), self.library, type=type_, title=title, course=self.course,
            points=more.pop("points", self.points[:1]), originality="original", licence="CC-BY-4.0",
            body=f"{title}：第 {self.serial[0]} 份正文。", **more,
        )  # fmt: skip
        assert made.draft_version is not None
        made.draft_version.duration_s = seconds
        resources.publish_version(made.draft_version)
        session().flush()
        return made

    def video(self, title: str = "枪角演示", seconds: float = 100.0) -> Resource:
        """A live video of so many seconds."""
        return self.resource(title, "video", seconds=seconds)

    def lesson(
        self, *items: Any, title: str = "立向上角焊", module: Module | None = None, actor: User | None = None
    ) -> Lesson:
        """A published lesson of resources, or of dicts for other activities."""
        who = actor or self.teacher
        made = catalog.create_lesson(who, module or self.module, title)
        catalog.save_draft(who, made, [as_item(item) for item in items])
        catalog.publish_lesson(who, made)
        session().refresh(self.course)
        return made

    def enrol(self, user: User | None = None) -> None:
        """Puts the student into the course."""
        enrollment.enrol(user or self.student, self.course)

    def person(self, name: str, *roles: Role, **more: Any) -> User:
        """Another account of the school."""
        return accounts.create_user(f"{name}@example.org", name, unit=self.school, roles=roles, **more)


def as_item(item: Any) -> dict[str, Any]:
    """A resource, or an activity given as a dict, as the services take it."""
    return {"kind": "resource", "resource": item, "minutes": 5} if isinstance(item, Resource) else item


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    """The world, as new."""
    made: World = made_once(make_world)
    return made


def make_world() -> World:
    """A new world, flushed."""
    school = accounts.create_unit("school", "海川职业技术学院", "school")
    robots = libraries.create_major("460305", "工业机器人技术", name_en="Industrial Robots")
    cars = libraries.create_major("500211", "汽车检测", name_en="Car Testing")
    library = libraries.create_library(
        "ROBOT", "工业机器人资源库", robots, hosts=[school], served_majors=[cars], name_en="Robot Library"
    )

    def person(name: str, *roles: Role) -> User:
        return accounts.create_user(f"{name}@example.org", name, unit=school, roles=roles)

    teacher, colleague = person("林知遥", Role.TEACHER), person("陈默川", Role.TEACHER)
    course = libraries.create_course(
        library, "WELD", "焊接机器人操作基础", "core", robots, name_en="Welding Robot Basics", theory_hours=14, practice_hours=34,
        summary="学完八个单元，你能独立完成一条角焊缝的示教、试焊和调参。", summary_en="Teach, weld and tune a fillet seam on your own.",
    )  # fmt: skip
    other = libraries.create_course(
        library, "PLC", "可编程控制器", "foundation", cars, theory_hours=64, practice_hours=32
    )
    libraries.set_team(course, [(teacher, "leader")])
    points = [
        knowledge.create_point(library, f"p{n}", name, kind, course=course, name_en=en)
        for n, (name, en, kind) in enumerate(
            (
                ("工作角", "Work angle", "knowledge"),
                ("行走角", "Travel angle", "knowledge"),
                ("枪姿调整", "Posture", "skill"),
            )
        )
    ]
    knowledge.publish_standard(
        course, "2025", [("u1", "焊枪姿态", "Torch posture", points[:2]), ("u2", "操作", "Operation", points[2:])]
    )
    module = catalog.add_module(teacher, course, "焊枪姿态与角焊缝", title_en="Torch posture")
    world = World(
        school, library, course, other, module, points, teacher, colleague, person("苏听澜", Role.STUDENT),
        person("周同学", Role.STUDENT),
    )  # fmt: skip
    catalog.open_run(course, "1", _long_ago())
    course.published_at = _long_ago()
    other.published_at = _long_ago()
    session().flush()
    return world


def _long_ago() -> Any:
    import datetime as dt

    return dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
