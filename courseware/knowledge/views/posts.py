"""Posts and their abilities, for those who keep a library."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import Conflict, Invalid
from courseware.knowledge import editing, posts, queries
from courseware.knowledge.models import Post
from courseware.knowledge.views import blueprint
from courseware.knowledge.views.graph_editor import kept_library
from courseware.knowledge.views.points import KEEPERS
from courseware.libraries.models import Library
from courseware.web.access import role_needed
from courseware.web.actor import actor
from courseware.web.requests import undo


@blueprint.get("/admin/libraries/<code>/posts")
@role_needed(*KEEPERS)
def posts_of_library(code: str) -> str:
    """Every post, those of this library first, and a form for a new one."""
    library = kept_library(code)
    counts = {post.id: count for post, count in queries.posts_of_library(library)}
    shown = sorted(posts.all_posts(), key=lambda post: (post.id not in counts, post.name))
    return render_template("knowledge/posts.html", library=library, posts=shown, counts=counts)


@blueprint.post("/admin/libraries/<code>/posts")
@role_needed(*KEEPERS)
def add_post(code: str) -> Response:
    """Adds a post and goes to its page."""
    library, form = kept_library(code), request.form
    try:
        made = posts.add_post(
            library, actor(), form.get("name", ""), code=form.get("number", ""), name_en=form.get("name_en", "")
        )
    except (Conflict, Invalid) as refusal:
        undo()
        flash(refusal.sentence(), "error")
        return redirect(url_for("knowledge.posts_of_library", code=code))
    flash(_("Added. Now say what somebody in this post is able to do."), "success")
    return redirect(url_for("knowledge.edit_post", code=code, uuid=made.uuid))


@blueprint.get("/admin/libraries/<code>/posts/<uuid:uuid>")
@role_needed(*KEEPERS)
def edit_post(code: str, uuid: uuidlib.UUID) -> str:
    """A post with its abilities and the points that each takes."""
    library, post = kept_library(code), posts.post_by_uuid(uuid)
    return render_template(
        "knowledge/edit_post.html", library=library, post=post, names=queries.point_names(library),
        own={point.id for point in queries.points_of_post(library, post)},
    )  # fmt: skip


@blueprint.post("/admin/libraries/<code>/posts/<uuid:uuid>")
@role_needed(*KEEPERS)
def change_post(code: str, uuid: uuidlib.UUID) -> Response:
    """One act on a post: describe, ability, drop, tie, untie; what the rules refuse is said on its page."""
    library, post = kept_library(code), posts.post_by_uuid(uuid)
    act = ACTS.get(request.form.get("act", ""))
    try:
        if act is not None:
            flash(act(post, library), "success")
    except (Conflict, Invalid) as refusal:
        undo()
        flash(refusal.sentence(), "error")
    return redirect(url_for("knowledge.edit_post", code=code, uuid=uuid))


def _describe(post: Post, library: Library) -> str:
    form = request.form
    posts.describe_post(
        post, library, actor(), name=form.get("name", ""), code=form.get("number", ""), name_en=form.get("name_en", "")
    )
    return _("Saved.")


def _add_ability(post: Post, library: Library) -> str:
    form = request.form
    posts.add_ability(post, library, actor(), form.get("name", ""), name_en=form.get("name_en", ""))
    return _("Ability added.")


def _drop_ability(post: Post, library: Library) -> str:
    posts.remove_ability(posts.ability_of(post, _uuid()), library, actor())
    return _("Ability removed. Its points stay with the post.")


def _tie(post: Post, library: Library) -> str:
    point = editing.point_named(library, request.form.get("point", ""))
    posts.tie_ability(posts.ability_of(post, _uuid()), point, library, actor())
    return _("“%(name)s” belongs to the ability now.", name=point.name)


def _untie(post: Post, library: Library) -> str:
    point = editing.point_named(library, request.form.get("point", ""))
    posts.untie_ability(posts.ability_of(post, _uuid()), point, library, actor())
    return _("Taken out of the ability.")


def _uuid() -> uuidlib.UUID:
    try:
        return uuidlib.UUID(request.form.get("ability", ""))
    except ValueError:
        return uuidlib.uuid4()  # names no ability: not found


ACTS: dict[str, Callable[[Post, Library], str]] = {
    "describe": _describe, "ability": _add_ability, "drop": _drop_ability, "tie": _tie, "untie": _untie,
}  # fmt: skip
