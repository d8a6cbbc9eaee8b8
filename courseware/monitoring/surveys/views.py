"""The question as a card on learning pages, what comes back, and the page of results."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.roles import Role
from courseware.libraries.models import Library
from courseware.monitoring import pages
from courseware.monitoring.errors import PlanStands, ScoreOutOfRange, SurveyClosed
from courseware.monitoring.indicators.satisfaction import ENOUGH, RESPONSE
from courseware.monitoring.indicators.smallness import SMALLEST
from courseware.monitoring.models import SurveyInvitation
from courseware.monitoring.surveys import queries, services
from courseware.monitoring.surveys.words import GROUPS, SCORES
from courseware.monitoring.words import reason_words
from courseware.web import waiting
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.requests import undo

blueprint = Blueprint("monitoring_surveys", __name__)
KEEPERS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
HOME = "monitoring_surveys.results"
ASKED_ON = frozenset(
    {"guidance.my_learning", "catalog.course", "discovery.home", "libraries.library", "resources.resource"}
)
OPEN_FOR_S = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Card:
    """One question: about which library, and a token that says whose it is and when it was shown."""

    library: Library
    token: str


waiting.tell("survey", queries.may_be_asked(User.__table__.c.id))


@blueprint.app_context_processor
def _card() -> dict[str, Any]:
    return {"survey_card": survey_card, "survey_scores": SCORES}


def survey_card() -> Card | None:
    """The question for the person who reads this page; never while a lesson is open. No query for people who are asked nothing."""
    person = actor()
    if person is None or request.endpoint not in ASKED_ON or not waiting.may_be("survey"):
        return None
    now = clock.now()
    found = queries.open_question(person.id, now)
    return Card(found[1], _signer().dumps([found[0].id, now.timestamp()])) if found else None


@blueprint.post("/survey")
@login_needed
def send() -> Response:
    """Takes the answer, or that the person does not want to be asked."""
    try:
        invitation, shown_at = _asked()
        if request.form.get("act") == "dismiss":
            services.dismiss(invitation)
        else:
            _answer(invitation, shown_at)
            flash(_("Thank you. Your answer is counted without your name."), "success")
    except (SurveyClosed, ScoreOutOfRange) as refusal:
        undo()
        chosen = isinstance(refusal, SurveyClosed)
        flash(refusal.sentence() if chosen else _("Choose how satisfied you are first."), "warning")
    return redirect(_back())


def _answer(invitation: SurveyInvitation, shown_at: float) -> None:
    moment = dt.datetime.fromtimestamp(shown_at, dt.UTC)
    score = request.form.get("score", 0, int)
    browser_s = request.form.get("took_s", None, float)
    services.answer(
        invitation,
        score,
        shown_at=moment,
        browser_s=browser_s,
        comment=request.form.get("comment", "").replace("\0", ""),
    )


def _asked() -> tuple[SurveyInvitation, float]:
    """Whose question it is and when it was shown. Raises SurveyClosed, NotFound."""
    try:
        invitation_id, shown_at = _signer().loads(request.form.get("token", ""))
    except (BadSignature, ValueError, TypeError) as error:
        raise SurveyClosed() from error
    if not 0 <= clock.now().timestamp() - shown_at <= OPEN_FOR_S:
        raise SurveyClosed()
    return queries.invitation_of(invitation_id, signed_in().id), shown_at


def _back() -> str:
    """The page the person was on, when it is one of ours."""
    wanted = request.form.get("next", "")
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_ours else url_for("guidance.my_learning")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="survey")


@blueprint.get("/monitor/survey")
@role_needed(*KEEPERS)
def results() -> str:
    """How satisfied people are, how many answered, what they wrote; who they are is not said."""
    place = pages.place()
    found = queries.results(place.library, place.period, place.now)
    english = queries.english_names(g.name for g in found.units) if str(get_locale()) == "en" else {}
    return render_template(
        "monitoring/survey.html", place=place, found=found, plan=queries.plan(place.library, place.period),
        groups={**english, **GROUPS},
        side_nav=pages.side_nav(place.library, place.period, HOME), scores=SCORES, reason_words=reason_words,
        enough=ENOUGH, response=RESPONSE, smallest=SMALLEST, default=services.DEFAULT_PERCENT,
        is_fixed=queries.has_invitations(place.library, place.period),
        is_open=queries.has_uninvited_answers(place.library, place.period),
    )  # fmt: skip


@blueprint.post("/monitor/survey/plan")
@role_needed(*KEEPERS)
def set_plan() -> Response:
    """Changes how many of 100 are asked in a year."""
    place = pages.place()
    try:
        services.set_percent(place.library, place.period, request.form.get("percent", 0, int), signed_in())
        flash(_("The rule is changed."), "success")
    except PlanStands as refusal:
        undo()
        flash(refusal.sentence(), "error")
    return redirect(url_for(HOME, library=place.library.code, period=place.period.code))


@blueprint.post("/monitor/survey/comments/<int:answer_id>/hide")
@role_needed(*KEEPERS)
def hide(answer_id: int) -> Response:
    """Takes a comment off the page."""
    place = pages.place()
    services.hide_comment(answer_id, place.library, signed_in())
    return redirect(url_for(HOME, library=place.library.code, period=place.period.code) + "#comments")
