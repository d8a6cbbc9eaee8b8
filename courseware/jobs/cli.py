"""`flask serve` and `flask worker`."""

from __future__ import annotations

import os
import socket
import sys

import click
from flask import current_app
from flask.cli import with_appcontext


def say_where_files_are() -> None:
    """Says at the start when the settings name another store than the one the library moved to; ends when there is no way to it."""
    from courseware.resources.store_cli import start_words

    words, is_over = start_words()
    if words:
        click.echo(words, err=True)
    if is_over:
        sys.exit(2)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=int)
@click.option("--workers", default=2, show_default=True, type=int, help="Web processes.")
@with_appcontext
def serve(host: str, port: int, workers: int) -> None:
    """The production web server (granian, WSGI)."""
    say_where_files_are()
    from granian.constants import Interfaces
    from granian.server import Server

    server = Server(
        "app:create_site", factory=True, interface=Interfaces.WSGI, address=host, port=port, workers=workers,
        log_access=False, blocking_threads=4, respawn_failed_workers=True,
    )  # fmt: skip
    server.serve()


@click.command("worker")
@click.option(
    "--name",
    default=lambda: os.environ.get("KEKU_WORKER", f"{socket.gethostname()}-1"),
    help="Keeps unfinished work across restarts.",
)
@click.option(
    "--slots",
    default=2,
    show_default=True,
    type=int,
    help="Jobs at a time; never more than one recording among them, since encoding uses every core by itself.",
)
@with_appcontext
def worker(name: str, slots: int) -> None:
    """Background work: media, search index, rollups."""
    say_where_files_are()
    from courseware.jobs.worker import Worker, end_now

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    Worker(app, app.config["KEKU"], name, slots).run()
    end_now()


commands = (serve, worker)
