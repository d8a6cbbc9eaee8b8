"""Signing in and up, the own account, people for administrators."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from courseware.accounts import queries, services
from courseware.accounts.errors import AccountLocked, EmailTaken, SignInRefused
from courseware.accounts.forms import ROLE_NAMES, NewUserForm, PasswordForm, SignInForm, SignUpForm
from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core.database import session as database
from courseware.core.errors import Invalid
from courseware.core.roles import Role
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.i18n import COOKIE, LANGUAGES
from courseware.web.navigation import admin_nav
from courseware.web.requests import number_arg
from courseware.web.security import limiter

blueprint = Blueprint("accounts", __name__)
YEAR_S = 365 * 24 * 3600


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("30 per minute", methods=["POST"])
def sign_in() -> str | Response:
    """The sign-in page; goes on to where the person came from."""
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        try:
            user = services.authenticate(form.email.data or "", form.password.data or "", request.remote_addr or "")
        except (SignInRefused, AccountLocked) as refusal:
            form.password.errors = [refusal.sentence()]
        else:
            return _enter(user, form.next.data or "")
    return render_template("accounts/sign_in.html", form=form)


@blueprint.route("/sign-up", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
def sign_up() -> str | Response:
    """A learner's own account, free of charge (R42)."""
    form = SignUpForm()
    if form.validate_on_submit():
        try:
            user = services.sign_up(form.email.data or "", form.name.data or "", form.password.data or "")
        except EmailTaken as refusal:
            form.email.errors = [refusal.sentence()]
        except Invalid as refusal:
            form.password.errors = [str(problem) for problem in refusal.problems["password"]]
        else:
            return _enter(user, request.args.get("next", ""))
    return render_template("accounts/sign_up.html", form=form)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Ends the session."""
    if actor():
        auditlog.record("account.sign_out", actor())
        services.end_session(session.get("sid", ""))
    logout_user()
    session.clear()
    return redirect("/")


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
def setup_password(token: str) -> str | Response:
    """Choosing a password by a one-time link."""
    user = services.user_of_setup_link(token)
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            return _enter(services.use_setup_link(token, form.password.data or ""), "")
        except Invalid as refusal:
            form.password.errors = [str(problem) for problem in refusal.problems["password"]]
    return render_template("accounts/setup_password.html", form=form, user=user)


@blueprint.post("/preferences/language")
def preferences_language() -> Response:
    """Remembers the language, in the account and on this device."""
    language = request.form.get("language", "")
    answer = redirect(local_path(request.form.get("next", "")))
    person = actor()
    if language in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=YEAR_S, samesite="Lax")
        if person:
            person.locale = language
    return answer


@blueprint.route("/account", methods=["GET", "POST"])
@login_needed
def account() -> str | Response:
    """What is kept about me, and a new password."""
    person, form = signed_in(), PasswordForm()
    if form.validate_on_submit():
        try:
            services.set_password(person, form.password.data or "")
        except Invalid as refusal:
            form.password.errors = [str(problem) for problem in refusal.problems["password"]]
        else:
            login_user(person)
            flash(_("The new password is set. Other devices were signed out."), "success")
            return redirect(url_for("accounts.account"))
    return render_template("accounts/account.html", form=form, person=person, role_names=ROLE_NAMES)


@blueprint.route("/admin/users", methods=["GET", "POST"])
@role_needed(Role.ADMINISTRATOR)
def admin_users() -> str | Response:
    """People, and new accounts."""
    form = NewUserForm()
    link = ""
    if form.validate_on_submit():
        try:
            user = services.create_user(
                form.email.data or "",
                form.name.data or "",
                unit=signed_in().unit,
                roles=form.roles.data or [],
                actor=signed_in(),
            )
            link = url_for("accounts.setup_password", token=services.issue_setup_link(user), _external=True)
        except EmailTaken as refusal:
            form.email.errors = [refusal.sentence()]
    search = request.args.get("q", "")[:100]
    page = queries.list_users(search, after=number_arg("after"))
    return render_template(
        "admin/users.html",
        form=form,
        page=page,
        link=link,
        search=search,
        role_names=ROLE_NAMES,
        side_nav=admin_nav(),
    )


@blueprint.post("/admin/users/<uuid:user_uuid>/unlock")
@role_needed(Role.ADMINISTRATOR)
def unlock(user_uuid: uuid.UUID) -> Response:
    """Lets a locked person try again."""
    user = queries.user_by_uuid(user_uuid)
    services.unlock(signed_in(), user)
    flash(_("%(name)s can try again.", name=user.name), "success")
    return redirect(url_for("accounts.admin_users"))


def local_path(target: str) -> str:
    """`target` when it is a path of this site, else the home page (SEC13: safe redirects)."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or any(ord(letter) < 32 for letter in target):
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    return "/" if parts.netloc or parts.scheme else target


def _enter(user: User, target: str) -> Response:
    session.clear()
    login_user(user)
    services.enter(user)
    database().flush()
    return redirect(local_path(target) if target else _first_page(user))


def _first_page(user: User) -> str:
    if user.has_role(Role.ADMINISTRATOR):
        return "/monitor"
    if user.has_role(Role.REVIEWER):
        return "/review"
    return "/teach/resources" if user.has_role(Role.TEACHER, Role.LIBRARIAN) else "/my-learning"
