"""Small rows for tests of libraries and the graph: a function each, good defaults, unique keys."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.knowledge import services as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import services
from courseware.libraries.models import Course, Library, Major

_numbers = itertools.count(1)


def a_unit(kind: str = "school", **more: Any) -> Unit:
    n = next(_numbers)
    return accounts.create_unit(f"u{n}", f"示例院校{n}", kind, **more)


def a_major(**more: Any) -> Major:
    n = next(_numbers)
    return services.create_major(f"46{n:04}", f"示例专业{n}", **more)


def a_user(*roles: Role, unit: Unit | None = None) -> User:
    n = next(_numbers)
    return accounts.create_user(f"p{n}@example.invalid", f"示例人{n}", unit=unit, roles=roles or (Role.STUDENT,))


def a_library(**more: Any) -> Library:
    n = next(_numbers)
    given = {"hosts": [a_unit()], "core_major": a_major(), **more}
    core = given.pop("core_major")
    return services.create_library(given.pop("code", f"LIB{n}"), f"示例资源库{n}", core, **given)


def an_admin() -> User:
    return a_user(Role.ADMINISTRATOR)


def a_course(library: Library, code: str = "", *, published: bool = True, **more: Any) -> Course:
    n = next(_numbers)
    given = {"name": f"示例课程{n}", "kind": "core", **more}
    course = services.create_course(
        library, code or f"C{n}", given.pop("name"), given.pop("kind"), library.core_major, **given
    )
    course.published_at = clock.now() if published else None
    session().flush()
    return course


def a_point(library: Library, name: str = "", **more: Any) -> Point:
    n = next(_numbers)
    kind = more.pop("kind", "knowledge")
    return knowledge.create_point(library, more.pop("key", f"k{n}"), name or f"示例点{n}", kind, **more)


def plan_content(**more: Any) -> dict[str, Any]:
    return {
        "objectives_zh": ["能规范操作机器人。"],
        "objectives_en": ["Operates robots by the rules."],
        "courses": [
            {"course": "RP", "name": "操作与编程", "kind": "core", "theory": 32, "practice": 64, "semester": 3}
        ],
        "graduation_zh": ["核心课程全部合格。"],
        "graduation_en": ["Pass every core course."],
        **more,
    }


def a_plan(library: Library, version: str = "2026.1", valid_from: dt.date = dt.date(2026, 1, 1), **more: Any) -> Any:
    return services.publish_training_plan(library, version, valid_from, plan_content(**more), an_admin())
