"""A person's certificates, the sheet to print, the public page that checks one, and what keepers do."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Mapping
from typing import Any

import segno
from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from courseware.certificates import policy, queries, services
from courseware.certificates.codes import grouped, masked, normalised
from courseware.certificates.models import Certificate
from courseware.core.errors import DomainError
from courseware.core.roles import Role
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.i18n import show_date
from courseware.web.requests import undo
from courseware.web.security import limiter

blueprint = Blueprint("certificates", __name__)


@blueprint.get("/my-learning/certificates")
@login_needed
def mine() -> str:
    """All certificates of the person."""
    return render_template("certificates/mine.html", certificates=queries.certificates_of(signed_in()), grouped=grouped)


@blueprint.get("/my-learning/certificates/<uuid:certificate_uuid>")
@login_needed
def certificate(certificate_uuid: uuidlib.UUID) -> str:
    """The sheet, in both languages, to look at and to print; its holder chooses here whether it bears the name."""
    found = queries.certificate_by_uuid(certificate_uuid, actor())
    return render_template(
        "certificates/certificate.html", certificate=found, words=_both_languages(found), qr=_qr(found),
        code=grouped(found.code), is_holder=found.user_id == signed_in().id, address=_address(found), masked=masked,
    )  # fmt: skip


@blueprint.post("/my-learning/certificates/<uuid:certificate_uuid>/name")
@login_needed
def choose_name(certificate_uuid: uuidlib.UUID) -> Response:
    """The holder says whether the name is printed."""
    found = queries.certificate_by_uuid(certificate_uuid, actor())
    services.choose_name(signed_in(), found, request.form.get("choice", ""))
    flash(
        _("Your name stands on the certificate.") if found.printed_name else _("The certificate bears no name."),
        "success",
    )
    return redirect(url_for("certificates.certificate", certificate_uuid=certificate_uuid))


@blueprint.get("/verify")
@limiter.limit("20 per minute; 200 per day")
def verify() -> Response:
    """Checks a code, for everybody. Few tries, no trace in search engines, nothing kept by caches."""
    typed = request.args.get("code", "")[:200]
    found, code = queries.verify(typed) if typed else None, normalised(typed)
    page = render_template("certificates/verify.html", typed=grouped(code) if code else typed, found=found)
    answer = make_response(page)
    answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"] = "noindex", "no-store"
    return answer


@blueprint.get("/monitor/certificates")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def kept() -> str:
    """Certificates of the libraries that the person keeps, to revoke one with a reason."""
    text = request.args.get("q", "")[:100]
    return render_template("certificates/kept.html", certificates=queries.kept_by(signed_in(), text), text=text)


@blueprint.post("/monitor/certificates/<uuid:certificate_uuid>/revoke")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def revoke(certificate_uuid: uuidlib.UUID) -> Response:
    """Puts a certificate out of force."""
    return _judge(certificate_uuid, services.revoke, _("It is revoked. Whoever checks it reads the reason."))


@blueprint.post("/monitor/certificates/<uuid:certificate_uuid>/reinstate")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def reinstate(certificate_uuid: uuidlib.UUID) -> Response:
    """Puts it in force again."""
    return _judge(certificate_uuid, services.reinstate, _("It is in force again."))


def _judge(certificate_uuid: uuidlib.UUID, act: services.Judgement, done: str) -> Response:
    found = queries.certificate_by_uuid(certificate_uuid, actor())
    policy.require_judge(signed_in(), found)
    try:
        act(signed_in(), found, request.form.get("reason", ""))
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(done, "success")
    return redirect(url_for("certificates.kept", q=found.number))


def _address(found: Certificate) -> str:
    """Where anybody checks it; what the QR sign leads to."""
    return url_for("certificates.verify", code=grouped(found.code), _external=True)


def _qr(found: Certificate) -> Markup:
    drawn = segno.make_qr(_address(found), error="m").svg_inline(omitsize=True, border=2, svgclass="qr")
    return Markup(drawn)  # noqa: S704  drawn from our own address by the library, no text of people


def _both_languages(found: Certificate) -> list[dict[str, str]]:
    """The words of the sheet, Chinese first, then English: a certificate is shown to people who read either."""
    return [_words(found, locale) for locale in ("zh_Hans", "en")]


def _words(found: Certificate, locale: str) -> dict[str, str]:
    is_english = locale == "en"

    def local(chinese: str, english: str) -> str:
        return (english or chinese) if is_english else (chinese or english)

    with force_locale(locale):
        return {
            "lang": "en" if is_english else "zh-Hans",
            "title": _("Course certificate"),
            "says": _("has completed the course"),
            "nobody": _("The holder of this certificate"),
            "course": local(found.course_name, found.course_name_en),
            "hours": _("%(hours)s teaching hours, run %(run)s", hours=found.hours, run=found.run_key),
            "day": _("Completed on %(day)s", day=_day(found, locale)),
            "rule": _rule(found.rule),
            "library": local(found.library_name, found.library_name_en),
            "units": _(", ").join(local(*unit) for unit in found.units),
            "proves": _("A course certificate of this platform. It is no state certificate, no degree and no vocational skill level."),
            "check": _("Check it by the sign or the code"),
        }  # fmt: skip


def _rule(rule: Mapping[str, Any]) -> str:
    """What had to be done, in the language of the moment."""
    if rule.get("needed", rule["lessons"]) < rule["lessons"]:
        return _(
            "%(needed)s of %(lessons)s lessons were completed with every required step (rule %(version)s)",
            needed=rule["needed"], lessons=rule["lessons"], version=rule["version"],
        )  # fmt: skip
    if rule["name"] == "named":
        return _(
            "The %(lessons)s lessons that the course names were completed with every required step (rule %(version)s)",
            lessons=rule["lessons"], version=rule["version"],
        )  # fmt: skip
    return _(
        "Every required step of all %(lessons)s lessons was done (%(steps)s steps, rule %(version)s)",
        lessons=rule["lessons"], steps=rule["steps"], version=rule["version"],
    )  # fmt: skip


def _day(found: Certificate, locale: str) -> str:
    return show_date(found.completed_at, "yyyy年M月d日" if locale != "en" else "d MMMM yyyy")
