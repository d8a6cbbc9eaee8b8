"""Classes for those who learn in them: joining, the page of a class, signing in, answering, reading announcements."""

from __future__ import annotations

import hashlib
import uuid as uuidlib
from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.classes.errors import TooManyCodes, WrongClassCode
from courseware.classes.models import Poll, TeachingClass
from courseware.classes.queries import Due, DuePoint, due_for, points_due_for, unread_for
from courseware.classes.queries import live as queries
from courseware.classes.queries.classes import class_to_learn, classes_learned
from courseware.classes.queries.news import Going, Unread, announcement_by_uuid, going_on_for, told_in
from courseware.classes.queries.people import CLASSES, is_member_somewhere
from courseware.classes.services import news, polls, roster, sign_ins
from courseware.classes.services.classes import is_ended
from courseware.classes.views import blueprint
from courseware.classes.views.frame import attempt, by_person
from courseware.classes.views.polls import labels_of
from courseware.core import clock
from courseware.core.errors import DomainError
from courseware.web import waiting
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.requests import undo
from courseware.web.security import limiter

TOLD_ON = frozenset({"catalog.course", "progress.learn", "guidance.my_learning", "classes.my_classes"})


waiting.tell(CLASSES, is_member_somewhere(User.__table__.c.id))


@blueprint.app_context_processor
def _for_layout() -> dict[str, Any]:
    return {"class_notes": class_notes}


def class_notes() -> tuple[list[Unread], list[Going]]:
    """Announcements not read yet and what goes on now, for the learning pages of members; two queries for them, none for others."""
    person = actor()
    if person is None or request.endpoint not in TOLD_ON or not waiting.may_be(CLASSES):
        return [], []
    return unread_for(person), going_on_for(person)


@blueprint.route("/join", methods=["GET", "POST"])
@login_needed
@limiter.limit("20 per minute", methods=["POST"], key_func=by_person)
def join() -> str | Response | tuple[str, int]:
    """The form for the code of a class."""
    typed = request.values.get("code", "")[:40]
    if request.method == "GET":
        return render_template("classes/join.html", typed=typed, problem="")
    try:
        klass = roster.join(signed_in(), typed)
    except (WrongClassCode, TooManyCodes) as refusal:  # not undone: wrong codes are counted
        return render_template("classes/join.html", typed=typed, problem=refusal.sentence()), refusal.status
    except DomainError as refusal:
        undo()
        return render_template("classes/join.html", typed=typed, problem=refusal.sentence()), refusal.status
    flash(_("You are in the class “%(name)s” now.", name=klass.name), "success")
    return redirect(url_for("classes.my_class", class_uuid=klass.uuid))


@blueprint.get("/my-classes")
@login_needed
def my_classes() -> str:
    """The classes one is in."""
    return render_template("classes/my_classes.html", classes=classes_learned(signed_in()), is_ended=is_ended)


@blueprint.get("/my-classes/<uuid:class_uuid>")
@login_needed
def my_class(class_uuid: uuidlib.UUID) -> str:
    """One's own class: what goes on now, what is due, what was told."""
    person = signed_in()
    klass, member = class_to_learn(class_uuid, person)
    waiting: list[Due | DuePoint] = [*due_for(person), *points_due_for(person)]
    dues = sorted((due for due in waiting if due.class_uuid == klass.uuid), key=lambda due: due.due_on)
    return render_template(
        "classes/my_class.html", klass=klass, course=klass.run.course, member=member, dues=dues, now=clock.now(),
        told=told_in(klass, person), ended=is_ended(klass), **_going_on(klass, person),
    )  # fmt: skip


@blueprint.get("/my-classes/<uuid:class_uuid>/now")
@login_needed
@limiter.limit("60 per minute", key_func=by_person)
def class_now(class_uuid: uuidlib.UUID) -> str | tuple[str, int]:
    """What goes on now; nothing (204) while it is what the page shows, so that nobody loses what they type."""
    klass, _member = class_to_learn(class_uuid, signed_in())
    found = _going_on(klass, signed_in())
    if found["state"] == request.args.get("state"):
        return "", 204
    return render_template("classes/_now.html", klass=klass, **found)


@blueprint.post("/polls/<uuid:poll_uuid>/answer")
@login_needed
@limiter.limit("30 per minute", key_func=by_person)
def answer_poll(poll_uuid: uuidlib.UUID) -> Response:
    """One's answer to a question."""
    poll = queries.poll_by_uuid(poll_uuid)
    class_uuid = poll.teaching_class.uuid
    class_to_learn(class_uuid, signed_in())
    attempt(lambda: polls.answer(signed_in(), poll, request.form.getlist("answer")), _("Your answer is counted."))
    return redirect(url_for("classes.my_class", class_uuid=class_uuid, _anchor="now"))


@blueprint.post("/announcements/<uuid:announcement_uuid>/read")
@login_needed
def read_announcement(announcement_uuid: uuidlib.UUID) -> Response:
    """The announcement is read; back to where it stood."""
    found, klass = announcement_by_uuid(announcement_uuid)
    class_to_learn(klass.uuid, signed_in())
    news.read(signed_in(), klass, found)
    return redirect(_own_path(request.form.get("next", "")) or url_for("classes.my_class", class_uuid=klass.uuid))


@blueprint.post("/my-classes/<uuid:class_uuid>/leave")
@login_needed
def withdraw_from_class(class_uuid: uuidlib.UUID) -> Response:
    """Out of the class; what was done is kept."""
    klass, _member = class_to_learn(class_uuid, signed_in())
    said = _("You left the class “%(name)s”. What you learned is kept.", name=klass.name)
    attempt(lambda: roster.leave(signed_in(), klass), said)
    return redirect(url_for("classes.my_classes"))


def _going_on(klass: TeachingClass, person: User) -> dict[str, Any]:
    """The open sign-in, the questions with one's own answers, and a text that changes with them."""
    if is_ended(klass):
        return {"opened": None, "is_in": False, "questions": [], "state": ""}
    opened = sign_ins.running(klass)
    is_in = opened is not None and queries.is_signed_in(opened, person)
    questions = [_question(poll, mine) for poll, mine in queries.open_polls_of(klass, person)]
    told = [
        opened.uuid if opened else "",
        is_in,
        *((q["poll"].uuid, q["poll"].shown_at, q["poll"].closed_at, q["mine"]) for q in questions),
    ]
    state = hashlib.sha256(repr(told).encode()).hexdigest()[:12]
    return {"opened": opened, "is_in": is_in, "questions": questions, "state": state}


def _question(poll: Poll, mine: list[str] | None) -> dict[str, Any]:
    """A question with its choices, one's own answer in words, and the counts when they are shown."""
    labels = labels_of(poll)
    choices = polls.FIXED.get(poll.kind) or tuple(labels)
    result = queries.result_of(poll) if poll.shown_at is not None else None
    answer = "、".join(labels.get(one, one) for one in mine or ())
    return {"poll": poll, "mine": mine, "answer": answer, "choices": choices, "labels": labels, "result": result}


def _own_path(address: str) -> str:
    """A path of this site, or nothing."""
    parts = urlsplit(address)
    return (
        address
        if address.startswith("/") and not address.startswith("//") and not parts.netloc and "\\" not in address
        else ""
    )
