"""The knowledge map, the page of a point, and what librarians do to the graph."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("knowledge", __name__)

from courseware.knowledge.views import (  # noqa: E402, F401 - they add their pages to the blueprint
    checking,
    files,
    graph_editor,
    maps,
    points,
    posts,
)
