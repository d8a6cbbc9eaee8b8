"""The whole library moves to another store while people go on working.

`copying`: everybody still writes to the old store, and reads the new one where the old one lacks something.
`switching`: everybody writes to the new one and reads the old one where the new one lacks something; what came late is
brought over. `done`: the old store is asked no more. Each state is given time to reach every process. Nothing is deleted
from the old store.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Conflict
from courseware.core.unit_of_work import unit_of_work
from courseware.resources import storage
from courseware.resources.models import StoreMove
from courseware.resources.storage import NOTICE_S, place, place_name, store_of_kind
from media.stores.moving import Journal, Mover, PassReport

MAX_PASSES = 10
Tell = Callable[[str, PassReport], None]


class MoveRefused(Conflict):
    """There is nothing to move, or another move is in the way."""

    code = "move_refused"
    message = _l("The library is in the %(kind)s store already. Nothing was done.")
    under_way = _l("The library is moving to the %(kind)s store. Finish that first: run the same command again.")


@dataclass(frozen=True, slots=True)
class Moved:
    """How a move ended: counts of all passes together."""

    to: str
    objects: int
    copied: int
    found: int
    bytes: int
    removed: int
    passes: int
    seconds: float


def move(to: str, tell: Tell, settle_s: float = 2 * NOTICE_S) -> Moved:
    """Moves the library to the store of kind `to`, or goes on with a move that was interrupted.

    `settle_s` is how long each state is given to reach every process. Raises MoveRefused, media.errors.StoreUnavailable.
    """
    started = time.monotonic()
    row_id = _begin(to)
    moving = session().get_one(StoreMove, row_id)
    source, target = store_of_kind(moving.from_kind), store_of_kind(to)
    journal = Journal(_journal_path(moving))
    state = moving.state
    session().rollback()
    passes: list[PassReport] = []
    mover = Mover(source, target, journal, lambda report: tell(state, report))
    if state == "copying":
        begun = time.monotonic()
        passes.append(mover.one_pass())
        time.sleep(max(0.0, settle_s - (time.monotonic() - begun)))
        state = _enter(row_id, "switching")
    time.sleep(settle_s)
    passes += _late_passes(mover)
    _finish(row_id, _sum(to, passes, started))
    journal.close()
    return _sum(to, passes, started)


def stop() -> StoreMove:
    """Gives up a move that has not switched yet; the library stays where it was. Raises MoveRefused."""
    with unit_of_work():
        moving = _newest()
        if moving is None or moving.state != "copying":
            raise MoveRefused(kind=place().kind)
        moving.state, moving.ended_at = "stopped", clock.now()
        auditlog.record("store.move", None, about=moving, details={"state": "stopped"})
    storage.look_again()
    return moving


def _begin(to: str) -> int:
    settings = current_app.config["KEKU"]
    with unit_of_work():
        moving = _newest()
        if moving is not None and moving.state in ("copying", "switching"):
            if moving.to_kind != to:
                error = MoveRefused(kind=moving.to_kind)
                error.message = MoveRefused.under_way
                raise error
            return moving.id
        now = place().kind
        if now == to:
            raise MoveRefused(kind=to)
        store_of_kind(to)
        moving = StoreMove(from_kind=now, to_kind=to, to_place=place_name(settings, to), started_at=clock.now())
        session().add(moving)
        session().flush()
        auditlog.record("store.move", None, about=moving, details={"state": "copying", "to": to})
        storage.look_again()
        return moving.id


def _late_passes(mover: Mover) -> list[PassReport]:
    """Until one finds nothing new: what was being written to the old store when the switch was made."""
    passes = []
    for _number in range(MAX_PASSES):
        passes.append(mover.one_pass(target_is_written=True))
        if not passes[-1].copied:
            break
    return passes


def _enter(row_id: int, state: str) -> str:
    with unit_of_work():
        session().get_one(StoreMove, row_id).state = state
    storage.look_again()
    return state


def _finish(row_id: int, moved: Moved) -> None:
    with unit_of_work():
        moving = session().get_one(StoreMove, row_id)
        moving.state, moving.ended_at, moving.report = "done", clock.now(), asdict(moved)
        auditlog.record("store.move", None, about=moving, details={"state": "done", "objects": moved.objects})
    storage.look_again()


def _sum(to: str, passes: list[PassReport], started: float) -> Moved:
    return Moved(
        to, max(p.seen for p in passes), sum(p.copied for p in passes), sum(p.found for p in passes),
        sum(p.bytes for p in passes), sum(p.removed for p in passes), len(passes), round(time.monotonic() - started, 1),
    )  # fmt: skip


def _journal_path(moving: StoreMove) -> Path:
    name = sha256(f"{moving.id} {moving.to_place}".encode()).hexdigest()[:12]
    return Path(current_app.config["KEKU"].data_path) / "work" / f"store-move-{name}.jsonl"


def _newest() -> StoreMove | None:
    return session().scalar(select(StoreMove).order_by(StoreMove.id.desc()).limit(1))
