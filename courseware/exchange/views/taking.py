"""The page of a course's packages: what would be in them, making one, fetching it."""

from __future__ import annotations

import uuid as uuidlib
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.catalog import policy as catalog
from courseware.core.database import session
from courseware.core.errors import DomainError, NotFound
from courseware.exchange import policy, services
from courseware.exchange.models import FORMATS, CoursePackage
from courseware.exchange.packing import report_of
from courseware.exchange.plan import plan_of
from courseware.exchange.planned import CoursePlan, reasons_of
from courseware.exchange.views import blueprint
from courseware.exchange.words import FORMAT_NAMES, FORMAT_USES, PART_NAMES, REASONS
from courseware.jobs.models import Job
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course
from courseware.resources.media_views import NEVER, send_stored
from courseware.resources.serving import Served
from courseware.web.access import login_needed, signed_in
from courseware.web.requests import undo

ENDINGS = {"cc": "imscc", "offline": "zip"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A format on the page: what it would hold, and the package of the present state with its job, if there is one."""

    form: str
    plan: CoursePlan
    report: dict[str, Any]
    package: CoursePackage | None
    job: Job | None

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for it."""
        return self.package is not None and self.package.state == "making"

    @property
    def left_out(self) -> dict[str, list[Any]]:
        """What stays here, by reason; as it was packed, where it was."""
        packed = self.package is not None and self.package.state == "ready"
        return reasons_of((self.package.report if packed and self.package is not None else self.report)["left_out"])


@blueprint.get("/courses/<uuid:uuid>/packages")
@login_needed
def packages(uuid: uuidlib.UUID) -> str | Response:
    """Both formats with what is in them. Asked by a page that waits, only the part that moves."""
    person, course = signed_in(), _course(uuid)
    offers = [_offer(person, course, form) for form in FORMATS]
    waited = request.args.get("wait")
    if request.headers.get("HX-Request") and waited in FORMATS:
        offer = offers[FORMATS.index(waited)]
        if not offer.is_busy:
            return Response(headers={"HX-Refresh": "true"})
        return render_template("exchange/_making.html", course=course, offer=offer, **_words())
    return render_template(
        "exchange/packages.html", course=course, offers=offers, is_open=policy.is_open(course),
        may_build=catalog.can_build(person, course), person=person, **_words(),
    )  # fmt: skip


@blueprint.post("/courses/<uuid:uuid>/packages")
@login_needed
def make(uuid: uuidlib.UUID) -> BaseResponse:
    """Asks for a package of the present state."""
    course = _course(uuid)
    try:
        services.ask_for_package(signed_in(), course, request.form.get("format", ""))
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    return redirect(url_for("exchange.packages", uuid=uuid))


@blueprint.post("/packages/<uuid:package_uuid>/cancel")
@login_needed
def cancel(package_uuid: uuidlib.UUID) -> BaseResponse:
    """Stops a package that is being made."""
    package = services.package_of(signed_in(), package_uuid)
    services.cancel(signed_in(), package)
    flash(_("Stopped. You can have it made again at any time."), "success")
    return redirect(url_for("exchange.packages", uuid=package.course.uuid))


@blueprint.get("/packages/<uuid:package_uuid>/download")
@login_needed
def download(package_uuid: uuidlib.UUID) -> BaseResponse:
    """The file, from the store, in ranges where a browser wants them."""
    package = services.package_of(signed_in(), package_uuid)
    key = services.fetch(signed_in(), package)
    name = f"{package.course.name}-{FORMAT_NAMES[package.format]}.{ENDINGS[package.format]}"
    served = Served(key, "application/zip", name, size=package.size)
    session().commit()  # what the log keeps, before bytes are sent
    return send_stored(served, NEVER)


def _course(uuid: uuidlib.UUID) -> Course:
    course = libraries.course_by_uuid(uuid)
    if not policy.can_take(signed_in(), course):
        raise NotFound()
    return course


def _offer(person: User, course: Course, form: str) -> Offer:
    plan = plan_of(course, services.audience_for(person, course, form))
    package = services.current_package(person, course, form)
    return Offer(form, plan, report_of(plan), package, services.job_of(package) if package is not None else None)


def _words() -> dict[str, Any]:
    return {"names": FORMAT_NAMES, "uses": FORMAT_USES, "parts": PART_NAMES, "reasons": REASONS}
