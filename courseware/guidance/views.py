"""My learning: where one stands, what is next and why; favourites, the plan, suggestions, a copy of one's own data."""

from __future__ import annotations

import datetime as dt
import io
import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.accounts.views import local_path
from courseware.catalog.queries import LessonFacts
from courseware.core import agenda, clock
from courseware.core.errors import DomainError
from courseware.guidance import export, path, policy, queries, services, suggestions
from courseware.guidance.course_map import course_map
from courseware.guidance.models import GuidanceChoice
from courseware.guidance.plan import LEAST_MINUTES, MOST_MINUTES, Week, first_day, plan_week, weeks_learned
from courseware.guidance.suggestions import Recent, Suggestion
from courseware.guidance.words import reason_sentence, weekday_names
from courseware.monitoring.rollups import own
from courseware.progress import queries as progress
from courseware.progress.days import number_of
from courseware.progress.queries import MyCourse, MyLearning
from courseware.progress.views import LearnPage
from courseware.progress.words import step_sentence
from courseware.resources import queries as resources
from courseware.resources.storage import store
from courseware.web import waiting
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.requests import undo

blueprint = Blueprint("guidance", __name__)
SHOWS = ("learning", "done", "kept")


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page shows beside the courses themselves."""

    learning: MyLearning
    choice: GuidanceChoice
    mastery: Mapping[int, str]
    week_s: float
    week: Week | None
    weeks: Sequence[bool]
    suggested: Sequence[Suggestion]
    recent: Sequence[Recent]
    due: Sequence[agenda.Due]
    certificates: int
    favourites: int
    is_minor: bool


@blueprint.get("/my-learning")
@login_needed
def my_learning() -> str:
    """Where to go on, what is due, the week, courses, one square a point, what fits next."""
    person, shown = signed_in(), request.args.get("show", SHOWS[0])
    page = read_page(person, _uuid(request.args.get("map", "")))
    return render_template(
        "guidance/my_learning.html", page=page, person=person, shown=shown if shown in SHOWS else SHOWS[0],
        kept=queries.favourites_of(person) if shown == "kept" else (), step_sentence=step_sentence,
        reason_sentence=reason_sentence, weekdays=weekday_names(), today=_today(),
    )  # fmt: skip


def read_page(person: User, map_of: uuidlib.UUID | None = None) -> Shown:
    """Reads the page for `person`; the number of queries does not grow with what they learned."""
    learning, mine, today = progress.my_learning(person, map_of), queries.own_of(person), _today()
    choice = mine.choice
    days = own.own_days(person.id, number_of(today - dt.timedelta(days=today.weekday())), first_day(today))
    is_personal = policy.may_suggest(person, choice)
    course = learning.mastery_of
    around = suggestions.around_of(person, course, personal=is_personal and choice.takes_suggestions)
    chosen = (
        suggestions.choose(around, course, personal=is_personal, at_hand=_at_hand(learning))
        if choice.takes_suggestions else []
    )  # fmt: skip
    suggested, recent = suggestions.with_used_last(person, chosen)
    return Shown(
        learning, choice, _mastery(course, around.mastery), sum(days.seconds.values()),
        plan_week(today, choice.plan_days, choice.plan_minutes, lessons_left(learning.learning), days.seconds) if choice.plan_days else None,
        weeks_learned(today, days.learned) if choice.shows_weeks else (),
        suggested, recent, agenda.open_for(person, may_be=waiting.may_be), mine.certificates, mine.favourites,
        policy.is_minor(person, choice),
    )  # fmt: skip


def lessons_left(courses: Sequence[MyCourse]) -> list[tuple[LessonFacts, int]]:
    """Lessons not complete of the courses being learned, each with the minutes it still takes by what is left to do."""
    return [
        (lesson, ceil(lesson.minutes * (1 - mine.states.done_in(lesson) / lesson.required)) if lesson.required else lesson.minutes)
        for mine in courses
        for lesson in mine.states.contents.lessons
        if mine.states.of(lesson) != "done"
    ]  # fmt: skip


@blueprint.route("/my-learning/plan", methods=["GET", "POST"])
@login_needed
def plan() -> str | BaseResponse:
    """Days and minutes of one's own week."""
    person = signed_in()
    if request.method == "POST":
        try:
            services.plan(person, _numbers(request.form.getlist("day")), request.form.get("minutes", 0, int))
        except DomainError as refusal:
            undo()
            flash(refusal.sentence(), "error")
            return redirect(url_for("guidance.plan"))
        flash(_("Your plan is kept. It proposes lessons; you decide."), "success")
        return redirect(url_for("guidance.my_learning"))
    return render_template(
        "guidance/plan.html",
        choice=services.choice_of(person),
        weekdays=weekday_names(),
        least=LEAST_MINUTES,
        most=MOST_MINUTES,
    )


@blueprint.route("/my-learning/choices", methods=["GET", "POST"])
@login_needed
def choices() -> str | BaseResponse:
    """What is shown and suggested, and what suggestions rest on."""
    person, form = signed_in(), request.form
    if request.method == "POST":
        services.choose(
            person, shows_weeks="weeks" in form, takes_suggestions="suggestions" in form, age=form.get("age", "")
        )
        flash(_("Your choice is kept."), "success")
        return redirect(url_for("guidance.choices"))
    choice = services.choice_of(person)
    return render_template(
        "guidance/choices.html",
        choice=choice,
        is_minor=policy.is_minor(person, choice),
        declined=queries.declined_by(person),
    )


@blueprint.post("/my-learning/suggestions/<uuid:resource_uuid>")
@login_needed
def decline(resource_uuid: uuidlib.UUID) -> BaseResponse:
    """ "Not for me", or taking that back."""
    person = signed_in()
    is_back = request.form.get("back") == "1"
    services.decline(person, resources.resource_by_uuid(resource_uuid, person), wanted=is_back)
    flash(
        _("It may be suggested again.")
        if is_back
        else _("It is not suggested to you again. Take it back under “What is suggested”."),
        "success",
    )
    return redirect(url_for("guidance.choices") if is_back else url_for("guidance.my_learning"))


@blueprint.post("/resources/<uuid:resource_uuid>/favourite")
@login_needed
def favourite(resource_uuid: uuidlib.UUID) -> BaseResponse:
    """Keeps a resource, or lets it go."""
    person, wanted = signed_in(), request.form.get("keep") == "1"
    services.keep(person, resources.resource_by_uuid(resource_uuid, person), wanted=wanted)
    flash(
        _("It stands among your favourites in “My learning”.") if wanted else _("It is no favourite any more."),
        "success",
    )
    back = url_for("resources.resource", resource_uuid=resource_uuid)
    return redirect(local_path(request.form.get("next", "")) if request.form.get("next") else back)


@blueprint.route("/my-learning/export", methods=["GET", "POST"])
@login_needed
def own_data() -> str | BaseResponse:
    """A copy of all that is kept about the person: at once when it is small, by the worker when it is large."""
    person = signed_in()
    if request.method == "POST":
        try:
            asked = export.ask(person)
        except DomainError as refusal:
            undo()
            flash(refusal.sentence(), "warning")
            return redirect(url_for("guidance.own_data"))
        if asked is None:
            return _packed(person)
        flash(_("Your copy is being made. It appears here when it is ready; you may leave this page."), "success")
        return redirect(url_for("guidance.own_data"))
    return render_template("guidance/export.html", exports=export.exports_of(person), has_failed=export.has_failed)


@blueprint.get("/my-learning/export/<uuid:export_uuid>")
@login_needed
def fetch_own_data(export_uuid: uuidlib.UUID) -> Response:
    """A copy that the worker made, to its person only."""
    found = export.export_by_uuid(export_uuid, signed_in())
    answer = Response(store().get_range(found.store_key), mimetype=export.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{_filename()}"'
    answer.headers["Content-Length"] = str(found.size)
    answer.headers["Cache-Control"] = "no-store"
    return answer


blueprint.add_app_template_global(reason_sentence)


@blueprint.app_template_global()
def beside_resource(resource_id: int) -> Mapping[str, Any]:
    """What a resource's page shows below it: what goes with it, and whether the reader kept it."""
    person = actor()
    return {
        "suggested": suggestions.beside([resource_id]),
        "is_favourite": queries.is_favourite(person, resource_id) if person is not None else None,
    }  # fmt: skip


@blueprint.app_template_global()
def after_lesson(page: LearnPage) -> Sequence[Suggestion]:
    """What goes with a lesson, at its end: nothing while there is something left to do in it."""
    is_last = bool(page.lesson.items) and page.item == page.lesson.items[-1]
    if not is_last and page.steps:
        return ()
    return suggestions.beside({item.resource_id for item in page.lesson.items if item.resource_id}, limit=3)


def _packed(person: User) -> BaseResponse:
    target = io.BytesIO()
    export.pack(person, target)
    target.seek(0)
    return send_file(target, export.CONTENT_TYPE, as_attachment=True, download_name=_filename(), max_age=0)


def _filename() -> str:
    return f"keku-{_today():%Y%m%d}.zip"


def _mastery(course: MyCourse | None, states: Mapping[int, str]) -> Mapping[int, str]:
    """The points of the map with the gaps among them."""
    if course is None:
        return states
    known = course_map(course.states.contents)
    return path.with_gaps(known.order, known.needs, states)


def _at_hand(learning: MyLearning) -> int | None:
    """The resource that the page says to go on with."""
    item = learning.going.item if learning.going is not None else None
    return item.resource_id if item is not None else None


def _today() -> dt.date:
    return clock.now().astimezone(clock.REPORTING_ZONE).date()


def _numbers(values: Sequence[str]) -> list[int]:
    return [int(value) if value.isascii() and value.isdigit() else -1 for value in values]


def _uuid(text: str) -> uuidlib.UUID | None:
    try:
        return uuidlib.UUID(text)
    except ValueError:
        return None
