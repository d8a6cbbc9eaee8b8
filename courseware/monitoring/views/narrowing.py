"""The part of a ledger that an address asks for: a set, a reason, a course, a unit, and the page of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from courseware.core.errors import NotFound
from courseware.libraries.models import Library
from courseware.monitoring.queries import ledger
from courseware.monitoring.queries.monitor import Overview, courses_of
from courseware.monitoring.results import IndicatorResult
from courseware.web.i18n import local_text

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
    """The part of a ledger that the reader asked for, and the part of it on this page."""

    entries: Sequence[ledger.Entry]
    shown: Sequence[ledger.Entry]
    sizes: dict[str, int]
    group: str
    reason: str
    course: Home | None
    unit: Home | None
    start: int
    next: int | None

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, as it stands in an address; the set is not among it."""
        homes = {"course": self.course, "unit": self.unit}
        found = {"reason": self.reason} | {name: home.code for name, home in homes.items() if home}
        return {name: value for name, value in found.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was left out."""
        return bool(self.group or self.filters)


def choose(library: Library, view: Overview, result: IndicatorResult) -> Chosen:
    """The rows of `result` that the address asks for. Raises NotFound for a course or unit the library does not have."""
    group, reason = request.args.get("group", ""), request.args.get("reason", "")
    course = home_of("course", courses_of(library), _("Without a course"))
    members = {member.unit_id: member.unit for member in library.members}
    unit = home_of("unit", members, _("Outside the units of the library"))
    found = ledger.entries_of(result, lambda key: _lives_in(view, result.definition.subject, key, course, unit))
    entries = [e for e in found.entries if (not group or e.group == group) and (not reason or e.reason == reason)]
    start = max(0, request.args.get("after", 0, type=int))
    following = start + PAGE if start + PAGE < len(entries) else None
    return Chosen(entries, entries[start : start + PAGE], found.sizes, group, reason, course, unit, start, following)


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


def _lives_in(view: Overview, subject: str, key: Any, course: Home | None, unit: Home | None) -> bool:
    homes = view.homes
    in_course = course is None or homes.course_of(subject, key) == course.id
    return in_course and (unit is None or unit.id in homes.units_of(subject, key))
