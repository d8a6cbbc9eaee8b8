"""The part of a ledger that an address asks for: a set, a reason, a course, a unit, a year, some words; and the page of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from courseware.core.errors import NotFound
from courseware.libraries.models import Library
from courseware.monitoring.queries import ledger
from courseware.monitoring.queries.monitor import Overview, courses_of
from courseware.monitoring.queries.names import Names
from courseware.monitoring.results import BASE, GROUPS, IndicatorResult
from courseware.web.i18n import local_text
from courseware.web.requests import number_arg

PAGE = 25
NONE = "nowhere"


@dataclass(frozen=True, slots=True)
class Home:
    """A course or unit that a ledger is narrowed to; `id` None stands for what belongs to none of the library's."""

    code: str
    id: int | None
    name: str


@dataclass(frozen=True)
class Chosen:
    """The part of a ledger that the reader asked for, and the part of it on this page; `whole` is the size of all of it."""

    entries: Sequence[ledger.Entry]
    shown: Sequence[ledger.Entry]
    sizes: dict[str, int]
    group: str
    reason: str
    course: Home | None
    unit: Home | None
    year: int
    text: str
    whole: int
    start: int
    next: int | None

    @property
    def listed(self) -> int:
        """Rows of all sets but the base, whose members stand in the others as well."""
        return sum(self.sizes[name] for name in GROUPS)

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, as it stands in an address; the set is not among it."""
        homes = {"course": self.course, "unit": self.unit}
        found = {"reason": self.reason, "year": str(self.year or ""), "q": self.text} | {
            name: home.code for name, home in homes.items() if home
        }
        return {name: value for name, value in found.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was left out."""
        return bool(self.group or self.filters)


def choose(library: Library, view: Overview, result: IndicatorResult, names: Names) -> Chosen:
    """The rows of `result` that the address asks for; words are looked for only in rows whose names the reader sees.

    Raises NotFound for a course or unit the library does not have.
    """
    group, reason = request.args.get("group", ""), request.args.get("reason", "")
    course = home_of("course", courses_of(library), _("Without a course"))
    members = {member.unit_id: member.unit for member in library.members}
    unit = home_of("unit", members, _("Outside the units of the library"))
    year, text = number_arg("year"), " ".join(request.args.get("q", "")[: ledger.LONGEST].split())
    subject, is_meant = result.definition.subject, _meant(result.definition.subject, text, names)
    found = ledger.entries_of(
        result,
        lambda key: _lives_in(view, subject, key, course, unit) and _is_of_year(subject, key, year) and is_meant(key),
    )
    whole = sum(len(result.tally.group(name)) for name in ((BASE,) if group == BASE else GROUPS))
    entries = [e for e in found.entries if _is_asked(e, group) and (not reason or e.reason == reason)]
    entries.sort(key=lambda entry: not names.shows(subject, entry.key))  # rows without a name stand last
    start = number_arg("after")
    following = start + PAGE if start + PAGE < len(entries) else None
    shown = entries[start : start + PAGE]
    return Chosen(entries, shown, found.sizes, group, reason, course, unit, year, text, whole, start, following)


def home_of(name: str, known: Mapping[int, Any], nowhere: str) -> Home | None:
    """The course or unit that the address names; None where it names none. Raises NotFound."""
    wanted = request.args.get(name, "")
    if not wanted:
        return None
    if wanted == NONE:
        return Home(NONE, None, nowhere)
    key = next((key for key, one in known.items() if str(one.uuid) == wanted), None)
    if key is None:
        raise NotFound()
    return Home(wanted, key, local_text(known[key], "name"))


def _is_asked(entry: ledger.Entry, group: str) -> bool:
    """Of one set, or of all but the base: its members would stand there twice."""
    return entry.group == group if group else entry.group != BASE


def _meant(subject: str, text: str, names: Names) -> Callable[[Any], bool]:
    matches = ledger.matching(subject, text)
    return (lambda key: names.shows(subject, key) and matches(key)) if text else matches


def _is_of_year(subject: str, key: Any, year: int) -> bool:
    return not year or subject != "year" or key[0] == year


def _lives_in(view: Overview, subject: str, key: Any, course: Home | None, unit: Home | None) -> bool:
    homes = view.homes
    in_course = course is None or homes.course_of(subject, key) == course.id
    return in_course and (unit is None or unit.id in homes.units_of(subject, key))
