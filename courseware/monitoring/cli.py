"""`flask metrics …`."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from courseware.core.cli import plain_errors, print_json
from courseware.core.clock import REPORTING_ZONE
from courseware.libraries import queries as libraries
from courseware.monitoring import queries
from courseware.monitoring.errors import UnknownLibrary
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.results import IndicatorResult

group = AppGroup("metrics", help="Indicators of a library.")


@group.command("show")
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--period", "text", required=True, help="2026 (the library's own year), calendar:2026 or academic:2026.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def show(code: str, text: str, as_json: bool) -> None:
    """Shows every indicator of a library in a period, exactly as the Monitor page does."""
    library = libraries.find_library(code)
    if library is None:
        raise UnknownLibrary(library=code)
    period = parse_period(text, library.period_start_month)
    results = queries.compute(library, period)
    print_json(as_document(code, period, results)) if as_json else _print(period, results)


def as_document(code: str, period: Period, results: list[IndicatorResult]) -> dict[str, Any]:
    """The answer of interfaces.md."""
    ends = [moment.astimezone(REPORTING_ZONE).isoformat() for moment in (period.start, period.end)]
    return {"library": code, "period": ends, "indicators": [result.as_dict() for result in results]}


def _print(period: Period, results: list[IndicatorResult]) -> None:
    click.echo(f"[{period.first_day}, {period.end_day})")
    for result in results:
        fraction = "" if result.denominator is None else f"{result.numerator}/{result.denominator}"
        verdict = result.verdict or ""
        click.echo(
            f"{result.id:<15} {result.display:>12}  {fraction:>14}  {verdict:<12} {result.definition.local_name()}"
        )


commands = (group,)
