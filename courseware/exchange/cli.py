"""`flask export course`, `flask import course`: for large packages, and for operators."""

from __future__ import annotations

import shutil
import sys
import uuid as uuidlib
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.core.cli import import_group, plain_errors, print_json, refuse
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.exchange import imports
from courseware.exchange.incoming.reading import look_into
from courseware.exchange.models import FORMATS
from courseware.exchange.packing import pack
from courseware.exchange.plan import plan_of
from courseware.exchange.words import REASONS, REMARKS
from courseware.exchange.zipping import check_room
from courseware.jobs.runner import run_here
from courseware.libraries import queries as libraries

export_group = AppGroup("export", help="Take things elsewhere.")


@export_group.command("course")
@click.argument("course", type=click.UUID)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    required=True,
    help="cc: Common Cartridge 1.3; offline: a folder that opens from a disk.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where to write the file.")
@click.option(
    "--with-questions", is_flag=True, help="Also the question bank with its answers (cc), as the course's team gets it."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def export_course(course: uuidlib.UUID, form: str, out: Path, with_questions: bool, as_json: bool) -> None:
    """Writes what is published of COURSE to a file, and says what stays here and why."""
    plan = plan_of(libraries.course_by_uuid(course), "team" if with_questions and form == "cc" else "open")
    session().rollback()
    check_room(out.resolve().parent, plan.size)
    part = out.with_name(f"{out.name}.part")
    report = pack(plan, form, part, lambda _percent, _text: None, lambda: False)
    shutil.move(part, out)
    if as_json:
        print_json({"file": str(out), "size": out.stat().st_size, **report})
        return
    for one in report["left_out"]:
        click.echo(f"{one['lesson']}\t{one['title']}\t{REASONS[one['reason']]}")
    click.echo(
        _(
            "%(lessons)s lessons, %(size)s bytes in %(file)s.",
            lessons=report["lessons"],
            size=out.stat().st_size,
            file=str(out),
        )
    )


@import_group.command("course")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--course", "target", type=click.UUID, help="The course it goes into.")
@click.option("--user", "email", help="E-mail of the person who will own the drafts.")
@click.option("--dry-run", is_flag=True, help="Read and report, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def import_course(file: Path, target: uuidlib.UUID | None, email: str | None, dry_run: bool, as_json: bool) -> None:
    """Brings FILE in as drafts: a Common Cartridge 1.0 to 1.3, or a course of Open edX (OLX, zip or tar.gz).

    Exit code 1 when there are things that are not taken; they are listed with the reason.
    """
    if not file.is_file():
        refuse(_("There is no file %(name)s.", name=str(file)))
    report = look_into(file, file.name).report() if dry_run else _brought(file, target, email)
    print_json({**report, "dry_run": dry_run}) if as_json else click.echo("\n".join(_lines(report, dry_run)))
    sys.exit(1 if report["remark_counts"] or report.get("refused") else 0)


def _brought(file: Path, target: uuidlib.UUID | None, email: str | None) -> dict[str, Any]:
    if target is None or not email:
        refuse(
            _(
                "Say which course it goes into (--course) and who owns the drafts (--user), or only look at it (--dry-run)."
            )
        )
    with unit_of_work(), file.open("rb") as stream:
        person, course = _person(str(email)), libraries.course_by_uuid(target or uuidlib.UUID(int=0))
        incoming = imports.take_in(person, course, file.name, stream)
    _wait(incoming)
    with unit_of_work():
        imports.begin(_person(str(email)), incoming)
    _wait(incoming)
    return dict(incoming.report)


def _wait(incoming: Any) -> None:
    job = imports.job_of(incoming)
    if job is not None:
        run_here(job)
    session().refresh(incoming)
    if incoming.state in ("failed", *imports.JOB_OF):
        refuse(incoming.reason or (job.reason if job is not None else ""))


def _person(email: str) -> User:
    found = accounts.user_by_email(email)
    if found is None:
        refuse(_("There is no account %(email)s.", email=email))
        raise SystemExit(2)
    return found


def _lines(report: dict[str, Any], dry_run: bool) -> list[str]:
    found = [f"{one['where']}\t{one['title']}\t{REMARKS.get(one['code'], one['code'])}" for one in report["remarks"]]
    counts = ", ".join(f"{name} {count}" for name, count in report["counts"].items())
    return [*found, counts, *([_("Dry run: nothing was written.")] if dry_run else [])]


commands = (export_group, import_group)
