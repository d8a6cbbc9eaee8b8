"""The page of a resource, open to everybody; its captions; taking it down and putting it back."""

from __future__ import annotations

import time
import uuid as uuidlib
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.catalog.memory import memory
from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotFound
from courseware.core.roles import Actor, Role
from courseware.discovery.similar import similar_to
from courseware.feedback import queries as feedback
from courseware.resources import interop, page_queries, policy, queries, services
from courseware.resources.models import Resource
from courseware.resources.page_queries import Standing
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

REMEMBER_S = 300
FORM_MARK = "@form@"


@dataclass(frozen=True, slots=True)
class Body:
    """The page without its frame. `html` holds FORM_MARK where a form token goes while it is kept."""

    title: str
    html: Markup
    has_player: bool
    is_lasting: bool
    counts: bool = False
    metadata: str = ""


@blueprint.get("/resources/<uuid:resource_uuid>")
def resource(resource_uuid: uuidlib.UUID) -> str | tuple[str, int]:
    """A resource with preview, points, facts, versions and uses. The player starts at `?t=` seconds.

    One that was withdrawn says so, when and why, and names what takes its place (410).
    """
    person = actor()
    shown = page_queries.standing(resource_uuid, person)
    if shown is not None and _reads_like_everybody(person, shown):
        body, said = _remembered(shown, person), feedback.feedback_for_reader(shown.id, person)
        return render_template("resources/resource.html", body=body, resource=shown, feedback=said)
    try:
        page = queries.resource_page(resource_uuid, person)
    except NotFound:
        gone = withdrawals.gone(resource_uuid)
        if gone is None:
            raise
        return render_template("review/gone.html", gone=gone), 410
    said = feedback.feedback_on(page.resource, person)
    return render_template("resources/resource.html", body=_render(page, person), resource=page.resource, feedback=said)


def _reads_like_everybody(person: User | None, shown: Standing) -> bool:
    return person is None or not (shown.has_part or person.has_role(Role.TEACHER, *policy.STAFF))


def _remembered(shown: Standing, person: User | None) -> Body:
    """What all readers without special rights see alike, kept by the version of the resource and for minutes only.

    Uses may be REMEMBER_S old; a page is not kept while its file is being prepared.
    """
    beat = int(time.monotonic() // REMEMBER_S)
    key = (shown.uuid, shown.state, beat, person is None, str(get_locale()), request.host_url)
    reader = policy.Reader() if person is not None else None
    pages = memory("resource_pages", 400)
    kept = pages.get(key, lambda: _unsigned(_render(queries.resource_page(shown.uuid, reader), reader)))
    if not kept.is_lasting:
        pages.drop(key)
    return replace(kept, html=Markup(kept.html.replace(FORM_MARK, generate_csrf())))  # noqa: S704 - our own rendering


def _unsigned(body: Body) -> Body:
    return replace(body, html=Markup(body.html.replace(generate_csrf(), FORM_MARK)))  # noqa: S704 - our own rendering


def _render(page: ResourcePage, person: Actor | None) -> Body:
    parts = _parts(page, person)
    html = Markup(render_template("resources/_resource.html", page=page, **parts))  # noqa: S704 - escaped by the template
    preview = parts["preview"]
    is_recording = preview.kind in ("video", "audio")
    return Body(
        local_text(page.resource, "title"),
        html,
        is_recording,
        preview.kind != "processing",
        counts=bool(preview.events_url) and not is_recording,
        metadata=_embedded(page) if page.resource.is_live else "",
    )


def _embedded(page: ResourcePage) -> Markup:
    """The LRMI record for the head of the page, as search engines read it: data, which no content policy has to allow."""
    shown = page.resource
    return htmlsafe_json_dumps(
        interop.lrmi(shown, page.version, address(shown), request.url_root.rstrip("/")), ensure_ascii=False
    )


def _parts(page: ResourcePage, person: Actor | None) -> dict[str, Any]:
    shown = page.resource
    versions = [line.version.id for line in page.versions]
    return {
        "resource": shown, "version": page.version, "preview": preview_of(shown, page.version, person),
        "decisions": reviews.decisions_of(versions), "lessons": own_lessons(person), "citation": citation(shown, page), "citation_en": citation_en(shown, page),
        "similar": similar_to(shown) if shown.is_live else (), "link": address(shown), "gone": withdrawals.gone(shown.uuid) if page.can.get("restore") else None, **words(),
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


def address(shown: Resource) -> str:
    """The whole address of the resource, to send to somebody."""
    return url_for("resources.resource", resource_uuid=shown.uuid, _external=True)


def citation(shown: Resource, page: ResourcePage) -> str:
    """How to cite the resource after GB/T 7714-2015 for online resources: published or changed on, looked at on."""
    published = (page.version.published_at or shown.created_at).astimezone(clock.REPORTING_ZONE)
    today = clock.now().astimezone(clock.REPORTING_ZONE)
    by = shown.unit.name if shown.unit else shown.library.name
    dates = f"{published.year}({published:%Y-%m-%d})[{today:%Y-%m-%d}]"
    return f"{shown.author.name}. {shown.title}[EB/OL]. {by}, {dates}. {address(shown)}"


def citation_en(shown: Resource, page: ResourcePage) -> str:
    """How to cite the resource in English, plainly."""
    published = (page.version.published_at or shown.created_at).astimezone(clock.REPORTING_ZONE)
    by = (shown.unit.name_en or shown.unit.name) if shown.unit else (shown.library.name_en or shown.library.name)
    title = shown.title_en or shown.title
    return f"{shown.author.name} ({published.year}). {title} (version {page.version.num}). {by}. {address(shown)}"


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
