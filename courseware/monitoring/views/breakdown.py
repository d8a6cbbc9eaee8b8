"""A figure taken apart: as an equation, as a staircase from claimed to counted, course by course, unit by unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from courseware.accounts.models import Unit
from courseware.core.fractions import Ratio
from courseware.libraries.models import Library
from courseware.monitoring.definitions import AT_LEAST
from courseware.monitoring.indicators.satisfaction import valid_answers
from courseware.monitoring.queries.homes import has_courses
from courseware.monitoring.queries.monitor import CourseName, Overview, by_course
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.views.cards import indicator_url
from courseware.monitoring.views.narrowing import NONE
from courseware.monitoring.words import counted_things, reason_words
from courseware.web.i18n import local_text


@dataclass(frozen=True, slots=True)
class Box:
    """A number of the equation with its name, and the sign that follows it."""

    number: int
    label: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Stair:
    """One step: what falls away, where the bar begins and how wide it is, in per cent of the claimed."""

    label: str
    count: int
    left: float
    width: float
    reason: str = ""


@dataclass(frozen=True)
class Stairs:
    """From what was claimed to what counts."""

    claimed: int
    counted: int
    steps: Sequence[Stair]
    target: float | None
    needed: int | None

    @property
    def width(self) -> float:
        """What counts, in per cent of the claimed."""
        return 100 * self.counted / self.claimed if self.claimed else 0.0


@dataclass(frozen=True, slots=True)
class CourseShare:
    """A course with its part of the figure; `code` is how an address names it."""

    name: str
    code: str
    ratio: Ratio
    is_under: bool


@dataclass(frozen=True, slots=True)
class UnitShare:
    """A unit with those covered of its students and of its teachers."""

    unit: Unit
    students: Ratio
    teachers: Ratio


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A figure without a limit, beside its value a year ago."""

    result: IndicatorResult
    href: str
    value: str
    fraction: str
    before: str
    note: str
    last_year: IndicatorResult | None = None
    frozen: str = ""
    """Where a closed year was frozen with another figure: when, and what is counted today."""


def equation(result: IndicatorResult) -> list[Box]:
    """The numerator in its parts, then the denominator; empty for plain counts and means."""
    if result.denominator is None or result.numerator is None:
        return []
    base = Box(result.denominator, _base_name(result), "＝")
    parts = _parts(result)
    boxes = [Box(number, label, "＋") for number, label in parts[:-1]] + [Box(*parts[-1], "÷")]
    return [*boxes, base]


def _parts(result: IndicatorResult) -> list[tuple[int, str]]:
    counted = Counter(result.tally.counted.values())
    match result.definition.family:
        case "M4":
            return [(counted["new"], _("First published N")), (counted["revised"], _("Substantively revised R"))]
        case "M2":
            kinds = [kind for kind in ("text", "presentation", "image") if counted[kind]]
            return [(counted[kind], reason_words(kind)) for kind in kinds] or [(0, _("Text and images"))]
        case "M12":
            roles = Counter(role for role, _who in result.tally.counted)
            return [(roles["student"], _("Students covered")), (roles["teacher"], _("Teachers covered"))]
        case "M3" if result.definition.candidate == "B":
            return [(counted["original"], reason_words("original")), (counted["adapted"], _("Adapted with permission"))]
    return [(result.numerator or 0, _numerator_name(result))]


def _numerator_name(result: IndicatorResult) -> str:
    if result.id == "M13.B":
        return _("Sum of the scores")
    if result.id == "M19.C":
        return _("Years that reach 10 %%") % {}
    return _("Counted")


def _base_name(result: IndicatorResult) -> str:
    names = {
        "M4.A": _("Published at the start P₀"), "M4.B": _("Published at acceptance"), "M4.C": _("Published at the end P₁"),
        "M5.A": _("Live for 30 days"), "M5.B": _("Live for 30 days"), "M5.C": _("Live for 30 days"),
        "M8.A": _("Points of the core courses' standards"), "M8.B": _("Points of the core courses' standards"),
        "M9.A": _("Core courses of the plan"), "M9.B": _("Core courses of the plan"), "M12.A": _("On the rosters"),
        "M12.B": _("On the rosters"), "M13.A": _("Valid answers"), "M13.B": _("Valid answers × 5"),
        "M14.coverage": _("Length of the media"), "M14.completion.A": _("Started"), "M14.completion.B": _("Enrolled"),
        "M18.in_school": _("Active persons"), "M18.other_school": _("Active persons"), "M18.enterprise": _("Active persons"),
        "M18.society": _("Active persons"), "M18.cross_province": _("Active persons"),
        "M17": _("Versions published"), "M11.A": _("Registered users"), "M11.B": _("Registered users"),
        "M11.C": _("Registered users"), "M15.A": _("Knowledge and skill points"), "M15.B": _("Knowledge and skill points"),
        "M19.B": _("Three times the start of the first year"), "M19.C": _("Years"),
    }  # fmt: skip
    return names.get(result.id, _("Published resources"))


def stairs(result: IndicatorResult) -> Stairs | None:
    """Claimed to counted: for updates, originals and answers."""
    fallen = _fallen(result)
    counted = valid_answers(result) if result.definition.family == "M13" else len(result.tally.counted)
    claimed = counted + sum(fallen.values())
    if not fallen or not claimed:
        return None
    steps, at = [], claimed
    for reason, n in sorted(fallen.items(), key=lambda pair: -pair[1]):
        at -= n
        steps.append(Stair(reason_words(reason), n, 100 * at / claimed, 100 * n / claimed, reason))
    needed = _needed(result)
    shown = 100 * needed / claimed if needed is not None and needed <= claimed else None
    return Stairs(claimed, counted, steps, shown, needed)


def _fallen(result: IndicatorResult) -> Mapping[str, int]:
    tally = result.tally
    if result.definition.family == "M13":
        return tally.exclusions()
    if result.definition.family == "M4":
        return Counter(tally.excluded.values())
    if result.id == "M3.A":
        return {reason: n for reason, n in Counter(tally.rest.values()).items() if reason == "no_evidence"}
    return {}


def _needed(result: IndicatorResult) -> int | None:
    definition = result.definition
    if definition.threshold is None or definition.comparison != AT_LEAST or definition.family == "M13":
        return None
    return -(-definition.threshold * (result.denominator or 0) // 100)


def shares(view: Overview, result: IndicatorResult, courses: Mapping[int, CourseName]) -> list[CourseShare]:
    """Course by course, the lowest share first; plain counts by size."""
    if not has_courses(result.definition) or result.definition.subject == "course":
        return []
    rows = [
        CourseShare(_course_name(courses.get(key or 0)), _code(courses.get(key or 0)), ratio, _is_under(result, ratio))
        for key, ratio in by_course(view.homes, result).items()
    ]
    is_count = result.definition.is_count
    return sorted(
        rows,
        key=lambda row: (row.ratio.percent() is None, -row.ratio.numerator if is_count else row.ratio.percent() or 0),
    )


def units(view: Overview, result: IndicatorResult, library: Library) -> list[UnitShare]:
    """Unit by unit for coverage."""
    if result.definition.subject != "roster":
        return []
    members = {member.unit_id: member.unit for member in library.members}
    return [UnitShare(members[key], *groups) for key, *groups in view.units if key in members]


def reference_rows(view: Overview, library_code: str) -> list[ReferenceRow]:
    """The figures without a limit."""
    return [_reference_row(view, result, library_code) for result in view.reference]


def _reference_row(view: Overview, result: IndicatorResult, library_code: str) -> ReferenceRow:
    has_base = result.denominator is not None
    fraction = f"{result.numerator:,} / {result.denominator:,}" if has_base else "—"
    before = view.last_year.get(result.id)
    return ReferenceRow(
        result, indicator_url(library_code, view, result.id), shown(result), fraction, shown(before) if before else "—", _note(view, result), before,
    )  # fmt: skip


def shown(result: IndicatorResult) -> str:
    """The figure with its unit."""
    if not result.definition.is_count:
        return result.display if result.value is not None else "—"
    if result.definition.is_seconds:
        return _("%(n)s min", n=f"{(result.numerator or 0) // 60:,}")
    return f"{result.numerator or 0:,} {counted_things(result.definition, result.numerator or 0)}"


def _note(view: Overview, result: IndicatorResult) -> str:
    parts, shown_of = view.results["M4.A"].tally.parts, {key: r.display for key, r in view.results.items()}
    match result.id:
        case "M1.A":
            return _("New %(new)s, withdrawn %(gone)s in the period", new=parts["new"], gone=parts["withdrawn"])
        case "M5.A":
            return _("Used by 3 or more others")
        case "M6.A":
            return _("In an effective lesson; across units %(share)s", share=shown_of["M6.C"])
        case "M7.A":
            return _("Masters only, no re-uploads")
        case "M10.B":
            return _("Verified persons, no test accounts")
        case "M11.A":
            return _("Signed in %(login)s, deep %(deep)s", login=shown_of["M11.B"], deep=shown_of["M11.C"])
        case "M14.enrolments":
            return _("%(n)s persons", n=shown_of["M14.persons"])
        case "M14.completion.A":
            return _("Of those enrolled %(share)s", share=shown_of["M14.completion.B"])
        case "M14.time":
            return _("Media watched to %(share)s", share=shown_of["M14.coverage"])
        case "M14.visits.A":
            return _("%(n)s pages of lessons opened", n=f"{view.results['M14.visits.B'].numerator or 0:,}")
        case "M15.A":
            return _("Points with a published resource")
        case "M15.B":
            return _("Points that a post needs")
        case "M16.naming":
            return _("Metadata complete %(share)s", share=shown_of["M16.metadata"])
        case "M18.cross_province":
            return _("Units with 5 active persons: %(n)s", n=shown_of["M18.units"])
    return ""


def heat(ratio: Ratio) -> str:
    """The class of a cell of the coverage map."""
    value = ratio.percent()
    if value is None:
        return ""
    steps = ((80, "ht1"), (90, "ht2"), (98, "ht3"), (100, "ht4"))
    return next((name for limit, name in steps if value < limit), "ht5")


def heat_of_updates(ratio: Ratio) -> str:
    """The class of a cell of yearly updates, around the target of 10 %."""
    value = ratio.percent()
    if value is None:
        return ""
    steps = ((7, "ht1"), (10, "ht2"), (12, "ht4"))
    return next((name for limit, name in steps if value < limit), "ht5")


def _course_name(course: CourseName | None) -> str:
    return local_text(course, "name") if course else _("Without a course")


def _code(course: CourseName | None) -> str:
    return str(course.uuid) if course else NONE


def _is_under(result: IndicatorResult, ratio: Ratio) -> bool:
    definition = result.definition
    return definition.threshold is not None and bool(ratio.denominator) and not definition.meets(ratio)
