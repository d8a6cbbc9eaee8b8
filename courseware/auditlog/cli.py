"""`flask audit verify`."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from courseware.auditlog.queries import verify_chain
from courseware.core.cli import print_json

audit = AppGroup("audit", help="The security log.")


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> None:
    """Checks the chain of the security log; names the first bad record and exits with 1 when there is one."""
    report = verify_chain()
    answer = {
        "entries": report.entries,
        "ok": report.first_bad_id is None,
        "first_bad_id": report.first_bad_id,
        "problem": report.problem,
    }
    words = "all in order" if answer["ok"] else f"entry {report.first_bad_id}: {report.problem}"
    print_json(answer) if as_json else click.echo(f"{report.entries} entries read, {words}.")
    sys.exit(0 if answer["ok"] else 1)


commands = (audit,)
