"""`flask demo`."""

from __future__ import annotations

import time

import click
from flask.cli import with_appcontext

from courseware.core.cli import plain_errors
from courseware.demo import accounts

SIZES = ("small", "medium", "large")
NOTICE = "Demonstration data: people, units and certificates are made up.  示例数据，人物、单位均为虚构。"


@click.command("demo")
@click.option("--size", type=click.Choice(SIZES), default="small", show_default=True)
@with_appcontext
@plain_errors
def demo(size: str) -> None:
    """Loads the demonstration library with real files, once; prints its accounts."""
    from courseware.demo import loader  # its drawing libraries are for this command alone, not for every web process

    begun = time.monotonic()
    loaded = loader.load(size, say=lambda text: click.echo(f"[{time.monotonic() - begun:5.0f} s] {text}", err=True))
    if loaded.was_there:
        click.echo(f"The demonstration ({loaded.size}) is here already; nothing was changed.")
    click.echo(NOTICE)
    click.echo(f"Accounts, all with the password {accounts.PASSWORD} (never use it elsewhere):")
    for account in accounts.list_accounts():
        click.echo(f"  {account.role:14} {account.email:20} {account.name}")
