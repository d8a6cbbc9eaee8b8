"""What commands share: groups that several subjects add to, answers for people and for machines, exit codes.

Exit 0 done, 1 done with row errors listed, 2 refused with a clear reason (interfaces.md).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
import structlog
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError, ProgrammingError

from courseware.core.errors import DomainError, Invalid

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger("keku.commands")

import_group = AppGroup("import", help="Bring data in from sheets.")
export_group = AppGroup("export", help="Take data out as files.")


def print_json(answer: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2, default=str))


def refuse(reason: str) -> None:
    """Says why nothing was done, and exits with 2."""
    click.echo(reason, err=True)
    sys.exit(2)


def plain_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turns domain errors, and a database that is away or not set up, into a sentence and exit code 2: no traceback."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            details = [
                f"  {field}: {problem}" for field, many in getattr(error, "problems", {}).items() for problem in many
            ]
            refuse("\n".join([error.sentence(), *details]) if isinstance(error, Invalid) else error.sentence())
            raise
        except (OperationalError, ProgrammingError) as problem:
            log.error("database", problem=str(problem.orig))
            refuse(
                _(
                    "The database does not answer as it should. Is it running, and brought up to date by “flask db upgrade”?"
                )
            )
            raise

    return guarded
