"""What a class used of its course, and the curve of a recording: for its class, and for whoever owns it (R54)."""

from __future__ import annotations

import math
import uuid as uuidlib
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.catalog.queries import contents_of
from courseware.classes.models import TeachingClass
from courseware.classes.queries import board
from courseware.classes.queries import watching as queries
from courseware.classes.views import blueprint
from courseware.classes.views.frame import draw, taught
from courseware.classes.watching import ENOUGH, Watching
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.resources import policy as resources_policy
from courseware.resources import queries as resources
from courseware.resources.models import Resource
from courseware.web.access import login_needed, signed_in
from courseware.web.navigation import teach_nav

MOST_BARS = 600


@blueprint.get("/teach/classes/<uuid:class_uuid>/use")
@login_needed
def use(class_uuid: uuidlib.UUID) -> str:
    """Units with their use, where the class stops, points."""
    klass = taught(class_uuid)
    return draw("use", klass, "use", use=queries.use_of(klass), totals=board.lesson_totals(klass), enough=ENOUGH)


@blueprint.get("/teach/classes/<uuid:class_uuid>/use/<uuid:resource_uuid>")
@login_needed
def class_watching(class_uuid: uuidlib.UUID, resource_uuid: uuidlib.UUID) -> str:
    """How the class watched one recording of its course."""
    klass = taught(class_uuid)
    resource = _of_course(klass, resource_uuid)
    found = queries.watching_of(resource, klass)
    return draw("class_watching", klass, "use", resource=resource, watching=found, chart=chart_of(found), enough=ENOUGH)


@blueprint.get("/teach/resources/<uuid:resource_uuid>/watching")
@login_needed
def watching(resource_uuid: uuidlib.UUID) -> str | Response:
    """How everybody watched a recording: for its author, the team of its course, and librarians."""
    person = signed_in()
    resource = resources.resource_by_uuid(resource_uuid, person)
    if not resources_policy.can_edit(person, resource):
        raise NotAllowed()
    found = queries.watching_of(resource)
    return render_template(
        "classes/watching.html",
        resource=resource,
        watching=found,
        chart=chart_of(found),
        enough=ENOUGH,
        side_nav=teach_nav(),
    )


def chart_of(found: Watching) -> dict[str, Any]:
    """The curve as the page draws it: at most 600 steps of whole seconds, the highest value of each."""
    step = max(1, math.ceil(len(found.seen) / MOST_BARS))
    names = [_("People who saw it"), _("Played again")]
    return {"step": step, "seen": _steps(found.seen, step), "again": _steps(found.again, step), "names": names}


def _steps(values: Any, step: int) -> list[int]:
    return [max(values[place : place + step]) for place in range(0, len(values), step)]


def _of_course(klass: TeachingClass, resource_uuid: uuidlib.UUID) -> Resource:
    """A resource that stands in a lesson of the course; raises NotFound for any other."""
    lessons = contents_of(klass.run.course).lessons
    ids = {item.resource_uuid: item.resource_id for lesson in lessons for item in lesson.items if item.resource_id}
    resource = session().get(Resource, ids[resource_uuid]) if resource_uuid in ids else None
    if resource is None:
        raise NotFound()
    return resource
