"""`flask scenario …`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from courseware.core.cli import plain_errors, print_json
from courseware.demo import scenario
from courseware.demo.demo_cli import demo

scenario_group = AppGroup("scenario", help="Dated stories for tests and demonstrations.")


@scenario_group.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def replay(file: Path, as_json: bool) -> None:
    """Replays FILE through the real services, the clock set to each line."""
    summary = scenario.replay_file(file)
    if as_json:
        print_json(summary.as_dict())
        return
    click.echo(f"{summary.done} of {summary.lines} lines done")
    for refused in summary.refused:
        click.echo(f"  line {refused['line']} ({refused['do']}): {refused['reason']}")


commands = (scenario_group, demo)
