"""`flask backup create DIR` and `flask backup restore DIR`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from courseware.backup import services
from courseware.core.cli import plain_errors, print_json
from courseware.core.unit_of_work import unit_of_work

group = AppGroup("backup", help="The whole installation in a folder, and back.")


@group.command("create")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def create(folder: Path, as_json: bool) -> None:
    """Writes database, files, settings and keys into DIR while the site goes on; DIR holds secrets afterwards."""
    with unit_of_work():
        done = services.create(folder, _say)
    _tell(done, as_json)


@group.command("restore")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def restore(folder: Path, as_json: bool) -> None:
    """Puts the backup in DIR into this installation, which has to be empty. SQLite and PostgreSQL take each other's."""
    with unit_of_work():
        done = services.restore(folder, _say)
    _tell(done, as_json)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _tell(done: services.Done, as_json: bool) -> None:
    answer = asdict(done)
    print_json(answer) if as_json else click.echo(", ".join(f"{name}: {value}" for name, value in answer.items()))


commands = (group,)
