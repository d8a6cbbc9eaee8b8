"""`flask users …` and `flask tokens …`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from courseware.accounts import queries, services
from courseware.core.cli import plain_errors, print_json
from courseware.core.errors import NotFound
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work

users = AppGroup("users", help="Accounts.")
tokens = AppGroup("tokens", help="API tokens.")


@users.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([r.value for r in Role]))
@click.option("--unit", "unit_key", help="Key of the unit.")
@click.option("--json", "as_json", is_flag=True)
@plain_errors
def create(email: str, name: str, roles: tuple[str, ...], unit_key: str | None, as_json: bool) -> None:
    """Creates an account and prints a one-time link to choose a password; never a password."""
    unit = queries.unit_by_key(unit_key) if unit_key else None
    if unit_key and unit is None:
        raise NotFound()
    with unit_of_work():
        user = services.create_user(email, name, unit=unit, roles=roles)
        token = services.issue_setup_link(user)
        address = current_app.config["KEKU"].public_url.rstrip("/")
    link = f"{address}/setup/{token}"
    print_json({"email": email, "setup_link": link}) if as_json else click.echo(f"{name} <{email}>\n{link}")


@tokens.command("create")
@click.option("--email", required=True)
@click.option(
    "--scope", "scopes", multiple=True, required=True, help=f"One of {', '.join(services.SCOPES)}; may be repeated."
)
@click.option("--json", "as_json", is_flag=True)
@plain_errors
def create_token(email: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Prints an API token, once."""
    user = queries.user_by_email(email)
    if user is None:
        raise NotFound()
    with unit_of_work():
        token = services.issue_token(user, scopes)
    print_json({"email": email, "token": token}) if as_json else click.echo(token)


commands = (users, tokens)
