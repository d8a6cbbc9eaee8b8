"""The evidence behind one row of a ledger: pages about one person and one resource, and their lists as files."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.libraries.models import Course, Library
from courseware.monitoring import disclosure
from courseware.monitoring.definitions import BY_ID
from courseware.monitoring.indicators.simulations import last_three
from courseware.monitoring.queries import evidence as reading
from courseware.monitoring.queries.evidence import LessonUse, Uncounted
from courseware.monitoring.queries.learned import Learned
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.queries.names import nameless, names_for
from courseware.monitoring.sheets import table_file
from courseware.monitoring.views.cards import indicator_url
from courseware.monitoring.views.export import group_words
from courseware.monitoring.views.place import Place, known_place, nav_of
from courseware.monitoring.words import reason_words
from courseware.resources.models import Resource
from courseware.web.access import role_needed, signed_in
from courseware.web.i18n import local_text, show_date, show_datetime

SHOWN = 50
OF_PEOPLE = ("users", "excluded")
"""Lists of the page about a resource that name people."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text or number of a list, and where it opens."""

    value: str | int | float
    href: str = ""


Row = Sequence[Cell]


@dataclass(frozen=True)
class Sheet:
    """One list of the evidence: page and file draw the same rows."""

    name: str
    title: str
    note: str
    heads: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Evidence:
    """What a page of evidence is about, its lists, and the addresses of their files by (list, csv or xlsx)."""

    title: str
    about: str
    href: str
    subject: User | Resource
    sheets: Sequence[Sheet]
    file_url: Callable[[str, str], str]

    @property
    def is_person(self) -> bool:
        """Whether all of it is about one person; a page about a resource names people in some lists."""
        return isinstance(self.subject, User)

    def rows_about_people(self, only: str = "") -> int:
        """How many rows of all lists, or of the list `only`, say something about a person."""
        chosen = [
            one for one in self.sheets if (not only or one.name == only) and (self.is_person or one.name in OF_PEOPLE)
        ]
        return sum(len(one.rows) for one in chosen)


def _page(found: Evidence, place: Place) -> str:
    answers_for = place.view.results.get(_figure())
    back = indicator_url(place.library.code, place.view, answers_for.id, _anchor="ledger") if answers_for else ""
    html = render_template(
        "monitoring/evidence.html", found=found, shown=SHOWN, place=place, side_nav=nav_of(place), answers_for=answers_for, back=back
    )  # fmt: skip
    _note(found, place, "evidence", found.rows_about_people())
    return html


def _note(found: Evidence, place: Place, name: str, rows: int, *, is_export: bool = False) -> None:
    told = {"library": place.library.code, "period": place.period.code}
    disclosure.note(signed_in(), found.subject, name, rows, figure=_figure(), is_export=is_export, **told)


def _figure() -> str:
    """The definition id of the ledger that led here, as far as there is one."""
    asked = request.args.get("figure", "")
    return asked if asked in BY_ID else ""


def _file(found: Evidence, place: Place, name: str, kind: str) -> Response:
    sheet = next((one for one in found.sheets if one.name == name), None)
    if sheet is None:
        raise NotFound()
    lines = ([cell.value for cell in row] for row in sheet.rows)
    answer = table_file(f"{found.title}-{name}", kind, sheet.heads, lines)
    _note(found, place, name, found.rows_about_people(name), is_export=True)
    return answer


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def person_evidence(user_uuid: uuidlib.UUID) -> str:
    """What lies behind one person in a ledger."""
    place = known_place()
    return _page(of_person(user_uuid, place.library, place.view), place)


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def resource_evidence(resource_uuid: uuidlib.UUID) -> str:
    """What lies behind one resource in a ledger."""
    place = known_place()
    return _page(of_resource(resource_uuid, place.library, place.view), place)


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_person(user_uuid: uuidlib.UUID, sheet: str, kind: str) -> Response:
    """One list of the page about a person as a file."""
    place = known_place()
    return _file(of_person(user_uuid, place.library, place.view), place, sheet, kind)


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_resource(resource_uuid: uuidlib.UUID, sheet: str, kind: str) -> Response:
    """One list of the page about a resource as a file."""
    place = known_place()
    return _file(of_resource(resource_uuid, place.library, place.view), place, sheet, kind)


def of_person(uuid: uuidlib.UUID, library: Library, view: Overview) -> Evidence:
    """What is known of one person here.

    Raises NotFound for somebody whom no figure of the library counts, NotAllowed for a reader who may not see the name.
    """
    person = session().scalar(select(User).where(User.uuid == uuid))
    if person is None:
        raise NotFound()
    if not names_for(signed_in(), library, view.homes).shows_person(person.id):
        raise NotAllowed()
    roster = [(role, person.id) for role in ("student", "teacher")]
    places = reading.places(view, {"person": [person.id], "roster": roster})
    if not places:
        raise NotFound()
    learned = reading.learned_by(library, view, person.id)
    own = [one for one in reading.lessons_used(library, view) if one.owner_id == person.id]
    uses = sorted((use for use in learned.uses if use.at < learned.moment), key=lambda use: use.at, reverse=True)
    names = _titles(Resource, [use.resource_id for use in uses])
    sheets = [
        _figures(library, view, places, _("figures that count persons")), _days(learned), _courses(library, view, learned),
        Sheet("uses", _("Resources used"), _("the first qualified use of each"), [_("Resource"), _("When")],
              [[names(use.resource_id), Cell(show_datetime(use.at))] for use in uses]),
        _lessons(_("Own lessons that learners saw"), own), _resources_uncounted(reading.uncounted(learned)),
    ]  # fmt: skip
    unit = local_text(person.unit, "name") if person.unit else ""
    return Evidence(person.name, unit, "", person, sheets, _files("export_person", library, view, user_uuid=uuid))


def of_resource(uuid: uuidlib.UUID, library: Library, view: Overview) -> Evidence:
    """What is known of one resource here. Raises NotFound for one that stands in no figure of the library."""
    resource = session().scalar(select(Resource).where(Resource.uuid == uuid, Resource.library_id == library.id))
    places = _places_of(resource, view) if resource else []
    if resource is None or not places:
        raise NotFound()
    learned = reading.learned_with(library, view, resource.id)
    holding = [one for one in reading.lessons_used(library, view) if resource.id in one.resource_ids]
    uses = sorted((use for use in learned.uses if use.at < learned.moment), key=lambda use: use.at, reverse=True)
    names = _people(library, view, [use.user_id for use in uses])
    sheets = [
        _figures(library, view, places, _("figures that count resources")),
        Sheet("users", _("Who used it"), _("other persons than the author, by their first qualified use"), [_("Person"), _("When")],
              [[names(use.user_id), Cell(show_datetime(use.at))] for use in uses]),
        _lessons(_("Lessons that hold it"), holding), _people_uncounted(library, view, reading.uncounted(learned)),
    ]  # fmt: skip
    href = url_for("resources.resource", resource_uuid=resource.uuid)
    files = _files("export_resource", library, view, resource_uuid=uuid)
    return Evidence(local_text(resource, "title"), resource.external_id or resource.name, href, resource, sheets, files)


def _places_of(resource: Resource, view: Overview) -> list[reading.Place]:
    """The three readings of M19 have one list: it is told once, by the first of them."""
    years = [(period.year, resource.id) for period in last_three(view.period)]
    found = reading.places(view, {"resource": [resource.id], "year": years})
    return [place for place in found if not place.year or place.result.id == "M19.A"]


def _files(endpoint: str, library: Library, view: Overview, **about: Any) -> Callable[[str, str], str]:
    place = about | {"library": library.code, "period": view.period.code, "figure": _figure() or None}
    return lambda name, kind: url_for(f"monitoring.{endpoint}", sheet=name, kind=kind, **place)


def _figures(library: Library, view: Overview, places: Iterable[reading.Place], note: str) -> Sheet:
    rows = [
        [
            Cell(one.result.definition.local_name(), indicator_url(library.code, view, one.result.id)),
            Cell(one.result.id), Cell(group_words(one.group, one.result.definition.family)),
            Cell(_why(one)),
        ]
        for one in places
    ]  # fmt: skip
    heads = [_("Figure"), _("Definition"), _("Result"), _("Reason")]
    return Sheet("figures", _("Where it counts"), note, heads, rows)


def _why(place: reading.Place) -> str:
    words = reason_words(place.reason, place.result.definition.subject)
    return _("%(year)s: %(reason)s", year=place.year, reason=words) if place.year else words


def _days(learned: Learned) -> Sheet:
    days = reading.days_of(learned)
    seconds = sum(day.seconds for day in days)
    note = _("%(days)s days, %(minutes)s minutes; each second once", days=len(days), minutes=int(seconds // 60))
    rows = [[Cell(show_date(day.day)), Cell(round(day.seconds, 3))] for day in reversed(days)]
    return Sheet("days", _("Day by day"), note, [_("Day"), _("Seconds that count")], rows)


def _courses(library: Library, view: Overview, learned: Learned) -> Sheet:
    found = reading.courses_of_person(library, view, learned)
    names = _titles(Course, [one.course_id for one in found])
    rows = [
        [names(one.course_id), Cell(show_date(one.joined_at)), Cell(show_date(one.completed_at)), Cell(one.visits)]
        for one in found
    ]
    return Sheet("courses", _("Courses"), "", [_("Course"), _("Joined"), _("Completed"), _("Visits")], rows)


def _lessons(title: str, lessons: Sequence[LessonUse]) -> Sheet:
    names = _titles(Lesson, [one.lesson_id for one in lessons])
    rows = [
        [names(one.lesson_id), Cell(one.learners), Cell(_("Yes") if one.is_effective else _("No"))]
        for one in sorted(lessons, key=lambda one: -one.learners)
    ]
    note = _("of this year; a lesson counts when a learner other than its owner opened it")
    return Sheet("lessons", title, note, [_("Lesson"), _("Learners who opened it"), _("Counts as a reference")], rows)


def _resources_uncounted(found: Sequence[Uncounted]) -> Sheet:
    names = _titles(Resource, [one.resource_id for one in found])
    return _uncounted(_("Resource"), [(names(one.resource_id), one) for one in found])


def _people_uncounted(library: Library, view: Overview, found: Sequence[Uncounted]) -> Sheet:
    names = _people(library, view, [one.user_id for one in found])
    return _uncounted(_("Person"), [(names(one.user_id), one) for one in found])


def _uncounted(head: str, found: Sequence[tuple[Cell, Uncounted]]) -> Sheet:
    rows = [
        [name, Cell(reason_words(one.reason)), Cell(show_date(one.first)), Cell(show_date(one.last)), Cell(one.events)]
        for name, one in found
    ]
    heads = [head, _("Reason"), _("From"), _("To"), _("Events")]
    return Sheet("excluded", _("What did not count"), _("kept with its reason, never dropped"), heads, rows)


def _people(library: Library, view: Overview, ids: Iterable[int]) -> Callable[[int], Cell]:
    """The name of each person whose name the reader may see; of the others that they are of another unit."""
    named, may = _titles(User, ids), names_for(signed_in(), library, view.homes)
    return lambda key: named(key) if may.shows_person(key) else Cell(nameless())


def _titles(model: Any, ids: Iterable[int]) -> Callable[[int], Cell]:
    """The name of each row as a cell that opens its page; one query."""
    wanted = set(ids)
    found = {row.id: row for row in session().scalars(select(model).where(model.id.in_(wanted)))} if wanted else {}
    return lambda key: _named(found.get(key), key)


def _named(row: Any, key: int) -> Cell:
    match row:
        case Resource():
            return Cell(local_text(row, "title"), url_for("resources.resource", resource_uuid=row.uuid))
        case Lesson():
            return Cell(row.title, url_for("progress.learn", lesson_uuid=row.uuid))
        case Course():
            return Cell(local_text(row, "name"), url_for("catalog.course", uuid=row.uuid))
        case User():
            return Cell(row.name)
    return Cell(f"№ {key}")
