"""`flask import roster`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask_babel import gettext as _

from courseware.accounts import queries as accounts
from courseware.core.cli import import_group, plain_errors, print_json, refuse
from courseware.core.tables import RowProblem
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries import queries as libraries
from courseware.monitoring.errors import UnknownLibrary
from courseware.monitoring.rosters import services
from courseware.monitoring.rosters.people import STUDENT, TEACHER, day_of
from courseware.monitoring.rosters.reading import read_roster


@import_group.command("roster")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--unit", "unit_key", required=True, help="Key of the school.")
@click.option("--census", required=True, help="The census day, 2026-10-31.")
@click.option(
    "--role", type=click.Choice([STUDENT, TEACHER]), help="Everybody is one; for files without such a column."
)
@click.option("--complete", is_flag=True, help="The list is complete although it lost many people.")
@click.option("--dry-run", is_flag=True, help="Check and match, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def import_roster(
    file: Path, code: str, unit_key: str, census: str, role: str | None, complete: bool, dry_run: bool, as_json: bool
) -> None:
    """Takes the official list of a school on a census day (M12) from FILE: csv, xlsx, or an OneRoster 1.1/1.2 zip.

    Columns: 姓名 name, 学号/工号 number, 邮箱 email, 身份 role (学生, 教师), 普查日 census. With any faulty line nothing is
    written. A later file for the same day replaces the list; both are kept. A list that lost more than 20 of 100 people
    or a whole group against an earlier one is taken with --complete only.
    """
    day = day_of(census)
    if day is None:
        refuse(_("“%(text)s” is no date. Write 2026-10-31.", text=census))
        return
    with unit_of_work():
        library, unit = libraries.find_library(code), accounts.unit_by_key(unit_key)
        if library is None:
            raise UnknownLibrary(library=code)
        if unit is None:
            refuse(_("There is no unit with the key %(key)s.", key=unit_key))
            return
        reading = read_roster(file, role or "", (unit.key, unit.name, unit.name_en), day)
        shown = services.preview(library, unit, day, reading)
        is_written = not dry_run and not reading.problems
        if is_written:
            services.take(library, unit, day, file.name, shown, None, is_loss_meant=complete)
    answer = {**shown.as_dict(), "written": is_written, "dry_run": dry_run}
    print_json(answer) if as_json else click.echo("\n".join(_lines(shown, is_written, dry_run)))
    sys.exit(1 if reading.problems else 0)


def _lines(shown: services.Preview, is_written: bool, dry_run: bool) -> list[str]:
    found = [_line(p) for p in (*shown.reading.problems, *shown.reading.remarks)]
    sizes = _(
        "%(student)s students, %(teacher)s teachers; %(known)s with an account, %(doubtful)s in doubt, %(unknown)s unknown.",
        **shown.sizes,
    )
    end = _("Nothing was imported. Repair these rows and import the file again.")
    if is_written:
        end = _("The list is in. Whoever is in doubt waits on the page “Rosters”.")
    elif dry_run and not shown.reading.problems:
        end = _("Dry run: nothing was written.")
    return [*found, sizes, end]


def _line(problem: RowProblem) -> str:
    return f"{problem.row}\t{problem.field}\t{problem.sentence}"


commands = (import_group,)
