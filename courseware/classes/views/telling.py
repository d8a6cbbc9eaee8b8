"""Announcements of a class, for its teachers."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.classes.models import TeachingClass
from courseware.classes.queries.news import announcement_by_uuid, group_sizes, told_in
from courseware.classes.services import news as services
from courseware.classes.views import blueprint
from courseware.classes.views.frame import attempt, draw, group_label, problems_of, taught
from courseware.core.errors import DomainError, NotFound
from courseware.web.access import login_needed, signed_in
from courseware.web.requests import undo


@blueprint.route("/teach/classes/<uuid:class_uuid>/announcements", methods=["GET", "POST"])
@login_needed
def announcements(class_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """What the class was told, how many read it, and telling more."""
    klass, form = taught(class_uuid), request.form
    if request.method == "GET":
        return _draw(klass, {})
    try:
        services.announce(
            signed_in(), klass, form.get("title", ""), form.get("text", ""), _known_group(klass, form.get("group", ""))
        )
    except DomainError as refusal:
        undo()
        return _draw(taught(class_uuid), problems_of(refusal)), 422
    flash(_("Told. It stands on the class's learning pages until each person has read it."), "success")
    return redirect(url_for("classes.announcements", class_uuid=class_uuid))


@blueprint.post("/teach/classes/<uuid:class_uuid>/announcements/<uuid:announcement_uuid>/withdraw")
@login_needed
def withdraw_announcement(class_uuid: uuidlib.UUID, announcement_uuid: uuidlib.UUID) -> Response:
    """Nobody sees it any more."""
    klass = taught(class_uuid)
    found, told_to = announcement_by_uuid(announcement_uuid)
    if told_to.id != klass.id:
        raise NotFound()
    attempt(lambda: services.withdraw(signed_in(), klass, found), _("Taken back. Nobody sees it any more."))
    return redirect(url_for("classes.announcements", class_uuid=class_uuid))


def _draw(klass: TeachingClass, problems: dict[str, str]) -> str:
    groups = [name for name in group_sizes(klass) if name]
    return draw(
        "announcements", klass, "announcements", told=told_in(klass), groups=groups, group_label=group_label, problems=problems,
        given=request.form, chars=services.TITLE_CHARS,
    )  # fmt: skip


def _known_group(klass: TeachingClass, group: str) -> str:
    return group if group in group_sizes(klass) else ""
