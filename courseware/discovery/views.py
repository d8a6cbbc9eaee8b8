"""Home, search, and the pages about the site."""

from __future__ import annotations

import time
import uuid
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from courseware.accounts.models import User
from courseware.catalog.memory import memory
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.discovery import queries, services
from courseware.discovery.engine import engine
from courseware.discovery.results import Asked, SearchPage, read_request
from courseware.libraries.models import Major
from courseware.libraries.queries import course_by_uuid, list_libraries
from courseware.monitoring.queries.cache import content_stamp
from courseware.resources import queries as resources
from courseware.resources.policy import STAFF
from courseware.resources.storage import store
from courseware.web.actor import actor
from courseware.web.health import checks
from courseware.web.security import limiter
from search.engine import IndexUnavailable

blueprint = Blueprint("discovery", __name__)

REMEMBER_S = 15


@blueprint.get("/")
def home() -> str:
    """Search first; then what goes on."""
    person = actor()
    return render_template(
        "discovery/home.html",
        parts=_home_parts(person),
        going_on=queries.continue_learning(person),
        header_search=False,
    )


def _home_parts(person: User | None) -> dict[str, Markup]:
    """What everybody sees alike is drawn once for each state of the content, and again after some seconds: the strip counts
    people too. Staff see libraries that are not open yet, so theirs is drawn for them."""
    major = request.args.get("major", "")
    if person is not None and person.has_role(Role.TEACHER, *STAFF):
        return _draw_home(person, major)
    key = (content_stamp(), int(time.monotonic() // REMEMBER_S), str(get_locale()), major)
    return memory("home", 40).get(key, lambda: _draw_home(None, major))


def _draw_home(person: User | None, major: str) -> dict[str, Markup]:
    majors = queries.majors_with_courses()
    chosen = next((tab for tab in majors if tab.major.code == major), majors[0] if majors else None)
    shown = {
        "examples": queries.popular_names(), "moments": queries.sample_moments(), "libraries": list_libraries(person),
        "resource_counts": queries.live_resources_by_library(), "majors": majors, "chosen": chosen,
        "courses": queries.courses_of_major(_major(chosen)) if chosen else (), "recent": resources.recently_updated(6),
        "strip": queries.figures(),
    }  # fmt: skip
    return {
        part: Markup(render_template("discovery/_home.html", part=part, **shown))  # noqa: S704  a template of ours, which escapes
        for part in ("search", "rest")
    }


@blueprint.get("/search")
@limiter.limit("240 per minute")
def search() -> Any:
    """Results: a point first, then moments, resources, courses. The state is in the address."""
    asked = read_request(request.args)
    try:
        results = _draw_results(asked)
    except IndexUnavailable:
        return render_template("discovery/search_down.html", asked=asked), 503, {"Retry-After": "60"}
    return render_template("discovery/search.html", results=results, asked=asked)


def _draw_results(asked: Asked) -> Markup:
    """Results show only what is public, so everybody sees the same ones: they are drawn once for each state of the index, of
    the content (a thing withdrawn a moment ago is gone before the index has followed), and language."""
    key = (engine().status().generation, content_stamp(), str(get_locale()), request.query_string)
    return memory("search", 300).get(key, lambda: _draw(asked))


def _draw(asked: Asked) -> Markup:
    page = SearchPage.find(asked)
    return Markup(render_template("discovery/_results.html", page=page, asked=asked))  # noqa: S704  a template of ours, which escapes


@blueprint.get("/search/suggest")
@limiter.limit("600 per minute")
def suggest() -> str:
    """A fragment with names that continue what is being typed."""
    text = request.args.get("q", "")[:60]
    try:
        found = services.suggest(text) if text.strip() else ()
    except IndexUnavailable:
        found = ()
    return render_template("discovery/_suggestions.html", suggestions=found)


@blueprint.get("/about/<page>")
def about(page: str) -> str:
    """Accessibility, personal information, feedback."""
    if page not in ("accessibility", "privacy", "feedback"):
        abort(404)
    return render_template(f"discovery/about_{page}.html")


def _major(tab: queries.MajorTab) -> Major:
    return session().get_one(Major, tab.major.id)


def _index_answers() -> tuple[bool, str]:
    try:
        status = engine().status()
    except IndexUnavailable as reason:
        return False, reason.code
    return True, f"{status.documents} documents"


checks["index"] = _index_answers


@blueprint.app_template_global()
def page_title(text: str) -> str:
    """Titles of result pages."""
    return _("“%(text)s” – search", text=text) if text else _("Search")


@blueprint.app_template_global()
def search_url(**changes: Any) -> str:
    """The address of the present search with some parameters changed; None takes one out."""
    current: dict[str, Any] = {name: request.args.getlist(name) for name in request.args}
    current.pop("after", None)
    current.update(changes)
    return url_for("discovery.search", **{name: value for name, value in current.items() if value})


@blueprint.get("/media/covers/<uuid:course_uuid>")
def cover(course_uuid: uuid.UUID) -> Response:
    """The picture of a course."""
    course = course_by_uuid(course_uuid)
    if not course.cover_key:
        abort(404)
    kept = store()
    answer = Response(
        kept.get_range(course.cover_key), mimetype=kept.stat(course.cover_key).content_type or "image/webp"
    )
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
