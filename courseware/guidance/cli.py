"""`flask guidance …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from courseware.core.cli import print_json
from courseware.guidance import counting

guidance = AppGroup("guidance", help="What suggestions rest on.")


@guidance.command("recount")
@click.option("--json", "as_json", is_flag=True)
def recount(as_json: bool) -> None:
    """Counts co-use and what is popular in each course now, instead of once a day by the worker."""
    pairs, popular = counting.recount()
    if as_json:
        print_json({"pairs": pairs, "popular": popular})
    else:
        click.echo(f"{pairs} pairs of resources used by the same people, {popular} popular resources.")


commands = (guidance,)
