"""What the worker does for search without being asked."""

from __future__ import annotations

import datetime as dt

from courseware.core import clock
from courseware.core.unit_of_work import unit_of_work
from courseware.discovery import indexing, use
from courseware.jobs import registry


@registry.every(dt.timedelta(seconds=20))
def mend_index() -> None:
    """An index that is missing, damaged, or cut by other rules is built anew; pages say so meanwhile."""
    indexing.ensure_index()


@registry.every(dt.timedelta(hours=12))
def forget_old_searches() -> None:
    """Counts of searches are kept for half a year."""
    with unit_of_work():
        use.forget_old()


@registry.every(dt.timedelta(hours=1))
def follow_ratings() -> None:
    """Ratings are too many to index one by one; they order lists within the hour."""
    with unit_of_work():
        indexing.tell_of_ratings(clock.now() - dt.timedelta(hours=2))
