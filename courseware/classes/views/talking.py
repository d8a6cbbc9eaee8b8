"""The discussion of a class, for its teachers and its members; threads and moderation are those of `discussion`."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.classes import policy
from courseware.classes.models import TeachingClass
from courseware.classes.queries.classes import class_to_learn, class_to_teach
from courseware.classes.services.classes import is_ended, require_going
from courseware.classes.views import blueprint
from courseware.classes.views.frame import attempt, by_person, draw
from courseware.core.errors import NotFound
from courseware.discussion import queries
from courseware.discussion import services as threads
from courseware.web.access import login_needed, signed_in
from courseware.web.security import limiter


@blueprint.get("/classes/<uuid:class_uuid>/discussion")
@login_needed
def discussion(class_uuid: uuidlib.UUID) -> str:
    """What the class talks about, newest first."""
    klass, person = _class(class_uuid), signed_in()
    page = queries.threads_of_class(klass, person, request.args.get("after"))
    here = url_for("classes.discussion", class_uuid=class_uuid)
    following = f"{here}?after={page.next}" if page.next else None
    if policy.can_lead(person, klass):
        return draw("discussion", klass, "discussion", page=page, here=here, next_href=following, teaches=True)
    return render_template(
        "classes/discussion.html", klass=klass, course=klass.run.course, page=page, here=here, next_href=following, teaches=False,
        ended=is_ended(klass),
    )  # fmt: skip


@blueprint.post("/classes/<uuid:class_uuid>/discussion")
@login_needed
@limiter.limit("10 per minute", key_func=by_person)
def say(class_uuid: uuidlib.UUID) -> Response:
    """Begins a thread."""
    klass = _class(class_uuid)

    def begin() -> None:
        require_going(klass)
        threads.open_thread(signed_in(), klass.run.course, request.form.get("words", ""), class_=klass)

    if attempt(begin):
        flash(_("Said. The class sees it."), "success")
    return redirect(url_for("classes.discussion", class_uuid=class_uuid))


def _class(class_uuid: uuidlib.UUID) -> TeachingClass:
    """The class, for those who teach it and those who are in it; raises NotFound."""
    try:
        return class_to_teach(class_uuid, signed_in())
    except NotFound:
        return class_to_learn(class_uuid, signed_in())[0]
