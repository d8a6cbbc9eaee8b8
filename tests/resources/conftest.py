"""A small library with people, a course and points; and beside it a second one as noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.roles import Role
from courseware.knowledge import services as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import services as libraries
from courseware.libraries.models import Course, Library
from courseware.resources import services
from courseware.resources.models import Resource
from tests.servers.rewound import MadeOnce


@dataclass
class World:
    library: Library
    other_library: Library
    course: Course
    points: list[Point]
    author: User
    colleague: User
    stranger: User
    reviewer: User
    librarian: User
    student: User

    def draft(self, title: str = "焊枪角度", *, kind: str = "text", body: str = "", **fields: Any) -> Resource:
        """A draft that lacks nothing; its content is its title unless given."""
        defaults: dict[str, Any] = {
            "course": self.course, "points": self.points[:1], "originality": "original", "licence": "CC-BY-4.0",
            "body": body or ("" if fields.get("asset") or fields.get("content_hash") else f"{title}的正文。"),
        }  # fmt: skip
        return services.create_resource(
            fields.pop("actor", self.author), self.library, type=kind, title=title, **{**defaults, **fields}
        )

    def published(self, title: str = "焊枪角度", **fields: Any) -> Resource:
        """A live resource."""
        resource = self.draft(title, **fields)
        assert resource.draft_version is not None
        services.publish_version(resource.draft_version)
        return resource


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    """The world, as new."""
    made: World = made_once(make_world)
    return made


def make_world() -> World:
    """A new world, flushed."""
    school = accounts.create_unit("school", "海川职业技术学院", "school")
    other = accounts.create_unit("other", "远山职业技术学院", "school")
    robots, cars = libraries.create_major("460305", "工业机器人技术"), libraries.create_major("500211", "汽车检测")
    library = libraries.create_library("ROBOT", "工业机器人资源库", robots, hosts=[school])
    other_library = libraries.create_library("CAR", "汽车资源库", cars, hosts=[other])
    course = libraries.create_course(library, "RP", "机器人编程", "core", robots)
    points = [
        knowledge.create_point(library, f"rp{i}", name, "knowledge", course=course)
        for i, name in enumerate(("示教器", "坐标系", "干伸长"))
    ]

    def person(name: str, *roles: Role) -> User:
        return accounts.create_user(f"{name}@example.org", name, unit=school, roles=roles)

    return World(
        library, other_library, course, points, person("author", Role.TEACHER), person("colleague", Role.TEACHER),
        person("stranger", Role.TEACHER), person("reviewer", Role.REVIEWER), person("librarian", Role.LIBRARIAN),
        person("student", Role.STUDENT),
    )  # fmt: skip
