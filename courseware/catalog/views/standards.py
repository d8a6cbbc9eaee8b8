"""The course standard in the builder: its versions, the draft of the next one, publishing or handing it in; its review."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Mapping
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.catalog import policy, standards
from courseware.catalog import standard_reviewing as reviewing
from courseware.catalog.course_models import StandardCase
from courseware.catalog.views import blueprint
from courseware.catalog.views.frame import TEACHERS, attempt, back_to, course_to_build, draw
from courseware.core import clock
from courseware.core.errors import DomainError, Invalid, NotFound
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import CourseStandard, Point
from courseware.knowledge.standards import Tree, difference, point_uuids, points_by_uuid, tree_of
from courseware.libraries.models import Course
from courseware.review.forms import CaseForm
from courseware.review.words import DIMENSION_HELP, dimension_names
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.requests import undo

BASE = "/teach/courses/<uuid:uuid>/standard"


@blueprint.get(BASE, endpoint="standard")
@role_needed(*TEACHERS)
def standard_page(uuid: uuidlib.UUID) -> str:
    """The tree of the draft, or of the version in force; versions; what publishing would change."""
    course = course_to_build(uuid)
    case, draft, tree = standards.waiting_case(course), standards.draft_of(course), standards.working_tree(course)
    tree = case.tree if case is not None else tree
    return draw(
        course, "catalog/standard.html", tree=tree, points=points_by_uuid(course, point_uuids(tree)), draft=draft,
        case=case, versions=_versions(course), next_version=_next_version(course), reviewed=standards.is_reviewed(course),
        found=standards.find_points(signed_in(), course, "") if case is None and policy.can_build(signed_in(), course) else (),
        **_impact(course, tree),
    )  # fmt: skip


@blueprint.put(BASE)
@role_needed(*TEACHERS)
def save_standard(uuid: uuidlib.UUID) -> Response:
    """Keeps the draft; answers with its revision and what it changes."""
    course, given = course_to_build(uuid), request.get_json(silent=True)
    if not isinstance(given, dict) or not isinstance(given.get("revision"), int):
        raise Invalid({"revision": [_("The page is too old. Reload it.")]})
    draft = standards.save(signed_in(), course, given.get("tree"), given["revision"])
    shown = render_template("catalog/_standard_impact.html", course=course, draft=draft, **_impact(course, draft.tree))
    keys = [unit["key"] for module in draft.tree["modules"] for unit in module["units"]]
    return jsonify({"revision": draft.revision, "impact": shown, "keys": keys})


@blueprint.get(f"{BASE}/points")
@role_needed(*TEACHERS)
def standard_points(uuid: uuidlib.UUID) -> str:
    """Points of the library by name or alias, as lines that can be dragged into a unit."""
    course = course_to_build(uuid)
    found = standards.find_points(signed_in(), course, request.args.get("q", "")[:100])
    return render_template("catalog/_standard_points.html", found=found, course=course, words=request.args.get("q", ""))


@blueprint.post(BASE)
@role_needed(*TEACHERS)
def decide_standard(uuid: uuidlib.UUID) -> Response:
    """Publishes, hands in, takes back or discards, as `action` says."""
    course, actor, action = course_to_build(uuid), signed_in(), request.form.get("action", "")
    version = request.form.get("version", "")
    case = standards.waiting_case(course)
    if action == "publish" and attempt(lambda: standards.publish(actor, course, version)):
        flash(_("Version %(version)s holds from now on. Coverage is counted against it.", version=version), "success")
    elif action == "hand_in" and attempt(lambda: reviewing.hand_in(actor, course, version)):
        flash(_("Handed in. The version before holds until this one is approved."), "success")
    elif action == "take_back" and case is not None and attempt(lambda: reviewing.take_back(actor, case)):
        flash(_("It is your draft again. Nothing of it was lost."), "success")
    elif action == "discard" and attempt(lambda: standards.discard(actor, course)):
        flash(_("The draft is gone; the published version is as it was."), "success")
    return back_to(course, page="catalog.standard")


@blueprint.get(f"{BASE}/<version>")
@role_needed(*TEACHERS)
def standard_version(uuid: uuidlib.UUID, version: str) -> str:
    """A published version as it stands, and what it changed of the one before."""
    course = course_to_build(uuid)
    versions = knowledge.standard_versions(course)
    place = next((n for n, known in enumerate(versions) if known.version == version), None)
    if place is None:
        raise NotFound()
    old, new = tree_of(versions[place + 1] if place + 1 < len(versions) else None), tree_of(versions[place])
    return draw(
        course, "catalog/standard_version.html", standard=versions[place], tree=new, before=versions[place + 1 : place + 2],
        **_changes(course, old, new),
    )  # fmt: skip


@blueprint.route("/review/standards/<uuid:standard_case_uuid>", methods=["GET", "POST"])
@login_needed
def standard_case(standard_case_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """One case: what is different, verdicts, the decision. Refusals keep what was typed."""
    person = signed_in()
    case = reviewing.case_by_uuid(standard_case_uuid, person)
    form = CaseForm.read(request.form, reviewing.rules_of_case(case).keys)
    if request.method == "GET":
        return _draw_case(case, form)
    try:
        reviewing.decide(person, case, form.decision, form.as_verdicts(), note=form.note, level=form.level)
    except DomainError as refusal:
        undo()
        given: Any = refusal.problems if isinstance(refusal, Invalid) else {}
        form.errors = {name: [str(text) for text in many] for name, many in given.items()} or {"": [refusal.sentence()]}
        return _draw_case(reviewing.case_by_uuid(standard_case_uuid, person), form), refusal.status
    flash(_("Decided. The team of the course sees it in the builder."), "success")
    return redirect(url_for("review.queue"))


def _draw_case(case: StandardCase, form: CaseForm) -> str:
    rules, problem = reviewing.rules_of_case(case), reviewing.why_not(signed_in(), case)
    return render_template(
        "catalog/standard_case.html", case=case, course=case.course, form=form, names=dimension_names(rules),
        help=DIMENSION_HELP, can_decide=problem is None and case.state == "open", why=problem.sentence() if problem else "",
        late=case.due_at < clock.now(), **_changes(case.course, tree_of(case.base), case.tree), tree=case.tree,
    )  # fmt: skip


def _impact(course: Course, tree: Tree) -> dict[str, Any]:
    impact = standards.impact_of(course, tree)
    moved = {*impact.difference.gained, *impact.difference.lost, *impact.difference.moved}
    return {"impact": impact, "names": points_by_uuid(course, moved)}


def _changes(course: Course, old: Tree, new: Tree) -> dict[str, Any]:
    uuids = {*point_uuids(old), *point_uuids(new)}
    points: Mapping[str, Point] = points_by_uuid(course, uuids)
    return {"difference": difference(old, new), "points": points}


def _versions(course: Course) -> list[CourseStandard]:
    return list(knowledge.standard_versions(course))


def _next_version(course: Course) -> str:
    year = str(clock.now().astimezone(clock.REPORTING_ZONE).year)
    taken = {standard.version for standard in knowledge.standard_versions(course)}
    return next(name for n in range(len(taken) + 1) if (name := f"{year}.{n}" if n else year) not in taken)
