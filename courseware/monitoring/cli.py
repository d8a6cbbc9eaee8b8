"""`flask metrics …`."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from courseware.bulk.export import as_csv
from courseware.classes.board_sheet import as_xlsx
from courseware.core import clock
from courseware.core.cli import plain_errors, print_json, refuse
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import chain, freezing, queries
from courseware.monitoring.answer import as_document
from courseware.monitoring.closed import FrozenYear, frozen_year, reported
from courseware.monitoring.errors import UnknownLibrary
from courseware.monitoring.handover.looking import lines_of, look
from courseware.monitoring.handover.mapping import read_mapping
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.rollups import keeping, rebuilding
from courseware.monitoring.rosters import cli as rosters
from courseware.monitoring.snapshots import signing
from courseware.monitoring.snapshots.checking import check
from courseware.monitoring.surveys.cli import invite
from courseware.monitoring.verify import exit_code, in_words
from courseware.resources.storage import store

group = AppGroup("metrics", help="Indicators of a library.")


@group.command("show")
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--period", "text", required=True, help="2026 (the library's own year), calendar:2026 or academic:2026.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def show(code: str, text: str, as_json: bool) -> None:
    """Shows every indicator of a library in a period, exactly as the Monitor page does."""
    library = _library(code)
    period = parse_period(text, library.period_start_month)
    results, year = queries.compute(library, period), frozen_year(library, period)
    print_json(as_document(code, period, results, year)) if as_json else _print(period, results, year)


@group.command("hand-over")
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--period", "text", required=True, help="2026 (the library's own year), calendar:2026 or academic:2026.")
@click.option(
    "--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True,
    help="JSON: which of our fields stand under which of their names.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A .csv, .xlsx or .json file."
)
@plain_errors
def hand_over(code: str, text: str, mapping: Path, out: Path) -> None:
    """Writes catalogue or figures under the field names of another platform (R63)."""
    library = _library(code)
    wanted = read_mapping(mapping.read_text("utf-8-sig"))
    heads = [field.name for field in wanted.fields]
    period = parse_period(text, library.period_start_month)
    rows = list(lines_of(wanted, library, period))
    out.write_bytes(_as_file(out.suffix.lower(), heads, rows))
    click.echo(_("%(rows)s rows in %(file)s.", rows=len(rows), file=str(out)))
    for field, count in look(wanted, library, period).lacking:
        click.echo(_("“%(name)s” is required and empty in %(count)s rows.", name=field.name, count=count), err=True)


def _as_file(suffix: str, heads: list[str], rows: list[list[Any]]) -> bytes:
    if suffix == ".json":
        return json.dumps([dict(zip(heads, row, strict=True)) for row in rows], ensure_ascii=False, indent=1).encode()
    made = as_xlsx(heads, rows) if suffix == ".xlsx" else as_csv(heads, rows)
    return made if isinstance(made, bytes) else made.encode("utf-8")


@group.command("freeze")
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--period", "text", required=True, help="2026 (the library's own year), calendar:2026 or academic:2026.")
@click.option("--out", type=click.Path(path_type=Path), help="Also writes the signed file here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def freeze(code: str, text: str, out: Path | None, as_json: bool) -> None:
    """Freezes the figures of a period with the facts they rest on, signed and chained to the snapshot before."""
    library = _library(code)
    with unit_of_work():
        snapshot = freezing.freeze(library, parse_period(text, library.period_start_month), None)
    if out is not None:
        _write(snapshot, out)
    answer = {
        "library": code, "period": snapshot.period_code, "as_of": snapshot.as_of.isoformat(), "sha256": snapshot.sha256,
        "previous": snapshot.previous_sha256, "signed_by": signing.fingerprint(snapshot.public_key), "size": snapshot.size,
        "figures": len(snapshot.figures), "file": str(out) if out else snapshot.store_key,
    }  # fmt: skip
    print_json(answer) if as_json else click.echo("\n".join(f"{name}: {value}" for name, value in answer.items()))


@group.command("verify")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--key", default="", help="Another fingerprint to trust: of an earlier data folder, or of another library."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def verify(file: Path | None, key: str, as_json: bool) -> None:
    """Without FILE: counts figures and sums of learning anew, and walks the chain of snapshots. With FILE: checks a snapshot.

    A file has to be signed by this site's key (or by --key) and to be one of its snapshots.
    """
    if file is None:
        sys.exit(_verify_running(as_json, chain.trusted_keys(key)))
    if not file.is_file():
        refuse(_("There is no file %(name)s.", name=str(file)))
    with file.open("rb") as source:
        report = chain.held_against_store(check(source, chain.trusted_keys(key)))
    print_json(report.as_dict()) if as_json else click.echo(in_words(report))
    sys.exit(exit_code(report))


@group.group("rollups", help="Sums of learning that figures read.")
def rollups() -> None:
    """Sums of learning by person and day."""


@rollups.command("rebuild")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def rebuild(as_json: bool) -> None:
    """Folds all learning events anew. The site goes on; figures stay exact meanwhile and are counted more slowly."""
    begun = time.monotonic()
    days = rebuilding.rebuild(lambda done: click.echo(f"{done} days", err=True))
    answer = {"days": days, "seconds": round(time.monotonic() - begun, 1)}
    print_json(answer) if as_json else click.echo("\n".join(f"{name}: {value}" for name, value in answer.items()))


@rollups.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def status(as_json: bool) -> None:
    """How many days wait to be folded, and since when."""
    answer = keeping.status(clock.now())
    print_json(answer) if as_json else click.echo("\n".join(f"{name}: {value}" for name, value in answer.items()))


def _verify_running(as_json: bool, trusted: list[str]) -> int:
    now = queries.reporting_now()
    sums, chains, missing = keeping.differences(), chain.chains(trusted), chain.taken_out()
    found = [
        {
            "library": library.code,
            "period": period.code,
            "differences": [asdict(d) for d in freezing.recount(library, period, now)],
        }
        for library in libraries.all_libraries()
        for period in [queries.default_period(library, now)]
    ]
    ok = not (sums or missing or any(one["differences"] for one in found) or any(one.problem for one in chains))
    if as_json:
        told = {"figures_of": found, "sums": sums, "chains": [one.as_dict() for one in chains], "missing": missing}
        print_json({"ok": ok} | told)
    else:
        lines = [f"{one['library']} {one['period']}: {len(one['differences'])} differences" for one in found]
        lines += [
            f"sums of learning: {len(sums)} differences" + (" or more" if len(sums) == keeping.SHOWN else ""),
            *sums, *(one.in_words() for one in chains), *missing,
        ]  # fmt: skip
        click.echo("\n".join(lines))
    return 0 if ok else 1


def _write(snapshot: Snapshot, out: Path) -> None:
    try:
        with store().open(snapshot.store_key) as source, out.open("wb") as target:
            shutil.copyfileobj(source, target)
    except OSError as problem:
        refuse(_("%(name)s cannot be written: %(reason)s.", name=str(out), reason=str(problem.strerror)))


def _library(code: str) -> Library:
    library = libraries.find_library(code)
    if library is None:
        raise UnknownLibrary(library=code)
    return library


def _print(period: Period, results: list[IndicatorResult], year: FrozenYear | None) -> None:
    click.echo(f"[{period.first_day}, {period.end_day})" + (f" frozen {year.taken_at:%Y-%m-%d}" if year else ""))
    for figure in (reported(year, result) for result in results):
        result = figure.result
        today = f"  (counted today: {figure.today.display})" if figure.is_changed else ""
        numerator = "—" if result.numerator is None else result.numerator
        fraction = "" if result.denominator is None else f"{numerator}/{result.denominator}"
        verdict = result.verdict or ""
        click.echo(
            f"{result.id:<15} {result.display:>12}  {fraction:>14}  {verdict:<12} {result.definition.local_name()}{today}"
        )


group.add_command(invite)
commands = (group, *rosters.commands)
