"""The catalogue and the page of a course."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from courseware.accounts.models import User
from courseware.catalog import queries
from courseware.catalog.memory import memory
from courseware.catalog.queries.catalogue import FACETS, SORTS, Catalogue, CatalogueRow, covers_of, sorted_rows
from courseware.catalog.queries.contents import RunFacts
from courseware.catalog.views import blueprint
from courseware.core import clock
from courseware.enrollment import queries as enrollment
from courseware.exchange import policy as exchange
from courseware.progress import queries as progress
from courseware.web.actor import actor

PAGE = 20
Chosen = Mapping[str, Sequence[str]]


@blueprint.get("/courses")
def courses() -> str:
    """The catalogue. Filters, order and place are in the address, so that a selection can be sent to a colleague."""
    catalogue = queries.read_catalogue()
    chosen = {name: tuple(sorted(set(request.args.getlist(name)))) for name in FACETS}
    sort = request.args.get("sort", "") if request.args.get("sort") in SORTS else SORTS[0]
    after = request.args.get("after", "")
    key = (
        catalogue.version,
        catalogue.valid_until,
        enrollment.newest_change(),
        str(get_locale()),
        *chosen.items(),
        sort,
        after,
    )
    body = memory("catalogue_pages", 300).get(key, lambda: _draw(catalogue, chosen, sort, after))
    return render_template("catalog/courses.html", body=body)


def _draw(catalogue: Catalogue, chosen: Chosen, sort: str, after: str) -> Markup:
    found = sorted_rows(catalogue.matching(chosen), sort)
    begin = next((n for n, row in enumerate(found, start=1) if str(row.uuid) == after), 0)
    shown = found[begin : begin + PAGE]
    ids = [row.id for row in shown]
    return Markup(  # noqa: S704  a template of ours, which escapes
        render_template(
            "catalog/_catalogue.html",
            rows=shown, total=len(found), of=len(catalogue.rows), begin=begin, sort=sort,
            covers=covers_of(ids), numbers=enrollment.numbers_of(ids),
            facets={name: catalogue.options(name, chosen) for name in FACETS}, chosen=chosen,
            filters=_filters(catalogue, chosen, sort), clear_href=_address({}, sort),
            next_href=_address(chosen, sort, _last(shown)) if begin + PAGE < len(found) else None,
            first_href=_address(chosen, sort) if begin else None,
        )
    )  # fmt: skip


def _last(rows: Sequence[CatalogueRow]) -> str:
    return str(rows[-1].uuid) if rows else ""


def _filters(catalogue: Catalogue, chosen: Chosen, sort: str) -> list[dict[str, Any]]:
    """What is filtered, each with the address that drops it."""
    return [
        {"facet": name, "option": option, "remove_href": _address(_without(chosen, name, option.value), sort)}
        for name in FACETS
        for option in catalogue.options(name, chosen)
        if option.value in chosen[name]
    ]


def _without(chosen: Chosen, name: str, value: str) -> Chosen:
    return {**chosen, name: [v for v in chosen[name] if v != value]}


def _address(chosen: Chosen, sort: str, after: str = "") -> str:
    pairs = [(name, value) for name, values in chosen.items() for value in values]
    pairs += [("sort", sort)] if sort != SORTS[0] else []
    pairs += [("after", after)] if after else []
    return "/courses" + ("?" + urlencode(pairs) if pairs else "")


@dataclass(frozen=True, slots=True)
class CoursePage:
    """All that the page of a course shows. `run` is one's own, or the one to join."""

    course: queries.CourseHead
    contents: queries.CourseContents
    numbers: enrollment.CourseNumbers
    place: enrollment.Standing | None
    states: progress.CourseStates
    run: RunFacts | enrollment.Standing | None
    can_build: bool
    now: dt.datetime
    may_take: bool

    @property
    def coming(self) -> RunFacts | None:
        """The run open to all that begins next, for those who are in none."""
        return self.contents.coming_run(self.now) if self.place is None else None

    @property
    def today(self) -> str:
        """This day in Shanghai, as it is written."""
        return self.now.astimezone(clock.REPORTING_ZONE).date().isoformat()


@blueprint.get("/courses/<uuid:uuid>")
def course(uuid: uuidlib.UUID) -> str:
    """A course: its promise, what one can do afterwards, what lies in it, who teaches, one button."""
    page = course_page(uuid, actor())
    return render_template(
        "catalog/course.html",
        page=page,
        points=_part(page, "points"),
        syllabus=_part(page, "syllabus") if page.place is None else None,  # with one's own progress it is drawn anew
        team=_part(page, "team"),
    )


def course_page(course_uuid: uuidlib.UUID, person: User | None) -> CoursePage:
    """Reads the page for `person`; raises NotFound."""
    head = queries.course_head(course_uuid, person)
    place = enrollment.standing_in(person, head.id)
    contents = head.contents_of_run(place.frozen_at if place is not None else None)
    can_build = queries.may_build(course_uuid, person)
    return CoursePage(
        head, contents, enrollment.numbers_of([head.id]).get(head.id, enrollment.CourseNumbers()), place,
        progress.course_states(person if place is not None else None, contents, head.id),
        place or contents.open_run(clock.now()), can_build, clock.now(),
        person is not None and (can_build or exchange.leaves_freely(head.is_public, head.is_open, head.licence)),
    )  # fmt: skip


def _part(page: CoursePage, name: str) -> Markup:
    """A part of the page that is the same for everybody, kept by content version."""
    frozen_at = page.place.frozen_at if page.place is not None else None
    key = (page.contents.uuid, page.contents.version, frozen_at, str(get_locale()), page.can_build, name)
    return memory("course_parts", 900).get(key, lambda: _draw_part(page, name))


def _draw_part(page: CoursePage, name: str) -> Markup:
    return Markup(render_template(f"catalog/_course_{name}.html", page=page))  # noqa: S704  our own template, which escapes
