"""`flask libraries …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from courseware.core.cli import plain_errors, print_json
from courseware.libraries import queries
from courseware.libraries.models import Library

group = AppGroup("libraries", help="Resource libraries.")


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def list_all(as_json: bool) -> None:
    """Lists every library: code, name, core major."""
    libraries = queries.all_libraries()
    rows = [
        {
            "code": library.code,
            "name": library.name,
            "core_major": {"code": library.core_major.code, "name": library.core_major.name},
            "published": library.published_at is not None,
        }
        for library in libraries
    ]
    print_json(rows) if as_json else click.echo("\n".join(_line(library) for library in libraries))


def _line(library: Library) -> str:
    return f"{library.code}\t{library.name}\t{library.core_major.code} {library.core_major.name}"


commands = (group,)
