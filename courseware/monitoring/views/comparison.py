"""Courses, units or years side by side by one figure: the page, and the rows that its file holds too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from courseware.catalog.memory import memory
from courseware.libraries.models import Library
from courseware.monitoring.closed import Reported, frozen_year, reported
from courseware.monitoring.definitions import DEFINITIONS, Definition
from courseware.monitoring.dimensions import DIMENSIONS, Dimension
from courseware.monitoring.indicators import coverage, registry
from courseware.monitoring.queries import comparing
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries.comparing import COURSES, UNITS, YEARS, Part, YearPart
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.results import NOT_APPLICABLE, IndicatorResult
from courseware.monitoring.sealed import parts_of
from courseware.monitoring.views import closed
from courseware.monitoring.views.breakdown import shown
from courseware.monitoring.views.cards import indicator_url, verdict_of
from courseware.monitoring.views.narrowing import NONE
from courseware.monitoring.words import target_words
from courseware.web.i18n import local_text

FIRST = "M4.A"
HIGHEST, LOWEST, IN_ORDER = "highest", "lowest", "order"
WAYS: dict[str, Any] = {COURSES: _l("Courses"), UNITS: _l("Units"), YEARS: _l("Years")}
ORDERS: dict[str, Any] = {HIGHEST: _l("Highest first"), LOWEST: _l("Lowest first"), IN_ORDER: _l("In their order")}


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its name, the figure, where it opens, what has to be known beside it."""

    name: str
    result: IndicatorResult
    href: str = ""
    note: str = ""

    @property
    def amount(self) -> Fraction | None:
        """The exact value: a plain count, or a share in per cent; None where there is none."""
        found = self.result
        if found.value is None:
            return None
        if found.denominator:
            return Fraction(100 * (found.numerator or 0), found.denominator)
        return Fraction(found.value)

    @property
    def value(self) -> str:
        """The figure as the Monitor writes it."""
        return shown(self.result)


@dataclass(frozen=True)
class Comparison:
    """One figure taken apart in one way, in the order that the reader chose."""

    figure: Reported
    ways: Sequence[str]
    by: str
    order: str
    lines: Sequence[Line]
    is_of_today: bool = False
    """Rows of a frozen figure that only today's count can be taken apart into."""

    @property
    def whole(self) -> IndicatorResult:
        """The figure that the year shows."""
        return self.figure.result

    @property
    def top(self) -> Fraction:
        """The right end of the bars: 100 for a target of all, else a little more than the longest bar and the target."""
        threshold = self.whole.definition.threshold or 0
        if threshold == 100:
            return Fraction(100)
        return max([Fraction(threshold * 5, 4), *(line.amount or Fraction() for line in self.lines)]) or Fraction(1)

    def width(self, amount: Fraction | None) -> float:
        """A value as a length, in per cent of the bar."""
        return float(min(Fraction(100), 100 * amount / self.top)) if amount else 0.0


def compare(library: Library, view: Overview) -> Comparison:
    """What the address asks for: a figure, one of the ways to take it apart, an order. Raises UnknownIndicator."""
    definition = registry.definition_of(request.args.get("indicator") or FIRST)
    figure = reported(frozen_year(library, view.period), view.results[definition.id])
    ways = comparing.ways(figure.today)
    by = _one_of(request.args.get("by"), ways)
    order = _one_of(request.args.get("order"), [IN_ORDER, HIGHEST, LOWEST] if by == YEARS else [*ORDERS])
    if by == YEARS:
        return Comparison(figure, ways, by, order, _in_order(_years(library, view, figure.today), order))
    parts, is_of_today = _parts(view, figure, by)
    lines = LINES[by](library, view, parts)
    return Comparison(figure, ways, by, order, _in_order(lines, order), is_of_today)


def _parts(view: Overview, figure: Reported, by: str) -> tuple[Sequence[Part], bool]:
    """The parts of the figure, and whether they are those of today's count although another figure was frozen.

    Reading a signed file takes a moment, and it never changes: its parts are kept.
    """
    taken_apart = TAKEN_APART[by]
    if figure.year is None or not figure.is_changed:
        return taken_apart(view.homes, figure.today), False

    def of_the_file() -> Sequence[Part] | None:
        sealed = parts_of(figure)
        return taken_apart(*sealed) if sealed else None

    parts = memory("sealed_parts", 40).get((figure.year.sha256, figure.result.id, by), of_the_file)
    return (parts, False) if parts is not None else (taken_apart(view.homes, figure.today), True)


def page(library: Library, view: Overview, **shared: Any) -> str:
    """The page."""
    found = compare(library, view)
    return render_template(
        "monitoring/compare.html", found=found, definition=found.whole.definition, target=target_words(found.whole.definition),
        whole=_whole(found, indicator_url(library.code, view, found.whole.id)),
        verdict_of=lambda result: _verdict(view, result), groups=_figures(), way_words=WAYS, order_words=ORDERS, asked_way=request.args.get("by", ""),
        about={"library": library.code, "period": view.period.code, "indicator": found.whole.id}, **shared,
    )  # fmt: skip


def table(library: Library, view: Overview) -> tuple[list[Any], list[list[Any]]]:
    """Heads and rows of the file: the rows of the page in the same order, then the whole library."""
    found = compare(library, view)
    heads = [
        WAYS[found.by],
        _("Indicator"),
        _("Numerator"),
        _("Denominator"),
        _("Value"),
        _("Target"),
        _("Verdict"),
        _("Note"),
        _("Rules"),
    ]
    lines = [*found.lines, _whole(found)]
    return heads, [_cells(line) for line in lines]


def _whole(found: Comparison, href: str = "") -> Line:
    return Line(_("The whole library"), found.whole, href, closed.note_of(found.figure))


def _cells(line: Line) -> list[Any]:
    result = line.result
    return [
        line.name, result.id, result.numerator, result.denominator, line.value, target_words(result.definition),
        result.verdict or "", line.note, result.definition.version,
    ]  # fmt: skip


def _courses(library: Library, view: Overview, parts: Sequence[Part]) -> list[Line]:
    names = reading.courses_of(library)
    homes = {key: (local_text(course, "name"), str(course.uuid)) for key, course in names.items()}
    return _opening(library, view, "course", homes, (_("Without a course"), NONE), {part.key: part for part in parts})


def _units(library: Library, view: Overview, parts: Sequence[Part]) -> list[Line]:
    homes = {member.unit_id: (local_text(member.unit, "name"), str(member.unit.uuid)) for member in library.members}
    return _opening(
        library, view, "unit", homes, (_("Outside the units of the library"), NONE), {part.key: part for part in parts}
    )


def _opening(
    library: Library, view: Overview, kind: str, homes: Mapping[int, tuple[str, str]], nowhere: tuple[str, str],
    parts: Mapping[int | None, Part],
) -> list[Line]:  # fmt: skip
    """A row for each course or unit that has a part, in their order, then for what belongs to none; each opens its list."""
    named = [(homes[key], parts[key]) for key in homes if key in parts]
    named += [(nowhere, part) for key, part in parts.items() if key not in homes]
    return [
        Line(name, part.result, indicator_url(library.code, view, part.result.id, **{kind: code}, _anchor="ledger"), _both_groups(part.result))
        for (name, code), part in named
    ]  # fmt: skip


def _both_groups(result: IndicatorResult) -> str:
    """The verdict on coverage needs students and teachers apart (M12.A)."""
    if result.definition.subject != "roster":
        return ""
    students, teachers = (coverage.group_of(result.tally, role) for role in (coverage.STUDENT, coverage.TEACHER))
    return _("Students %(students)s, teachers %(teachers)s", students=students.display(), teachers=teachers.display())


def _years(library: Library, view: Overview, result: IndicatorResult) -> list[Line]:
    return [_year_line(library, view, part) for part in comparing.by_year(library, view, result)]


def _year_line(library: Library, view: Overview, part: YearPart) -> Line:
    opens = url_for("monitoring.indicator", id=part.result.id, library=library.code, period=part.period.code)
    return Line(str(part.period.year), part.result, opens, _about_year(view, part))


def _about_year(view: Overview, part: YearPart) -> str:
    chosen = _("chosen above") if part.period == view.period else ""
    running = _("not over yet") if part.period.end > view.now else ""
    return " · ".join(filter(None, [chosen, running, closed.note_of(part.figure)]))


LINES: Mapping[str, Callable[[Library, Overview, Sequence[Part]], list[Line]]] = {COURSES: _courses, UNITS: _units}
TAKEN_APART = {COURSES: comparing.by_course, UNITS: comparing.by_unit}


def _in_order(lines: Sequence[Line], order: str) -> list[Line]:
    """Rows without a value come last, whatever the order by value."""
    if order == IN_ORDER:
        return list(lines)
    valued = [(line.amount, line) for line in lines if line.amount is not None]
    ordered = sorted(valued, key=lambda pair: pair[0], reverse=order == HIGHEST)
    return [line for _amount, line in ordered] + [line for line in lines if line.amount is None]


def _verdict(view: Overview, result: IndicatorResult) -> tuple[str | None, str | None]:
    """Of a part over nothing: not applicable, without the reason that holds for the whole library."""
    return (NOT_APPLICABLE, None) if result.verdict == NOT_APPLICABLE else verdict_of(view, result)


def _figures() -> list[tuple[Dimension, list[Definition]]]:
    return [(one, [d for d in DEFINITIONS if d.dimension == one.id]) for one in DIMENSIONS]


def _one_of(asked: str | None, offered: Sequence[str]) -> str:
    return asked if asked is not None and asked in offered else offered[0]
