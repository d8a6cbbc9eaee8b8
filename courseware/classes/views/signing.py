"""Being there: the code on the screen, typed or scanned, by those who learn in the class."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.classes.errors import NotInClass, TooManyCodes, WrongSignInCode
from courseware.classes.models import TeachingClass
from courseware.classes.queries import live as queries
from courseware.classes.queries.classes import class_to_learn
from courseware.classes.services import sign_ins
from courseware.classes.views import blueprint
from courseware.classes.views.frame import by_person
from courseware.core.errors import DomainError, NotFound
from courseware.web.access import login_needed, signed_in
from courseware.web.requests import undo
from courseware.web.security import limiter


@blueprint.get("/my-classes/<uuid:class_uuid>/sign-in")
@login_needed
@limiter.limit("60 per minute", key_func=by_person)
def scanned(class_uuid: uuidlib.UUID) -> str | tuple[str, int]:
    """What a phone opens after scanning the screen: one button, or why not. `pass`: what the picture held."""
    person, given = signed_in(), request.args.get("pass", "")
    klass = _class_scanned(class_uuid)
    opened = sign_ins.running(klass)
    refusal: DomainError | None = None
    if opened is not None and not queries.is_signed_in(opened, person):
        try:
            sign_ins.check_pass(person, opened, given)
        except DomainError as why:
            refusal = why
    page = render_template(
        "classes/scanned.html", klass=klass, opened=opened, given=given, problem=refusal.sentence() if refusal else "",
        is_in=opened is not None and queries.is_signed_in(opened, person),
    )  # fmt: skip
    return (page, refusal.status) if refusal else page


@blueprint.post("/my-classes/<uuid:class_uuid>/sign-in")
@login_needed
@limiter.limit("20 per minute", key_func=by_person)
def sign_in(class_uuid: uuidlib.UUID) -> Response:
    """The code that stands on the screen, typed (`code`) or scanned (`pass`)."""
    klass = _class_scanned(class_uuid)
    opened = sign_ins.running(klass)
    back = redirect(url_for("classes.my_class", class_uuid=class_uuid, _anchor="now"))
    if opened is None:
        flash(_("No sign-in is open now. If you were there, tell your teacher."), "warning")
        return back
    given = request.form.get("pass", "")
    try:
        if given:
            sign_ins.sign_in_by_pass(signed_in(), opened, given)
        else:
            sign_ins.sign_in(signed_in(), opened, request.form.get("code", ""))
    except (WrongSignInCode, TooManyCodes) as refusal:  # not undone: wrong codes are counted
        flash(refusal.sentence(), "error")
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("You are signed in."), "success")
    return back


def _class_scanned(class_uuid: uuidlib.UUID) -> TeachingClass:
    """One's own class. Whoever stands before its screen knows that it is there, so others hear that they are not in it."""
    try:
        return class_to_learn(class_uuid, signed_in())[0]
    except NotFound as problem:
        raise NotInClass() from problem
