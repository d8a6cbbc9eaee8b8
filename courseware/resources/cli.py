"""`flask media ingest`, `flask change classify`, `flask import resources`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from courseware.core.cli import import_group, plain_errors, print_json, refuse
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import services as jobs
from courseware.libraries import queries as libraries
from courseware.libraries.errors import UnknownLibrary
from courseware.resources import assets, bundles, change, comparing, importing, ingesting, uploads
from courseware.resources.models import RESOURCE_TYPES
from courseware.resources.store_cli import store_group
from courseware.review.importing import publish_imported

media_group = AppGroup("media", help="Files: take in, clear up.")
change_group = AppGroup("change", help="Evidence of change between two files.")


@media_group.command("ingest")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wait", is_flag=True, help="Process here and now, and say how it ended.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def ingest(file: Path, wait: bool, as_json: bool) -> None:
    """Takes FILE in as an upload would: gate, store, processing."""
    if not file.is_file():
        refuse(_("There is no file %(name)s.", name=str(file)))
    taken = ingesting.ingest(file, wait=wait)
    answer = ingesting.report(taken)
    print_json(answer) if as_json else click.echo("\n".join(ingesting.lines(answer)))
    sys.exit(2 if taken.asset.state == "failed" else 0)


@media_group.command("sweep")
@plain_errors
def sweep() -> None:
    """Drops uploads that nobody finished within three days."""
    with unit_of_work():
        count = uploads.sweep()
    click.echo(_("%(count)s unfinished uploads dropped.", count=count))


@media_group.command("process")
@plain_errors
def process() -> None:
    """Asks the worker to make what earlier files lack: simulations to run, pages of Office files."""
    with unit_of_work():
        lacking = assets.lacking_previews()
        for asset in lacking:
            job = assets.process_asset(asset, priority=assets.WHENEVER)
            if job is not None and job.state == "done":  # of an earlier time, when there was less to make
                jobs.requeue(job)
    click.echo(_("%(count)s files wait for processing.", count=len(lacking)))


@change_group.command("classify")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--type",
    "resource_type",
    type=click.Choice((*RESOURCE_TYPES, comparing.QUESTION)),
    help="Type of the resource, or question for two versions of one as JSON; else by content.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def classify(old: Path, new: Path, resource_type: str | None, as_json: bool) -> None:
    """Says how NEW differs from OLD: identical, re-encoded, minor or substantive, with the evidence."""
    for path in (old, new):
        if not path.is_file():
            refuse(_("There is no file %(name)s.", name=str(path)))
    measured = comparing.compare_files(old, new, resource_type)
    answer: dict[str, Any] = {name: measured[name] for name in ("class", "share", "seconds") if name in measured}
    answer["evidence"] = change.evidence_sentences(measured)
    print_json(answer) if as_json else click.echo("\n".join([str(answer["class"]), *answer["evidence"]]))


@import_group.command("resources")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--published", is_flag=True, help="Migrating a library: publish at once, recorded and shown as imported.")
@click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def import_resources(file: Path, code: str, published: bool, dry_run: bool, as_json: bool) -> None:
    """Adds resources from FILE: xlsx, csv, jsonl (UTF-8, GB 18030 or UTF-16), or a zip of such a sheet and its files.

    Good rows go in, bad rows are named.

    Columns: external_id, title, description, body, type, major, course, points, skill_points, unit, author, originality,
    licence, language, difficulty, keywords, published_at, file (path beside the sheet). Lists are divided by ; in sheets.
    """
    with bundles.opened(file) as bundle, unit_of_work():
        library = libraries.find_library(code)
        if library is None:
            raise UnknownLibrary(library=code)
        publish = publish_imported if published else None
        report = importing.import_resources(
            library, bundle.sheet.rows, beside=bundle.beside, publish=publish, dry_run=dry_run
        )
    print_json(report.as_dict()) if as_json else click.echo("\n".join(_lines(report)))
    sys.exit(1 if report.problems else 0)


def _lines(report: importing.ResourceReport) -> list[str]:
    found = [f"{p.row}\t{p.field}\t{p.sentence}" for p in report.problems]
    words = {name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged")}
    text = _("%(rows)s rows: %(created)s new, %(updated)s changed, %(unchanged)s as before.", **words)
    return [*found, text, *([_("Dry run: nothing was written.")] if report.dry_run else [])]


commands = (media_group, change_group, import_group, store_group)
