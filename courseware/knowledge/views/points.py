"""The page of a point, and the small forms by which librarians change it."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.errors import Conflict, Invalid, NotFound
from courseware.core.roles import Role
from courseware.knowledge import editing, errors, merging, policy, posts, queries, services
from courseware.knowledge.forms import AliasForm, DescribeForm, PrerequisiteForm
from courseware.knowledge.models import Point
from courseware.knowledge.views import blueprint
from courseware.knowledge.views.coverage import coverage_of
from courseware.knowledge.views.mine import way_for
from courseware.knowledge.views.teaching import teaching_of
from courseware.libraries import queries as libraries
from courseware.web.access import role_needed
from courseware.web.actor import actor
from courseware.web.requests import undo

KEEPERS = (Role.LIBRARIAN, Role.ADMINISTRATOR)


@blueprint.get("/points/<uuid:uuid>")
def point(uuid: uuidlib.UUID) -> str | Response:
    """What a point is, what comes before and after it, and what teaches it. A merged one leads on to the one kept."""
    shown = queries.point_by_uuid(uuid, actor())
    may_edit = policy.can_edit_graph(actor(), shown.library)
    if shown.merged_into is not None and not may_edit:
        return redirect(url_for("knowledge.point", uuid=shown.merged_into.uuid), 301)
    return render_template(
        "knowledge/point.html",
        point=shown,
        unit=queries.unit_of(shown),
        teaching=teaching_of(shown),
        related=queries.related_points(shown),
        way=way_for(actor(), shown) if actor() else [],
        may_edit=may_edit,
    )


@blueprint.route("/admin/points/<uuid:uuid>", methods=["GET", "POST"])
@role_needed(*KEEPERS)
def edit_point(uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """Names, aliases, ties and place of a point, each in its own small form."""
    edited = _edited(uuid)
    form = DescribeForm(obj=edited)
    if not form.is_submitted():
        form.seen.data = services.words_mark(edited)
    if not form.validate_on_submit():
        return _edit_page(edited, form)
    try:
        services.describe_point(
            edited, actor(), name=form.name.data or "", name_en=form.name_en.data or "",
            description=form.description.data or "", is_mandatory=form.is_mandatory.data, seen=form.seen.data or None,
        )  # fmt: skip
    except errors.EditedMeanwhile as refusal:
        undo()
        return _stale_page(uuid, form, refusal), 409
    flash(_("Saved."), "success")
    return _back(edited)


def _stale_page(uuid: uuidlib.UUID, form: DescribeForm, refusal: errors.EditedMeanwhile) -> str:
    """What was typed stays in the form; the newer state stands beside it, and saving again means having seen it."""
    newer = _edited(uuid)
    form.seen.raw_data, form.seen.data = None, services.words_mark(newer)
    return _edit_page(newer, form, refusal.sentence())


def _edit_page(edited: Point, form: DescribeForm, conflict: str = "") -> str:
    find = request.args.get("find", "").strip()
    return render_template(
        "knowledge/edit_point.html",
        point=edited,
        form=form,
        conflict=conflict,
        alias_form=AliasForm(formdata=None),
        find=find,
        matches=queries.find_points(edited.library, find, leave_out=edited) if find else [],
        related=queries.related_points(edited),
        all_posts=posts.all_posts(),
        courses=libraries.courses_of(edited.library),
        standard=queries.standard_naming(edited),
    )


def _edited(uuid: uuidlib.UUID) -> Point:
    edited = queries.point_by_uuid(uuid, actor())
    policy.require_editor(actor(), edited)
    return edited


def _back(edited: Point) -> Response:
    return redirect(url_for("knowledge.edit_point", uuid=edited.uuid))


def _change(uuid: uuidlib.UUID, act: Callable[[Point, User | None], object], done: str) -> Response:
    """Does one thing to a point and goes back to its form; what the rules refuse is said there."""
    edited = _edited(uuid)
    try:
        act(edited, actor())
    except (Conflict, Invalid) as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(done, "success")
    return redirect(url_for("knowledge.edit_point", uuid=uuid))


@blueprint.post("/admin/points/<uuid:uuid>/aliases")
@role_needed(*KEEPERS)
def add_alias(uuid: uuidlib.UUID) -> Response:
    """Adds another name."""
    alias = request.form.get("alias", "")
    return _change(uuid, lambda p, who: services.add_alias(p, alias, who), _("Alias added."))


@blueprint.post("/admin/points/<uuid:uuid>/aliases/remove")
@role_needed(*KEEPERS)
def remove_alias(uuid: uuidlib.UUID) -> Response:
    """Takes another name away."""
    alias = request.form.get("alias", "")
    return _change(uuid, lambda p, who: services.remove_alias(p, alias, who), _("Alias removed."))


@blueprint.post("/admin/points/<uuid:uuid>/prerequisites")
@role_needed(*KEEPERS)
def add_prerequisite(uuid: uuidlib.UUID) -> Response:
    """Adds a prerequisite; a circle is refused with its path (R13)."""
    first = _chosen()
    return _change(uuid, lambda p, who: services.add_prerequisite(p, first, who), _("Prerequisite added."))


@blueprint.post("/admin/points/<uuid:uuid>/prerequisites/remove")
@role_needed(*KEEPERS)
def remove_prerequisite(uuid: uuidlib.UUID) -> Response:
    """Takes a prerequisite away."""
    first = _chosen()
    return _change(uuid, lambda p, who: services.remove_prerequisite(p, first, who), _("Prerequisite removed."))


@blueprint.post("/admin/points/<uuid:uuid>/related")
@role_needed(*KEEPERS)
def add_related(uuid: uuidlib.UUID) -> Response:
    """Says that two points help each other."""
    other = _chosen()
    return _change(uuid, lambda p, who: editing.relate(p, other, who), _("Related point added."))


@blueprint.post("/admin/points/<uuid:uuid>/related/remove")
@role_needed(*KEEPERS)
def remove_related(uuid: uuidlib.UUID) -> Response:
    """Takes a relation away."""
    other = _chosen()
    return _change(uuid, lambda p, who: editing.unrelate(p, other, who), _("Related point removed."))


@blueprint.post("/admin/points/<uuid:uuid>/place")
@role_needed(*KEEPERS)
def place_point(uuid: uuidlib.UUID) -> Response:
    """The course of a point and the posts that need it."""
    code, names = request.form.get("course", ""), set(request.form.getlist("post"))

    def act(edited: Point, who: User | None) -> None:
        course = next((one for one in libraries.courses_of(edited.library) if one.code == code), None)
        editing.place_point(edited, course, who)
        editing.set_posts(edited, [post for post in posts.all_posts() if post.name in names], who)

    return _change(uuid, act, _("Saved."))


@blueprint.post("/admin/points/<uuid:uuid>/retire")
@role_needed(*KEEPERS)
def retire_point(uuid: uuidlib.UUID) -> Response:
    """Takes a point out of the graph; refused while a standard in force names it."""
    return _change(uuid, editing.retire_point, _("Retired. Its resources and questions stay as they are."))


@blueprint.post("/admin/points/<uuid:uuid>/restore")
@role_needed(*KEEPERS)
def restore_point(uuid: uuidlib.UUID) -> Response:
    """Takes a retired point back."""
    return _change(uuid, editing.restore_point, _("Back in the graph. Draw its prerequisites again."))


@blueprint.route("/admin/points/<uuid:uuid>/merge", methods=["GET", "POST"])
@role_needed(*KEEPERS)
def merge_point(uuid: uuidlib.UUID) -> str | Response:
    """Shows what would move to the other point, and then moves it."""
    gone = _edited(uuid)
    if request.method == "POST":
        kept = _chosen()
        target = kept.uuid
        answer = _change(uuid, lambda p, who: merging.merge_points(p, kept, who), _("Merged. The old names lead here."))
        merged = queries.point_by_uuid(uuid, actor()).merged_into is not None
        return redirect(url_for("knowledge.edit_point", uuid=target)) if merged else answer
    kept = queries.point_by_uuid(_uuid(request.args.get("into", "")), actor())
    return render_template(
        "knowledge/merge.html", gone=gone, kept=kept, coverage=coverage_of([gone, kept]),
        standards=merging.standards_touched(gone, kept), is_same=gone.id == kept.id,
    )  # fmt: skip


def _chosen() -> Point:
    form = PrerequisiteForm()
    if not form.validate():
        raise NotFound()
    return queries.point_by_uuid(_uuid(form.prerequisite.data), actor())


def _uuid(text: str | None) -> uuidlib.UUID:
    try:
        return uuidlib.UUID(text or "")
    except ValueError as error:
        raise NotFound() from error
