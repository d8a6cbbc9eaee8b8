"""An indicator as a card: the figure, what explains it, and how many are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from courseware.core.fractions import Ratio
from courseware.monitoring.definitions import AT_MOST
from courseware.monitoring.indicators.satisfaction import valid_answers
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.results import INSUFFICIENT, NOT_APPLICABLE, IndicatorResult
from courseware.monitoring.words import counted_things, missing_words, persons, target_words, working_hours


@dataclass(frozen=True)
class Card:
    """What macros/indicator.html draws."""

    result: IndicatorResult
    name: str
    href: str
    verdict: str | None
    verdict_label: str | None
    value: str | None
    fraction: str
    numeric: float | None
    target: int | None
    target_label: str
    claimed: float | None
    points: list[float | None]
    foot: str
    missing: str
    years: list[tuple[int, Ratio]]
    forecast: float | None = None
    share: float | None = None


def card(view: Overview, result: IndicatorResult, library_code: str) -> Card:
    """The card of one judged figure."""
    definition, value = result.definition, result.value
    verdict, label = verdict_of(view, result)
    claimed = result.tally.claimed.percent() if result.tally.claimed else None
    return Card(
        result, definition.local_name(), indicator_url(library_code, view, result.id), verdict, label,
        None if value is None else f"{value}", fraction_of(view, result), None if value is None else float(value),
        definition.threshold, target_words(definition), float(claimed) if claimed is not None else None,
        list(view.trends.get(result.id, [])), foot_of(view, result), missing_of(view, result), years_of(view, result),
        float(result.forecast.at_period_end) if result.forecast else None, view.period.share_passed(view.now),
    )  # fmt: skip


def verdict_of(view: Overview, result: IndicatorResult) -> tuple[str | None, str | None]:
    """The verdict as the page shows it, and a word where the usual one says too little."""
    if result.has_warning:
        return "warn", _("Met, reminder")
    if result.id.startswith("M12") and result.verdict == NOT_APPLICABLE and view.gaps.units_without_roster:
        return NOT_APPLICABLE, _("Roster missing")
    return result.verdict, None


def fraction_of(view: Overview, result: IndicatorResult) -> str:
    """Numerator and denominator in words, or why there is no value."""
    numerator, denominator, subject = result.numerator, result.denominator, result.definition.subject
    if result.definition.is_count:
        return ""
    if result.tally.is_mean:
        return _("Mean of three yearly rates") if result.value is not None else _why_no_mean(view, result)
    if result.tally.withheld:
        return why_withheld(view, result)
    if denominator == 0:
        return (
            _("Nothing was published at the start, the first year is not counted")
            if subject == "resource"
            else _("Nothing to count yet")
        )
    return f"{numerator:,} / {denominator:,} {counted_things(result.definition, denominator or 0)}"


def _why_no_mean(view: Overview, result: IndicatorResult) -> str:
    empty = [str(year) for year, ratio in years_of(view, result) if not ratio.denominator]
    return _(
        "%(years)s began without a simulation; a mean needs three years that began with some", years=", ".join(empty)
    )


def why_withheld(view: Overview, result: IndicatorResult) -> str:
    """Why no value may be shown."""
    if result.tally.withheld == INSUFFICIENT:
        valid = valid_answers(result)
        return _("%(n)s valid answers; at least 30 and a response of 20 %% are needed", n=valid)
    if result.definition.subject == "roster":
        return _("%(n)s schools sent no roster; 100 %% never stands in for it", n=len(view.gaps.units_without_roster))
    return _("No valid answer yet")


def missing_of(view: Overview, result: IndicatorResult) -> str:
    """The link at the foot: how many are missing, or what may be seen."""
    subject, missing = result.definition.subject, result.missing
    if result.value is None:
        return _("See what is missing")
    if subject == "roster":
        return _("%(persons)s not covered", persons=persons(len(result.tally.rest)))
    if missing and result.definition.comparison == AT_MOST:
        return _("%(n)s others short", n=missing)
    if missing:
        return missing_words(subject, missing)
    return {
        "answer": _("See the answers"),
        "version": _("Review ledger"),
        "year": _("See the years and their simulations"),
    }.get(subject, _("See the list"))


def foot_of(view: Overview, result: IndicatorResult) -> str:
    """One sentence that explains the figure."""
    feet = {
        "M2.A": _foot_of_media, "M3.A": _foot_of_claims, "M4.A": _foot_of_updates, "M8.A": _foot_of_bank,
        "M9.A": _foot_of_courses, "M12.A": _foot_of_coverage, "M13.A": _foot_of_survey, "M17": _foot_of_review,
    }  # fmt: skip
    foot = feet[result.id](view, result) if result.id in feet and result.denominator else ""
    return forecast_words(result) or foot


def forecast_words(result: IndicatorResult) -> str:
    """The value at the end of the period with its range; empty where nothing can be foreseen."""
    ahead = result.forecast
    if ahead is None or ahead.low == ahead.high == result.value:
        return ""
    return _(
        "At period end about %(value)s %% (%(low)s–%(high)s)", value=ahead.at_period_end, low=ahead.low, high=ahead.high
    )


def years_of(view: Overview, result: IndicatorResult) -> list[tuple[int, Ratio]]:
    """The years behind a mean, oldest first."""
    first = view.period.year - len(result.tally.lists) + 1
    return [(first + n, Ratio(num, den)) for n, (num, den) in enumerate(result.tally.lists)]


def indicator_url(library_code: str, view: Overview, indicator_id: str, **more: Any) -> str:
    """The page of a figure in this library and period."""
    return url_for("monitoring.indicator", id=indicator_id, library=library_code, period=view.period.code, **more)


def _foot_of_media(view: Overview, result: IndicatorResult) -> str:
    room = 30 * (result.denominator or 0) // 100 - (result.numerator or 0)
    # Every text that comes adds to both sides: the room is what keeps 100·(n+x) ≤ 30·(d+x).
    fits = (30 * (result.denominator or 0) - 100 * (result.numerator or 0)) // 70
    return _("Room for %(n)s more of these", n=fits) if room >= 0 and fits >= 0 else ""


def _foot_of_claims(view: Overview, result: IndicatorResult) -> str:
    claimed = result.tally.claimed
    if claimed is None or claimed.numerator == result.numerator:
        return _("Claimed and accepted agree")
    lower = (claimed.percent() or 0) - (result.tally.ratio().percent() or 0)
    return _("Claimed %(claimed)s, accepted %(points)s points lower", claimed=claimed.display(), points=lower)


def _foot_of_updates(view: Overview, result: IndicatorResult) -> str:
    parts = result.tally.parts
    return _(
        "New %(new)s, revised %(revised)s; withdrawn %(withdrawn)s",
        **{k: parts[k] for k in ("new", "revised", "withdrawn")},
    )


def _foot_of_bank(view: Overview, result: IndicatorResult) -> str:
    return _("With three questions: %(share)s", share=view.results["M8.B"].display)


def _foot_of_courses(view: Overview, result: IndicatorResult) -> str:
    pages = view.results["M9.B"]
    return _("Course page alone: %(n)s / %(of)s", n=pages.numerator, of=pages.denominator)


def _foot_of_coverage(view: Overview, result: IndicatorResult) -> str:
    students, teachers = (Ratio(*result.tally.parts[name]) for name in ("students", "teachers"))  # type: ignore[misc]
    return _("Students %(students)s, teachers %(teachers)s", students=students.display(), teachers=teachers.display())


def _foot_of_survey(view: Overview, result: IndicatorResult) -> str:
    if result.tally.interval is None:
        return ""
    low, high = result.tally.interval
    valid = valid_answers(result)
    response = Ratio(valid, int(result.tally.parts["invited"]))  # type: ignore[arg-type]
    return _("95 %% interval %(low)s–%(high)s, response %(share)s", low=low, high=high, share=response.display())


def _foot_of_review(view: Overview, result: IndicatorResult) -> str:
    parts = result.tally.parts
    if result.tally.rest:
        return _("Anything under 100 %% is a defect") % {}
    if "median_minutes" not in parts:
        return _("Every published version was reviewed by others")
    first = Ratio(*parts["first_pass"])  # type: ignore[misc]
    return _(
        "Median %(hours)s working hours, %(share)s approved at first submission",
        hours=working_hours(parts["median_minutes"]),  # type: ignore[arg-type]
        share=first.display(),
    )
