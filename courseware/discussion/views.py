"""Questions beside a lesson, a thread of its own, one's own questions, the teachers' list. Each works without a script.

A script asks with the header X-Keku-Part and gets only the part that changed; the rest of the page stays as it is.
"""

from __future__ import annotations

import re
import uuid as uuidlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.accounts.views import local_path
from courseware.catalog import queries as catalog
from courseware.catalog.models import Lesson
from courseware.catalog.queries.contents import contents_of
from courseware.core.database import session
from courseware.core.errors import DomainError, NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.core.unit_of_work import announce_writes
from courseware.discussion import moderating, moderation, policy, queries, services
from courseware.discussion.models import Message, MessageEdit
from courseware.discussion.services import Spot
from courseware.discussion.words import as_html
from courseware.notes import queries as notes
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.i18n import local_text
from courseware.web.navigation import teach_nav
from courseware.web.requests import undo
from courseware.web.security import limiter

blueprint = Blueprint("discussion", __name__)
blueprint.add_app_template_filter(as_html, "said")

Answer = str | BaseResponse
LIMITS = "10 per minute; 120 per hour"


def person_key() -> str:
    """A limit counts a person, not an address: a whole class sits behind the one address of its school."""
    person = actor()
    return f"person:{person.id}" if person is not None else f"address:{request.remote_addr}"


@blueprint.get("/learn/<uuid:lesson_uuid>/questions")
def questions(lesson_uuid: uuidlib.UUID) -> str:
    """What the course asked beside a lesson; `key` and `at` say where the reader is, for the form."""
    person = actor()
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    return _questions(lesson, person)


@blueprint.post("/learn/<uuid:lesson_uuid>/questions")
@login_needed
@limiter.limit(LIMITS, key_func=person_key)
def ask(lesson_uuid: uuidlib.UUID) -> Answer:
    """Asks, at a second of the recording where one is named."""
    person = signed_in()
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    spot = Spot(lesson, _key(request.form.get("key", "")), whole_second(request.form.get("at", "")))
    try:
        services.open_thread(person, lesson.course, request.form.get("words", ""), spot)
    except DomainError as refusal:
        return _refused(refusal)
    return _questions(lesson, person) if is_part() else _back(_("Asked. Whoever teaches the course sees it."))


@blueprint.get("/questions/<uuid:thread_uuid>")
@login_needed
def thread(thread_uuid: uuidlib.UUID) -> str:
    """One question with all its answers."""
    announce_writes()
    person = signed_in()
    found = queries.thread_by_uuid(thread_uuid, person)
    view = queries.thread_view(found, person)
    services.note_read(person, found)
    return render_template("discussion/thread.html", view=view)


@blueprint.post("/questions/<uuid:thread_uuid>/answers")
@login_needed
@limiter.limit(LIMITS, key_func=person_key)
def reply(thread_uuid: uuidlib.UUID) -> Answer:
    """Answers a question."""
    person = signed_in()
    found = queries.thread_by_uuid(thread_uuid, person)
    try:
        services.reply(person, found, request.form.get("words", ""))
    except DomainError as refusal:
        return _refused(refusal)
    services.note_read(person, found)
    return _drawn(found.uuid, person) if is_part() else _back(_("Your answer stands there."))


Act = Callable[[User, Message, str], Any]
ACTS: dict[str, tuple[Act, Any]] = {
    "edit": (services.edit, _l("Changed.")),
    "delete": (lambda person, message, _words: services.remove(person, message), _l("Deleted. A trace stays.")),
    "mark": (lambda person, message, _words: services.mark(person, message), _l("Noted.")),
    "unmark": (lambda person, message, _words: services.mark(person, message, wanted=False), _l("Taken back.")),
    "accept": (
        lambda person, message, _words: services.accept(person, message),
        _l("Marked as the answer that helped."),
    ),
    "unaccept": (lambda person, message, _words: services.accept(person, message, wanted=False), _l("Taken back.")),
    "report": (moderation.report, _l("Reported. Whoever teaches the course looks at it.")),
    "hide": (moderation.hide, _l("Hidden. Its author reads the reason and may appeal to a librarian.")),
    "leave": (
        lambda person, message, _words: moderation.leave_standing(person, message),
        _l("It stays. The report is settled."),
    ),
    "appeal": (moderation.appeal, _l("Your appeal is on its way. The answer appears here.")),
    "restore": (
        lambda person, message, words: moderation.decide_appeal(person, message, words, restore=True),
        _l("Shown again."),
    ),
    "uphold": (
        lambda person, message, words: moderation.decide_appeal(person, message, words, restore=False),
        _l("It stays hidden. Its author reads why."),
    ),
}


@blueprint.post("/messages/<uuid:message_uuid>/<act>")
@login_needed
@limiter.limit("60 per minute", key_func=person_key)
def act_on_message(message_uuid: uuidlib.UUID, act: str) -> Answer:
    """One of ACTS on what somebody wrote; each asks the policy itself."""
    if act not in ACTS:
        raise NotFound()
    person = signed_in()
    message = queries.message_by_uuid(message_uuid, person)
    do, said = ACTS[act]
    try:
        do(person, message, request.form.get("words", ""))
    except DomainError as refusal:
        return _refused(refusal)
    return _drawn(message.thread.uuid, person) if is_part() else _back(str(said))


@blueprint.get("/messages/<uuid:message_uuid>/history")
@login_needed
def history(message_uuid: uuidlib.UUID) -> str:
    """What a message said before it was edited, for moderators."""
    person = signed_in()
    message = queries.message_by_uuid(message_uuid, person)
    if not policy.can_moderate(person, message.thread.course, message.thread.class_):
        raise NotAllowed()
    edits = (
        session()
        .scalars(select(MessageEdit).where(MessageEdit.message_id == message.id).order_by(MessageEdit.id))
        .all()
    )
    return render_template("discussion/history.html", message=message, edits=edits)


@blueprint.get("/my-learning/questions")
@login_needed
def my_questions() -> str:
    """What the person asked, with what is new; looking at it takes the news away."""
    announce_writes()
    person = signed_in()
    page, news = queries.threads_of_person(person, request.args.get("after")), queries.count_news(person)
    answer = render_template("discussion/my_questions.html", page=page, news=news)
    services.note_all_read(person)
    return answer


@blueprint.get("/teach/questions")
@role_needed(Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)
def teach_questions() -> str:
    """Questions that wait for a teacher, reports, what is hidden, appeals."""
    person, state = signed_in(), request.args.get("state", "open")
    state = state if state in moderating.STATES else "open"
    is_list = state in ("open", "all")
    return render_template(
        "discussion/teach_questions.html", state=state, counts=moderating.counts_for(person), side_nav=teach_nav(),
        page=moderating.questions_for(person, state, request.args.get("after")) if is_list else None,
        cases=[] if is_list else moderating.cases_for(person, state),
        decides=person.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR),
    )  # fmt: skip


@blueprint.get("/learn/<uuid:lesson_uuid>/beside")
@login_needed
def beside(lesson_uuid: uuidlib.UUID) -> Response:
    """The figures of the tabs beside a lesson and the marks on its recordings, asked for after the page stands."""
    person = signed_in()
    course = catalog.course_of_lesson(lesson_uuid, person)
    facts = course.contents.by_lesson.get(lesson_uuid)
    if facts is None:
        return jsonify(notes=0, questions=0, news=0, marks=[])
    found = queries.beside_lesson(facts.id, person)
    marks = [
        {"kind": kind, "key": str(key), "at": at}
        for kind, places in (
            ("note", notes.seconds_in_lesson(person, facts.id)),
            ("ask", queries.seconds_in_lesson(facts.id)),
        )
        for key, at in places
    ]
    return jsonify(
        notes=notes.count_in_lesson(person, facts.id), questions=found.questions, news=found.news, marks=marks
    )


def is_part() -> bool:
    """Whether a script asks for the part that changed."""
    return "X-Keku-Part" in request.headers


def whole_second(text: str) -> int | None:
    """A second of a recording as forms and addresses write it; None for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _questions(lesson: Lesson, person: User | None) -> str:
    """The list beside a lesson, as a part or as a page, or why the reader does not see it."""
    why_not = _why_not(lesson, person)
    after = request.args.get("after")
    page = None if why_not or person is None else queries.threads_of_lesson(lesson.id, person, after)
    name = "_questions" if is_part() else "questions"
    answer = render_template(
        f"discussion/{name}.html", lesson=lesson, page=page, why_not=why_not, after=after, key=_key(request.values.get("key", "")),
        at=whole_second(request.values.get("at", "")), back=url_for("discussion.questions", lesson_uuid=lesson.uuid),
        begun=_begun(lesson),
    )  # fmt: skip
    if page is not None and person is not None and any(view.has_news for view in page.items):
        announce_writes()
        services.note_all_read(person, lesson)
    return answer


def _begun(lesson: Lesson) -> str:
    """The first words of a question about one thing of the lesson, where the address asks `about` it."""
    facts = contents_of(lesson.course).by_lesson.get(lesson.uuid) if "about" in request.args else None
    key = _key(request.args.get("key", ""))
    item = next((item for item in facts.items if item.key == key), None) if facts is not None else None
    return _("About “%(title)s”: ", title=local_text(item, "title")) if item is not None and item.title else ""


def _why_not(lesson: Lesson, person: User | None) -> str:
    if person is None:
        return _("Sign in and join the course; it is free.")
    if not policy.can_take_part(person, lesson.course):
        return _("Join the course to read and to ask; it is free.")
    return ""


def _drawn(thread_uuid: uuidlib.UUID, person: User) -> str:
    """One thread as it stands now."""
    session().expire_all()
    view = queries.thread_view(queries.thread_by_uuid(thread_uuid, person), person)
    return render_template("discussion/_one.html", view=view, back=request.form.get("back", ""))


def _refused(refusal: DomainError) -> Answer:
    """A script gets the sentence beside the field; a form comes back to where it stood."""
    if is_part():
        raise refusal
    undo()
    flash(refusal.sentence(), "error")
    return redirect(local_path(request.form.get("back", "")))


def _back(said: str) -> BaseResponse:
    flash(said, "success")
    return redirect(local_path(request.form.get("back", "")))


def _key(text: str) -> uuidlib.UUID | None:
    try:
        return uuidlib.UUID(text)
    except ValueError:
        return None
