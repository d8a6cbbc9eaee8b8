"""What nobody came back for: previews that were never confirmed, and the files that imports were sent as.

A preview holds the list of what was meant on the day it was made; after a day that is no longer what anybody looked at.
A sheet waits a week for its confirmation, and its file stays a month after the import, for the lines with faults.

Rows go first, and files by what no row names: a stop between the two leaves a file that the next round finds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Set

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select

from courseware.bulk.models import BulkAction
from courseware.core import clock
from courseware.core.database import session
from courseware.resources.orphans import keeps
from courseware.resources.storage import store

PREVIEW_WAITS = dt.timedelta(days=1)
SHEET_WAITS = dt.timedelta(days=7)
FILE_STAYS = dt.timedelta(days=30)
FILE_COMES_FIRST = dt.timedelta(hours=6)  # a file is stored before the row that names it
FOLDER = "imports/"
ENDED = ("done", "undone")
AT_ONCE = 100


def sweep_actions() -> int:
    """Drops up to AT_ONCE forgotten actions with their items; returns how many. What was begun stays for ever."""
    found = list(session().scalars(_forgotten().order_by(BulkAction.id).limit(AT_ONCE)))
    session().execute(delete(BulkAction).where(BulkAction.id.in_(found)))
    return len(found)


def let_files_go() -> int:
    """Lets imports that ended a month ago name their file no longer: the record stays, the faulty lines do not."""
    ended = BulkAction.state.in_(ENDED) & (BulkAction.ended_at < clock.now() - FILE_STAYS)
    query = select(BulkAction).where(BulkAction.act == "import", ended, _key().is_not(None))
    found = session().scalars(query.order_by(BulkAction.id).limit(AT_ONCE)).all()
    for one in found:
        one.facts = {name: value for name, value in one.facts.items() if name != "key"}
    session().flush()
    return len(found)


def unnamed_files() -> list[str]:
    """Keys of stored sheets and zips that no action names, those of this moment left out."""
    before = dt.datetime.now(dt.UTC) - FILE_COMES_FIRST  # the store's own time, whatever the clock of a story says
    named = set(session().scalars(select(_key()).where(BulkAction.act == "import", _key().is_not(None))))
    return [one.key for one in store().list(FOLDER) if one.modified_at < before and one.key not in named]


@keeps(FOLDER.rstrip("/"))
def _named_files(keys: Set[str]) -> set[str]:
    return set(session().scalars(select(_key()).where(BulkAction.act == "import", _key().in_(keys))))


def _forgotten() -> Select[int]:
    preview = and_(BulkAction.act != "import", BulkAction.state == "prepared", _older(PREVIEW_WAITS))
    # Also one whose check never ended: after a week nobody waits for it.
    waits = BulkAction.state.in_(("checking", "prepared", "failed")) & BulkAction.started_at.is_(None)
    return select(BulkAction.id).where(or_(preview, and_(BulkAction.act == "import", waits, _older(SHEET_WAITS))))


def _older(pause: dt.timedelta) -> ColumnElement[bool]:
    return BulkAction.created_at < clock.now() - pause


def _key() -> ColumnElement[str]:
    return BulkAction.facts["key"].as_string()
