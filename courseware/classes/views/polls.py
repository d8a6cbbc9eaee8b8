"""Quick questions, for teachers: asking, the screen for the projector, showing results, closing."""

from __future__ import annotations

import uuid as uuidlib

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from courseware.catalog.models import Lesson
from courseware.catalog.queries import contents_of
from courseware.classes import policy
from courseware.classes.models import Poll, TeachingClass
from courseware.classes.queries import live as queries
from courseware.classes.queries.people import count_people
from courseware.classes.services import polls as services
from courseware.classes.services import sign_ins
from courseware.classes.views import blueprint
from courseware.classes.views.frame import attempt, by_person, draw, problems_of, taught, uuid_or_none
from courseware.classes.words import POLL_KINDS, TRUE_FALSE
from courseware.core.database import session
from courseware.core.errors import DomainError, NotFound
from courseware.web.access import login_needed, signed_in
from courseware.web.requests import undo
from courseware.web.security import limiter


@blueprint.post("/teach/classes/<uuid:class_uuid>/polls")
@login_needed
def ask(class_uuid: uuidlib.UUID) -> Response | tuple[str, int]:
    """Puts a question to the class, and goes to the screen."""
    klass, form = taught(class_uuid), request.form
    try:
        made = services.ask(
            signed_in(), klass, form.get("kind", ""), form.get("question", ""), form.get("options", "").splitlines(), _lesson(klass)
        )  # fmt: skip
    except DomainError as refusal:
        undo()
        return _form_again(taught(class_uuid), problems_of(refusal)), 422
    return redirect(url_for("classes.poll_screen", poll_uuid=made.uuid))


@blueprint.get("/teach/polls/<uuid:poll_uuid>/screen")
@login_needed
def poll_screen(poll_uuid: uuidlib.UUID) -> str:
    """The question in large type with the counts, for the projector."""
    return render_template("classes/poll_screen.html", **_screen(_poll(poll_uuid)))


@blueprint.get("/teach/polls/<uuid:poll_uuid>/screen/now")
@login_needed
@limiter.limit("120 per minute", key_func=by_person)
def poll_now(poll_uuid: uuidlib.UUID) -> str:
    """The changing part of the screen."""
    return render_template("classes/_poll_now.html", **_screen(_poll(poll_uuid)))


@blueprint.post("/teach/polls/<uuid:poll_uuid>")
@login_needed
def change_poll(poll_uuid: uuidlib.UUID) -> Response:
    """Shows or hides the results, closes or opens the question."""
    poll, person, act = _poll(poll_uuid), signed_in(), request.form.get("act", "")
    if act in ("show", "hide"):
        attempt(lambda: services.show_results(person, poll, are_shown=act == "show"))
    elif act in ("close", "open"):
        attempt(lambda: services.set_open(person, poll, is_open=act == "open"))
    else:
        raise NotFound()
    return redirect(url_for("classes.poll_screen", poll_uuid=poll_uuid))


def labels_of(poll: Poll) -> dict[str, str]:
    """What stands beside each choice."""
    if poll.kind == "true_false":
        return {key: str(label) for key, label in TRUE_FALSE.items()}
    if poll.kind in ("single", "multiple"):
        return {str(number): option for number, option in enumerate(poll.options)}
    return {}


def _screen(poll: Poll) -> dict[str, object]:
    klass = poll.teaching_class
    return {
        "poll": poll, "klass": klass, "result": queries.result_of(poll), "labels": labels_of(poll), "people": count_people(klass),
        "kind": POLL_KINDS[poll.kind], "join_address": url_for("classes.my_classes", _external=True),
    }  # fmt: skip


def _form_again(klass: TeachingClass, problems: dict[str, str]) -> str:
    count = count_people(klass)
    return draw(
        "live", klass, "live", running=sign_ins.running(klass), sign_ins=queries.sign_ins_of(klass, count), people=count,
        polls=queries.polls_of(klass), periods=sign_ins.PERIODS_S, kinds=POLL_KINDS, problems=problems, given=request.form,
    )  # fmt: skip


def _lesson(klass: TeachingClass) -> Lesson | None:
    """The lesson whose question it is, where one of the course was named."""
    uuid = uuid_or_none(request.form.get("lesson", ""))
    facts = contents_of(klass.run.course).by_lesson.get(uuid) if uuid is not None else None
    return session().get(Lesson, facts.id) if facts is not None else None


def _poll(poll_uuid: uuidlib.UUID) -> Poll:
    poll = queries.poll_by_uuid(poll_uuid)
    if not policy.can_lead(signed_in(), poll.teaching_class):
        raise NotFound()
    return poll
