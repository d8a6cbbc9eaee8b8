"""All sums anew, from nothing: person by person in the order of the index of events, thousands of days at a time.

Every day waits from the first moment on, so figures never read half a sum: they count what waits from its events. Killed
in the middle, the worker goes on with the days that still wait; started again, it begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, exists, literal, tuple_

from courseware.core.database import session
from courseware.core.memory import loading
from courseware.core.unit_of_work import unit_of_work
from courseware.monitoring.rollups.keeping import TABLES, delete_days, fold_all_due, insert_sums, still_waiting
from courseware.monitoring.rollups.reading import Due, due, fold_people, next_due
from courseware.progress.due import mark_all_due

DAYS = 5_000  # about 70,000 events, 150 MB, and a third of a second for which others wait to write


def rebuild(say: Callable[[int], None] = lambda _days: None) -> int:
    """Folds all events anew; returns how many days there were. While it runs figures count unfolded days from their events.

    Days that get events while they are folded, or that the worker takes first, are folded as ever at the end.
    """
    with unit_of_work() as db:
        mark_all_due()
        for table in TABLES.values():
            db.connection().execute(delete(table))  # without a condition: SQLite empties the table in one go
    done, at = 0, (0, 0)
    while waiting := next_due(session().connection(), at, DAYS):
        with loading():
            done += _fold(waiting)
        at = waiting[-1].user_id, waiting[-1].day
        say(done)
    session().rollback()
    return done + fold_all_due(lambda more: say(done + more))


def _fold(waiting: Sequence[Due]) -> int:
    """Folds days that follow each other; returns how many did not change meanwhile."""
    sums = fold_people(session().connection(), waiting)
    session().rollback()  # what follows writes, and must not begin as a reader (decision 2)
    with unit_of_work() as db:
        kept = still_waiting(db.connection(), waiting)
        _clear(db.connection(), waiting)
        delete_days(db.connection(), (due,), kept)
        insert_sums(db.connection(), sums, kept)
    return len(kept)


def _clear(connection: Connection, waiting: Sequence[Due]) -> None:
    """Removes sums of days that wait, from the first of these to the last: there are some where the worker was quicker.

    Of a day that changed meanwhile too: it goes on waiting, and nobody reads its sums.
    """
    first, last = ((literal(one.user_id), literal(one.day)) for one in (waiting[0], waiting[-1]))
    for table in TABLES.values():
        place = tuple_(table.c.user_id, table.c.day)
        is_due = exists().where(due.c.user_id == table.c.user_id, due.c.day == table.c.day)
        connection.execute(delete(table).where(place >= tuple_(*first), place <= tuple_(*last), is_due))
