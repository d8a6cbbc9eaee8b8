"""The page of a resource, open to everybody; its captions; taking it down and putting it back."""

from __future__ import annotations

import time
import uuid as uuidlib
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.catalog.memory import memory
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.core.errors import Invalid, NotFound
from courseware.core.roles import Actor, Role
from courseware.resources import page_queries, policy, queries, services
from courseware.resources.models import Resource
from courseware.resources.queries import ResourcePage
from courseware.resources.views import blueprint
from courseware.resources.views.previews import preview_of
from courseware.resources.words import (
    CLASSES,
    DIFFICULTY,
    LANGUAGE_NAMES,
    LICENCES,
    ORIGINALITIES,
    ORIGINALITY_HELP,
    TAGS,
)
from courseware.review import queries as reviews
from courseware.review import withdrawals
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.i18n import local_text

REMEMBER_S = 15
FORM_MARK = "@form@"


@dataclass(frozen=True, slots=True)
class Body:
    """The page without its frame. `html` holds FORM_MARK where a form token goes while it is kept."""

    title: str
    html: Markup
    has_player: bool


@blueprint.get("/resources/<uuid:resource_uuid>")
def resource(resource_uuid: uuidlib.UUID) -> str | tuple[str, int]:
    """A resource with preview, points, facts, versions and uses. The player starts at `?t=` seconds.

    One that was withdrawn says so, when and why, and names what takes its place (410).
    """
    person = actor()
    try:
        body = _remembered(resource_uuid, person) or _render(resource_uuid, person)
    except NotFound:
        gone = withdrawals.gone(resource_uuid)
        if gone is None:
            raise
        return render_template("review/gone.html", gone=gone), 410
    return render_template("resources/resource.html", body=body)


def _remembered(resource_uuid: uuidlib.UUID, person: User | None) -> Body | None:
    """What all readers without special rights see alike, kept by the version of the resource and for seconds only.

    None for authors and staff, and for what is not published. Uses and processing may be REMEMBER_S old.
    """
    if person is not None and person.has_role(Role.TEACHER, *policy.STAFF):
        return None
    state = page_queries.version_of_page(resource_uuid)
    if state is None:
        return None
    beat = int(time.monotonic() // REMEMBER_S)
    key = (resource_uuid, state, beat, person is None, str(get_locale()), request.host_url)
    kept = memory("resource_pages", 400).get(key, lambda: _unsigned(_render(resource_uuid, person)))
    return replace(kept, html=Markup(kept.html.replace(FORM_MARK, generate_csrf())))  # noqa: S704 - our own rendering


def _unsigned(body: Body) -> Body:
    return replace(body, html=Markup(body.html.replace(generate_csrf(), FORM_MARK)))  # noqa: S704 - our own rendering


def _render(resource_uuid: uuidlib.UUID, person: User | None) -> Body:
    page = queries.resource_page(resource_uuid, person)
    parts = _parts(page, person)
    html = Markup(render_template("resources/_resource.html", page=page, **parts))  # noqa: S704 - escaped by the template
    return Body(local_text(page.resource, "title"), html, parts["preview"].kind in ("video", "audio"))


def _parts(page: ResourcePage, person: Actor | None) -> dict[str, Any]:
    shown = page.resource
    versions = [line.version.id for line in page.versions]
    return {
        "resource": shown, "version": page.version, "preview": preview_of(shown, page.version, person),
        "decisions": reviews.decisions_of(versions), "lessons": own_lessons(person), "citation": citation(shown, page), "gone": withdrawals.gone(shown.uuid) if page.can.get("restore") else None,
        **words(),
    }  # fmt: skip


def words() -> dict[str, Any]:
    """Names of codes, for templates."""
    return {
        "licences": LICENCES, "originalities": ORIGINALITIES, "originality_help": ORIGINALITY_HELP, "classes": CLASSES, "tags": TAGS,
        "difficulties": DIFFICULTY, "language_names": LANGUAGE_NAMES,
    }  # fmt: skip


def own_lessons(person: Actor | None, limit: int = 8) -> list[Lesson]:
    """Lessons of a teacher that a unit can be added to, the newest first; nothing for others, without a query."""
    if person is None or not person.has_role(Role.TEACHER):
        return []
    query = select(Lesson).where(Lesson.owner_id == person.id).order_by(Lesson.id.desc()).limit(limit)
    return list(session().scalars(query))


def citation(shown: Resource, page: ResourcePage) -> str:
    """How to cite the resource, after GB/T 7714 for electronic resources [EB/OL]."""
    published = page.version.published_at or shown.created_at
    return _(
        "%(author)s. %(title)s[EB/OL]. %(unit)s, %(year)s. %(url)s",
        author=shown.author.name, title=shown.title, unit=shown.unit.name if shown.unit else shown.library.name,
        year=published.year, url=url_for("resources.resource", resource_uuid=shown.uuid, _external=True),
    )  # fmt: skip


@blueprint.get("/media/captions/<uuid:track_uuid>.vtt")
def captions(track_uuid: uuidlib.UUID) -> Response:
    """Captions as WebVTT, for whoever may see the version."""
    track = page_queries.track_by_uuid(track_uuid, actor())
    answer = Response(track.webvtt, mimetype="text/vtt")
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer


@blueprint.post("/teach/resources/<uuid:resource_uuid>/withdraw")
@login_needed
def withdraw(resource_uuid: uuidlib.UUID) -> BaseResponse:
    """Takes a resource down, with a reason."""
    return _take_down_or_put_back(resource_uuid, "withdraw")


@blueprint.post("/teach/resources/<uuid:resource_uuid>/restore")
@login_needed
def restore(resource_uuid: uuidlib.UUID) -> BaseResponse:
    """Puts a withdrawn resource back, with a reason."""
    return _take_down_or_put_back(resource_uuid, "restore")


def _take_down_or_put_back(resource_uuid: uuidlib.UUID, act: str) -> BaseResponse:
    person = signed_in()
    shown = queries.resource_by_uuid(resource_uuid, person)
    back = redirect(url_for("resources.resource", resource_uuid=resource_uuid))
    try:
        reason = request.form.get("reason", "")[:2000]
        if act == "withdraw":
            withdrawals.withdraw(person, shown, reason)
        else:
            services.restore(person, shown, reason)
    except Invalid as refusal:
        flash(" ".join(str(s) for many in refusal.problems.values() for s in many), "error")
        return back
    flash(
        _("It is withdrawn. Lessons that use it say so.") if act == "withdraw" else _("It is published again."),
        "success",
    )
    return back
