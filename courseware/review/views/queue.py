"""The queue: what waits, who does what, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.catalog import cases as lesson_cases
from courseware.catalog import standard_reviewing
from courseware.catalog.course_models import StandardCase
from courseware.core.paging import Page
from courseware.core.roles import Role
from courseware.resources.models import RESOURCE_TYPES
from courseware.resources.words import TYPES
from courseware.review import policy, queries
from courseware.review.queries import KINDS, QueueFilters
from courseware.review.views import blueprint
from courseware.review.views.navigation import review_nav
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import number_arg

LESSON, LESSONS_ABOVE = "lesson", 5
NOTHING: Page[queries.QueueRow] = Page([], None)
KEPT = ("q", "type", "kind", "show", "library", "course", "level", "flagged")


@blueprint.get("/review")
@role_needed(*policy.REVIEWING)
def queue() -> str:
    """What waits for review, due first; own work is shown but cannot be opened for a decision."""
    person, filters = signed_in(), _filters()
    if request.args.get("kind") == LESSON:
        return _lessons_alone(person, filters)
    page, counts = queries.queue(person, filters, request.args.get("after")), _counts(person)
    libraries, courses = queries.choices_of(person)
    return render_template(
        "review/queue.html", page=page, filters=filters, counts=counts, types=TYPES, libraries=libraries, courses=courses,
        tabs=_tabs(counts, filters), next_href=_address(after=page.next) if page.next else None, shown=_shown(filters),
        first_href=_address() if request.args.get("after") else None, side_nav=review_nav(person), person=person,
        is_narrowed=any(request.args.get(name) for name in KEPT if name != "show"), lessons=_lessons_above(person, filters),
        lessons_href=_address(kind=LESSON), standards=_standards_above(filters),
    )  # fmt: skip


def _lessons_alone(person: User, filters: QueueFilters) -> str:
    """The queue narrowed to lessons."""
    page, counts = lesson_cases.queue(person, _of_lessons(filters), request.args.get("after")), _counts(person)
    libraries, courses = queries.choices_of(person)
    return render_template(
        "review/queue.html", page=NOTHING, filters=filters, counts=counts, types=TYPES, libraries=libraries, courses=courses,
        tabs=_tabs(counts, filters), next_href=_address(after=page.next) if page.next else None, shown=_shown(filters),
        first_href=_address() if request.args.get("after") else None, side_nav=review_nav(person), person=person,
        is_narrowed=True, lessons=page.items, is_lessons=True,
    )  # fmt: skip


def _lessons_above(person: User, filters: QueueFilters) -> Sequence[lesson_cases.CaseRow]:
    """The lessons due first, above the resources, where nothing was chosen that only resources have."""
    if request.args.get("after") or filters.type or filters.kind or filters.is_flagged or filters.is_claimed:
        return ()
    return lesson_cases.queue(person, _of_lessons(filters), limit=LESSONS_ABOVE).items


def _standards_above(filters: QueueFilters) -> Sequence[StandardCase]:
    """Course standards that wait, where nothing was chosen: they are few."""
    is_narrowed = any(request.args.get(name) for name in KEPT if name != "show") or request.args.get("after")
    return standard_reviewing.open_cases() if filters.state == "open" and not is_narrowed else ()


def _of_lessons(filters: QueueFilters) -> lesson_cases.CaseFilters:
    return lesson_cases.CaseFilters(
        filters.state, filters.mine, filters.text, filters.library, filters.course, filters.level
    )


def _counts(person: User) -> dict[str, int]:
    """Resources and lessons together."""
    both, lessons = queries.queue_counts(person), lesson_cases.counts(person)
    return {name: count + lessons.get(name, 0) for name, count in both.items()} | {"lessons": lessons["all"]}


@blueprint.get("/review/next")
@role_needed(*policy.REVIEWING)
def next_case() -> Response:
    """Leads to the case due first that this person may decide and nobody else is looking at; lessons come last."""
    following, lesson = queries.next_open(signed_in()), lesson_cases.next_open(signed_in())
    if following is not None:
        return redirect(url_for("review.case", submission_uuid=following))
    if lesson is not None:
        return redirect(url_for("catalog.lesson_case", case_uuid=lesson.uuid))
    return redirect(url_for("review.queue"))


@blueprint.get("/review/workload")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def workload() -> str:
    """Who decided how much in the last 30 days, and has what in hand."""
    rows = queries.workload()
    return render_template(
        "review/workload.html", rows=rows, days=queries.WORKLOAD_DAYS, side_nav=review_nav(signed_in())
    )


def _filters() -> QueueFilters:
    given = request.args
    kind, type_, show = given.get("kind", ""), given.get("type", ""), given.get("show", "mine")
    return QueueFilters(
        state="decided" if show == "decided" else "open", mine=show in ("mine", "decided"), is_claimed=show == "claimed",
        kind=kind if kind in KINDS else "", type=type_ if type_ in RESOURCE_TYPES else "", text=given.get("q", "")[:100],
        library=given.get("library", "")[:60], course=given.get("course", "")[:60], level=min(number_arg("level"), 9),
        is_flagged=bool(given.get("flagged")),
    )  # fmt: skip


def _shown(filters: QueueFilters) -> str:
    if filters.state == "decided":
        return "decided"
    return "claimed" if filters.is_claimed else "mine" if filters.mine else "all"


def _tabs(counts: dict[str, int], filters: QueueFilters) -> list[dict[str, Any]]:
    labels = {
        "mine": _("For me"), "claimed": _("Taken by me"), "all": _("All waiting"), "decided": _("Decided by me"),
    }  # fmt: skip
    return [
        {"label": label, "href": url_for("review.queue", show=key), "current": key == _shown(filters), "n": counts[key]}
        for key, label in labels.items()
    ]


def _address(**changes: Any) -> str:
    kept = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return url_for("review.queue", **{**kept, **changes})
