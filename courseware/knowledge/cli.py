"""`flask import points`: the graph of a library from a sheet."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask_babel import gettext as _

from courseware.core.cli import import_group, plain_errors, print_json
from courseware.core.tables import ImportReport, read_table
from courseware.core.unit_of_work import unit_of_work
from courseware.knowledge import importing
from courseware.libraries import queries as libraries
from courseware.libraries.errors import UnknownLibrary


@import_group.command("points")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def import_points(file: Path, code: str, dry_run: bool, as_json: bool) -> None:
    """Adds and updates points from FILE (jsonl, csv, xlsx). With any faulty row, nothing is written.

    Columns: key, name, name_en, kind (knowledge|skill), aliases, major, course, prerequisites, posts, description.
    Lists are divided by ; in sheets. Prerequisites are named by key or name and must not form a circle.
    """
    rows = read_table(file, importing.COLUMNS)
    with unit_of_work():
        library = libraries.find_library(code)
        if library is None:
            raise UnknownLibrary(library=code)
        report = importing.import_points(library, rows, dry_run=dry_run)
    print_json(report.as_dict()) if as_json else click.echo("\n".join(_lines(report)))
    sys.exit(1 if report.problems else 0)


def _lines(report: ImportReport) -> list[str]:
    if report.problems:
        found = [f"{p.row}\t{p.field}\t{p.sentence}" for p in report.problems]
        return [*found, _("Nothing was imported. Repair these rows and import the file again.")]
    text = _("%(rows)s rows: %(created)s new, %(updated)s changed, %(unchanged)s as before.", **_counts(report))
    return [text, _("Dry run: nothing was written.")] if report.dry_run else [text]


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged")}


commands = (import_group,)
