"""The teaching team of a course: who is in it, as what, in which order."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.queries import user_by_uuid
from courseware.catalog import policy, team
from courseware.catalog.views import blueprint
from courseware.catalog.views.frame import TEACHERS, attempt, back_to, course_to_build, draw, uuid_of
from courseware.libraries.models import TEAM_ROLES
from courseware.web.access import role_needed, signed_in

STEPS = {"up": -1, "down": 1}


@blueprint.get("/teach/courses/<uuid:uuid>/team", endpoint="team")
@role_needed(*TEACHERS)
def team_page(uuid: uuidlib.UUID) -> str:
    """The team in order; `q` finds teachers of any unit to take in."""
    course, words = course_to_build(uuid), request.args.get("q", "")[:100]
    found = team.find_people(signed_in(), course, words) if policy.can_lead(signed_in(), course) else ()
    return draw(course, "catalog/team.html", words=words, found=found, roles=TEAM_ROLES)


@blueprint.post("/teach/courses/<uuid:uuid>/team")
@role_needed(*TEACHERS)
def change_team(uuid: uuidlib.UUID) -> Response:
    """Adds a person, changes a role, moves or removes a member, as `action` says."""
    course, actor, form = course_to_build(uuid), signed_in(), request.form
    person, action, role = user_by_uuid(uuid_of(form.get("person", ""))), form.get("action", ""), form.get("role", "")
    if action == "add":
        done = attempt(lambda: team.add_member(actor, course, person, role))
    elif action == "remove":
        done = attempt(lambda: team.remove_member(actor, course, person))
    elif action in STEPS:
        done = attempt(lambda: team.move_member(actor, course, person, STEPS[action]))
    else:
        done = attempt(lambda: team.change_role(actor, course, person, role))
    if done and action not in STEPS:
        flash(_("The team is changed. What each person may do here follows the role."), "success")
    return back_to(course, page="catalog.team")
