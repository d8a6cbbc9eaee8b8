"""`flask metrics invite`."""

from __future__ import annotations

import click

from courseware.core.cli import plain_errors, print_json
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries import queries as libraries
from courseware.monitoring.errors import UnknownLibrary
from courseware.monitoring.surveys import services


@click.command("invite")
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def invite(code: str, as_json: bool) -> None:
    """Asks those whom the rule of the year draws; the worker does so every day by itself."""
    with unit_of_work():
        library = libraries.find_library(code)
        if library is None:
            raise UnknownLibrary(library=code)
        count = services.invite_sample(library)
    print_json({"library": code, "invited": count}) if as_json else click.echo(f"{code}: {count}")
