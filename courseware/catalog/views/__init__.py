"""Pages of courses: the catalogue and a course for everybody; building courses and lessons for teachers."""

from __future__ import annotations

from flask import Blueprint

from courseware.core.roles import Role

blueprint = Blueprint("catalog", __name__)
TEACHERS = (Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)

from courseware.catalog.views import (  # noqa: E402
    board,
    board_beginnings,
    board_items,
    building,
    reading,
    reviewing,
    running,
    standards,
    teams,
    terms,
    tray,
)

__all__ = [
    "TEACHERS", "blueprint", "board", "board_beginnings", "board_items", "building", "reading", "reviewing", "running", "standards",
    "teams", "terms", "tray",
]  # fmt: skip
