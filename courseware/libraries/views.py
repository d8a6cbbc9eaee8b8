"""Libraries for everyone: the list, the home page of one, its training plan; and their upkeep by librarians."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.catalog import promise
from courseware.catalog.queries.catalogue import covers_of
from courseware.core import clock
from courseware.core.errors import Conflict, DomainError, Invalid, NotFound
from courseware.core.roles import Role
from courseware.enrollment import queries as enrollment
from courseware.knowledge import queries as knowledge
from courseware.knowledge.drawing import Drawing, draw_course, preview
from courseware.libraries import policy, queries, services
from courseware.libraries.forms import MajorForm, MemberForm
from courseware.libraries.models import Course, Library
from courseware.libraries.plans import read_plan
from courseware.monitoring import queries as monitoring
from courseware.web.access import role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.i18n import local_text
from courseware.web.requests import undo

blueprint = Blueprint("libraries", __name__)
NAMING_FIELDS = {
    "major": _l("code of the major"), "course": _l("code of the course"), "point": _l("key of the first point"),
    "type": _l("three letters for the type"), "seq": _l("number, three digits or more"), "title": _l("title without blanks"),
}  # fmt: skip


@blueprint.get("/libraries")
def libraries() -> str:
    """Every library the reader may see."""
    return render_template("libraries/libraries.html", rows=queries.list_libraries(actor()))


@blueprint.get("/libraries/<code>")
def library(code: str) -> str:
    """The home page of a library: what it is, who keeps it, its plan, courses, map and figures."""
    page = queries.library_page(code, actor())
    groups = page.courses_by_kind()
    kind = request.args.get("kind", groups[0][0] if groups else "")
    drawn, course = _preview(page.courses)
    ids = [course.id for course in page.courses]
    return render_template(
        "libraries/library.html",
        page=page,
        library=page.library,
        plan=read_plan(page.plan.content) if page.plan else None,
        by_code={course.code: course for course in page.courses},
        groups=groups,
        kind=kind,
        counts=knowledge.count_points(page.courses),
        facts=knowledge.graph_facts(page.library),
        drawing=drawn,
        drawn_course=course,
        figures=monitoring.headline(page.library)[:5],
        figures_at=monitoring.reporting_now(),
        baseline_day=_day_before(page.library.baseline_at),
        covers=covers_of(ids),
        learners=enrollment.numbers_of(ids),
        may_manage=policy.can_manage(actor(), page.library),
    )


def _day_before(moment: dt.datetime | None) -> dt.date | None:
    """The day that ends at `moment`: a baseline is kept as 24:00 of its day."""
    last = moment - dt.timedelta(microseconds=1) if moment else None
    return last.astimezone(clock.REPORTING_ZONE).date() if last else None


def _preview(courses: Sequence[Course]) -> tuple[Drawing | None, Course | None]:
    """A small map of the first core course that has points."""
    course = next((c for c in courses if c.kind == "core"), next(iter(courses), None))
    if course is None:
        return None, None
    graph = preview(knowledge.course_graph(course))
    return (draw_course(graph, lambda row: local_text(row, "name")) if graph.points else None), course


@blueprint.get("/libraries/<code>/plan")
def training_plan(code: str) -> str:
    """The full text of the training plan in force, or of an older `version` (R5)."""
    page = queries.library_page(code, actor(), request.args.get("version"))
    if page.plan is None:
        raise NotFound()
    plan = read_plan(page.plan.content)
    return render_template(
        "libraries/training_plan.html",
        page=page,
        library=page.library,
        plan=plan,
        by_code={course.code: course for course in page.courses},
        signed=queries.units_by_key(plan.signed_off_by),
    )


@blueprint.get("/admin/libraries/<code>")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def manage(code: str) -> str:
    """Served majors, members and gaps of a library, for those who keep it."""
    kept = _kept(code)
    page = queries.library_page(code, actor())
    major_form, member_form = MajorForm(formdata=None), MemberForm(formdata=None)
    taken = {kept.core_major.code, *(major.code for major in kept.served_majors)}
    major_form.major.choices = [
        (major.code, f"{major.code} {local_text(major, 'name')}")
        for major in queries.majors()
        if major.code not in taken
    ]
    members = {member.unit_id for member in kept.members}
    member_form.unit.choices = [(u.key, local_text(u, "name")) for u in queries.units() if u.id not in members]
    return render_template(
        "libraries/manage.html", page=page, library=kept, major_form=major_form, member_form=member_form,
        limit=services.served_major_limit(), host_limit=services.HOST_LIMIT, gaps=queries.plan_gaps(kept),
        learners=_learners(page.courses),
        find=request.args.get("find", "").strip(), matches=_points(kept), naming_fields=NAMING_FIELDS,
    )  # fmt: skip


def _learners(courses: Sequence[Course]) -> int:
    """How many learn in the courses that are open: whom it touches when the library closes."""
    numbers = enrollment.numbers_of([course.id for course in courses if course.published_at is not None])
    return sum(each.learning for each in numbers.values())


def _points(kept: Library) -> Sequence[object]:
    find = request.args.get("find", "").strip()
    return knowledge.find_points(kept, find) if find else []


def _kept(code: str) -> Library:
    kept = queries.library_by_code(code, actor())
    policy.require_manager(actor(), kept)
    return kept


def _change(code: str, act: Callable[[Library, User | None], object], done: str) -> Response:
    """Does one thing to a library and goes back to its form; what the rules refuse is said there."""
    kept = _kept(code)
    try:
        act(kept, actor())
    except (Conflict, Invalid) as refusal:
        undo()
        flash(_said(refusal), "error")
    else:
        flash(done, "success")
    return redirect(url_for("libraries.manage", code=code))


def _said(refusal: DomainError) -> str:
    """The refusal with what each field lacks."""
    named = [str(one) for many in getattr(refusal, "problems", {}).values() for one in many]
    return " ".join([refusal.sentence(), *named])


@blueprint.post("/admin/libraries/<code>/majors")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def add_major(code: str) -> Response:
    """Adds a served major; the sixth is refused (R1)."""
    major = queries.major_by_code(request.form.get("major", ""))
    if major is None:
        raise NotFound()
    return _change(code, lambda kept, who: services.add_served_major(kept, major, who), _("Served major added."))


@blueprint.post("/admin/libraries/<code>/majors/remove")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def remove_major(code: str) -> Response:
    """Takes a served major away."""
    major = queries.major_by_code(request.form.get("major", ""))
    if major is None:
        raise NotFound()
    return _change(code, lambda kept, who: services.remove_served_major(kept, major, who), _("Served major removed."))


@blueprint.post("/admin/libraries/<code>/opening")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def set_opening(code: str) -> Response:
    """Opens the library to everybody, or leaves it to its own people; a promise to learners keeps it open (R96)."""
    if request.form.get("open") == "yes":
        return _change(code, services.open_library, _("The library is open to everybody."))
    done = _("The library is closed. Only its own people see it now.")
    return _change(code, lambda kept, _who: promise.close_library(signed_in(), kept), done)


@blueprint.post("/admin/libraries/<code>/naming")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def set_naming(code: str) -> Response:
    """Sets how resources are named (R19); what is named otherwise is found anew by a job."""
    template = request.form.get("naming_template", "")
    done = _("Saved. Every name is compared with it now; the table of resources shows what does not fit.")
    return _change(code, lambda kept, who: services.set_naming_template(kept, template, who), done)


@blueprint.post("/admin/libraries/<code>/units")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def add_unit(code: str) -> Response:
    """Adds a host or a participating unit; the fourth host is refused (R1, R2)."""
    unit = accounts.unit_by_key(request.form.get("unit", ""))
    role = request.form.get("role", "")
    if unit is None or role not in dict(MemberForm(formdata=None).role.choices):
        raise NotFound()
    return _change(code, lambda kept, who: services.add_member(kept, unit, role, who), _("Unit added."))


@blueprint.post("/admin/libraries/<code>/units/remove")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def remove_unit(code: str) -> Response:
    """Ends the part of a unit."""
    unit = accounts.unit_by_key(request.form.get("unit", ""))
    if unit is None:
        raise NotFound()
    return _change(code, lambda kept, who: services.remove_member(kept, unit, who), _("Unit removed."))
