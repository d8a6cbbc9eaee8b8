"""Pages of courses: the catalogue and a course for everybody; building courses and lessons for teachers."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("catalog", __name__)

from courseware.catalog.views import (  # noqa: E402
    board,
    building,
    reading,
    reviewing,
    running,
    standards,
    teams,
    terms,
)

__all__ = ["blueprint", "board", "building", "reading", "reviewing", "running", "standards", "teams", "terms"]
