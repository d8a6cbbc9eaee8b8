"""One unit of work, one commit: for commands and job steps. Requests have theirs in courseware/web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from courseware.core.database import db, session


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Commits at the end of the block, rolls back when it raises. Needs an application context."""
    announce_writes()
    try:
        yield session()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def announce_writes() -> None:
    """Ends the reading so far and tells SQLite at BEGIN that this transaction writes.

    A transaction that reads first and writes later fails at once when another wrote in between, whatever the
    busy timeout; one that takes the lock at BEGIN waits its turn.
    """
    if session().in_transaction():
        session().commit()
    session().connection(execution_options={"writes": True})
