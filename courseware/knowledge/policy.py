"""Who may change the knowledge graph."""

from __future__ import annotations

from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.libraries import policy as libraries
from courseware.libraries.models import Library


def can_edit_graph(actor: Actor | None, library: Library) -> bool:
    """Whoever may manage the library: administrators and its librarians."""
    return libraries.can_manage(actor, library)


def can_see_point(actor: Actor | None, library: Library) -> bool:
    """Points are seen with their library."""
    return libraries.can_see(actor, library)


def require_editor(actor: Actor | None, point: Point) -> None:
    """Raises NotAllowed for whoever may not change the graph that `point` belongs to."""
    if not can_edit_graph(actor, point.library):
        raise NotAllowed()
