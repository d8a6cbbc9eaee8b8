"""Home, search, and the pages about the site."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Hashable, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from courseware.accounts.models import User
from courseware.catalog.memory import memory
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.discovery import indexing, popular, queries, services, use
from courseware.discovery.engine import engine
from courseware.discovery.results import VALUE_NAMES, Asked, SearchPage, read_request
from courseware.discovery.use import UseCounter
from courseware.jobs.queries import work_state
from courseware.knowledge.queries import point_by_uuid
from courseware.knowledge.services import add_alias as add_point_alias
from courseware.libraries.models import Major
from courseware.libraries.queries import course_by_uuid, list_libraries
from courseware.monitoring.queries.cache import content_stamp
from courseware.resources import queries as resources
from courseware.resources.policy import STAFF
from courseware.resources.storage import store
from courseware.resources.views.previews import preview_of
from courseware.web.access import role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.health import checks
from courseware.web.i18n import local_text
from courseware.web.navigation import teach_nav
from courseware.web.security import limiter
from search.documents import Piece
from search.engine import EngineStatus, IndexUnavailable
from search.understanding import MAX_TEXT

blueprint = Blueprint("discovery", __name__)

REMEMBER_S = 15
#: The worker looks at the index every 20 s.
AGAIN_S = 30
#: An index so far behind the database is no longer ready.
LATE_S = 300
#: Near points are looked up for so many texts.
NEAR_FOR = 60
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
        total, results = _draw_results(asked)
    except IndexUnavailable:
        # For people a page like others, which asks for itself again; programs are told by the API (503).
        return render_template("discovery/search_down.html", asked=asked), 200, {"Refresh": f"{AGAIN_S}"}
    if asked.is_first_look:
        _counter().asked(asked.text, total, _box())
        _counter().write_when_due()
    return render_template("discovery/search.html", results=results, asked=asked)


def _box() -> int:
    """Of the person, or of the address of a guest: a school behind one address counts as one."""
    person = actor()
    who = f"person {person.id}" if person is not None else f"guest {request.remote_addr}"
    return use.box_of(who, str(current_app.config["SECRET_KEY"]).encode())


def _counter() -> UseCounter:
    counter: UseCounter = current_app.extensions.setdefault("keku_search_use", UseCounter())
    return counter


@blueprint.get("/search/moment/<uuid:resource_uuid>")
@limiter.limit("240 per minute")
def moment(resource_uuid: uuid.UUID) -> str:
    """A fragment: the player of a recording that was found, to stand on the results page; `t` is the second it begins at.

    Only what everybody may see is found, and so only that is played here.
    """
    resource = resources.resource_by_uuid(resource_uuid)
    if resource.published_version is None:
        abort(404)
    shown = preview_of(resource, resource.published_version, actor())
    if shown.kind not in ("video", "audio"):
        abort(404)
    return render_template("discovery/_moment.html", p=shown, at=max(0.0, request.args.get("t", 0.0, float)))


@blueprint.post("/search/opened")
@limiter.limit("240 per minute")
def opened() -> tuple[str, int]:
    """Somebody opened a result of a search: counted, without who."""
    _counter().clicked(request.form.get("q", "")[:400])
    _counter().write_when_due()
    return "", 204


@blueprint.get("/teach/searches")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def searches() -> str:
    """For librarians: what people ask and do not find, with near points to add the words to."""
    _counter().write()
    texts = [*use.weak_texts(finds_nothing=True), *use.weak_texts(finds_nothing=False)]
    return render_template(
        "discovery/searches.html", weak=texts, near=_near(texts), index=_index_status(),
        lag=work_state(indexing.TOPIC).outbox_lag_s, side_nav=teach_nav(),
    )  # fmt: skip


def _near(texts: Sequence[use.Weak]) -> dict[str, Sequence[services.Found]]:
    """Points that may be meant; none while the index is rebuilt."""
    try:
        return {weak.text: services.near_points(weak.text) for weak in texts[:NEAR_FOR]}
    except IndexUnavailable:
        return {}


def _index_status() -> EngineStatus | None:
    try:
        return engine().status()
    except IndexUnavailable:
        return None


@blueprint.post("/teach/searches/alias")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def add_alias() -> Any:
    """The words become another name of a point."""
    if not _UUID.fullmatch(request.form.get("point", "")):
        abort(404)
    point = point_by_uuid(uuid.UUID(request.form["point"]), signed_in())
    text = request.form.get("text", "")
    add_point_alias(point, text, signed_in())
    flash(_("“%(text)s” now finds %(point)s.", text=text, point=local_text(point, "name")), "success")
    return redirect(url_for("discovery.searches"))


def _draw_results(asked: Asked) -> tuple[int, Markup]:
    """All people of the same scopes see the same results: they are drawn once for each state of the index, of the content (a
    thing withdrawn a moment ago is gone before the index has followed), and language."""
    person, state = actor(), content_stamp()
    key = (engine().generation(), state, services.scopes_of(person), str(get_locale()), request.query_string)
    return memory("search", 300).get(key, lambda: _draw(person, asked, state))


def _draw(person: User | None, asked: Asked, state: Hashable) -> tuple[int, Markup]:
    """Not by `render_template`, which makes navigation and menus ready for every template: here is only what was found."""
    page = SearchPage.find(person, asked, state)
    template = current_app.jinja_env.get_template("discovery/_results.html")
    return page.total, Markup(template.render(page=page, asked=asked))  # noqa: S704  a template of ours, which escapes


@blueprint.get("/search/suggest")
@limiter.limit("600 per minute")
def suggest() -> str:
    """A fragment with names that continue what is being typed, and with what is often asked that begins so."""
    text = request.args.get("q", "")[:60]
    try:
        found = services.suggest(text) if text.strip() else ()
        often = popular.continuing(text, [each.name for each in found])
    except IndexUnavailable:
        found, often = (), []
    return render_template("discovery/_suggestions.html", suggestions=found, often=often)


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
    lag = work_state(indexing.TOPIC).outbox_lag_s
    state = ", being rebuilt" if status.is_rebuilding else ""
    return lag <= LATE_S, f"{status.documents} documents, {lag:.0f} s behind{state}"


checks["index"] = _index_answers


@blueprint.app_template_global()
def value_name(value: str) -> str:
    """What a value of a column is called: a kind of resource or question, an originality, a length."""
    return str(VALUE_NAMES.get(value, value))


@blueprint.app_template_global()
def marked(pieces: Sequence[Piece]) -> Markup:
    """Pieces of a hit: plain text, escaped, with the searched words marked."""
    texts = (f"<mark>{escape(piece.text)}</mark>" if piece.is_hit else escape(piece.text) for piece in pieces)
    return Markup("".join(texts))  # noqa: S704  escaped above


@blueprint.app_template_global()
def page_title(text: str) -> str:
    """Titles of result pages."""
    return _("“%(text)s” – search", text=text) if text else _("Search")


@blueprint.app_template_global()
def search_url(**changes: Any) -> str:
    """The address of the present search with some parameters changed; None takes one out."""
    wanted = {name: value for name, value in (_present() | changes).items() if value}
    return (
        f"{request.script_root}/search?{urlencode(wanted, doseq=True)}" if wanted else f"{request.script_root}/search"
    )


def _present() -> dict[str, Any]:
    """The parameters of the present search; read once for the links of a page."""
    if "search_parameters" not in g:
        others = {name: values for name, values in request.args.lists() if name not in ("after", "q")}
        g.search_parameters = {"q": request.args.get("q", "")[:MAX_TEXT], **others}
    return cast("dict[str, Any]", g.search_parameters)


@blueprint.app_template_global()
def without_filter(field: str, value: str) -> str:
    """The address of the present search with one filter taken out."""
    return search_url(**{field: [each for each in request.args.getlist(field) if each != value]})


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
