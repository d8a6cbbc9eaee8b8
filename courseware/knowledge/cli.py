"""`flask import points`, `flask import graph`, `flask export graph`: the graph of a library from and to files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from courseware.core.cli import export_group, import_group, plain_errors, print_json
from courseware.core.tables import ImportReport, read_table
from courseware.core.unit_of_work import unit_of_work
from courseware.knowledge import importing
from courseware.knowledge.graphfile.applying import take_in
from courseware.knowledge.graphfile.changes import Changes, changes_of
from courseware.knowledge.graphfile.model import as_document
from courseware.knowledge.graphfile.reading import read_graph
from courseware.knowledge.graphfile.sheets import unreadable, write_workbook
from courseware.knowledge.graphfile.stored import stored_graph
from courseware.libraries import queries as libraries
from courseware.libraries.errors import UnknownLibrary
from courseware.libraries.models import Library


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
        report = importing.import_points(_library(code), rows, dry_run=dry_run)
    print_json(report.as_dict()) if as_json else click.echo("\n".join(_lines(report)))
    sys.exit(1 if report.problems else 0)


@import_group.command("graph")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--dry-run", is_flag=True, help="Show the differences, write nothing.")
@click.option("--remove", is_flag=True, help="Also remove ties and retire points that FILE lacks.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def import_graph(file: Path, code: str, dry_run: bool, remove: bool, as_json: bool) -> None:
    """Takes a whole graph in from FILE (xlsx or json, built like the export). With any fault, nothing is written."""
    reading = read_graph(file.name, _bytes_of(file))
    with unit_of_work():
        library = _library(code)
        changes = changes_of(library, reading, remove=remove)
        if not dry_run and not changes.problems:
            take_in(library, reading, None, remove=remove)
    print_json(_as_dict(changes)) if as_json else click.echo("\n".join(_differences(changes, dry_run)))
    sys.exit(1 if changes.problems else 0)


@export_group.command("graph")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--library", "code", required=True, help="Code of the library.")
@plain_errors
def export_graph(file: Path, code: str) -> None:
    """Writes the whole graph to FILE: xlsx when its name ends so, else JSON."""
    graph = stored_graph(_library(code))
    as_json = json.dumps(as_document(graph), ensure_ascii=False, indent=1).encode()
    file.write_bytes(write_workbook(graph) if file.suffix == ".xlsx" else as_json)
    click.echo(_("%(points)s points written to %(file)s.", points=len(graph.points), file=file))


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(file.name, _l("there is no such file.")) from error


def _library(code: str) -> Library:
    library = libraries.find_library(code)
    if library is None:
        raise UnknownLibrary(library=code)
    return library


def _as_dict(changes: Changes) -> dict[str, Any]:
    problems = [{"place": place, "message": sentence} for place, sentence in changes.problems]
    return {
        "changes": changes.count, "added": changes.added, "changed": changes.changed, "missing": changes.missing,
        "errors": problems,
    }  # fmt: skip


def _differences(changes: Changes, dry_run: bool) -> list[str]:
    if changes.problems:
        found = [f"{place}\t{sentence}" for place, sentence in changes.problems]
        return [*found, _("Nothing was imported. Repair these places and import the file again.")]
    groups = (("+", changes.added), ("-" if changes.is_removing else "=", changes.missing))
    lines = [
        f"{sign} {table}: {' · '.join(fact)}"
        for sign, group in groups
        for table, facts in group.items()
        for fact in facts
    ]
    lines += [f"~ {table}: {name}" for table, found in changes.changed.items() for name in found]
    return [*lines, _("Dry run: nothing was written.") if dry_run else _("Facts written: %(num)s.", num=changes.count)]


def _lines(report: ImportReport) -> list[str]:
    if report.problems:
        found = [f"{p.row}\t{p.field}\t{p.sentence}" for p in report.problems]
        return [*found, _("Nothing was imported. Repair these rows and import the file again.")]
    text = _("%(rows)s rows: %(created)s new, %(updated)s changed, %(unchanged)s as before.", **_counts(report))
    return [text, _("Dry run: nothing was written.")] if report.dry_run else [text]


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged")}


commands = (import_group, export_group)
