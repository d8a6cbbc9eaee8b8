"""Objects of the store that nothing names: what a kill leaves between storing a file and writing it down.

Every subject that keeps files says which of its keys are in use (`keeps`). Once a day everything in the store is looked at.
What nobody names, and is old enough that its row cannot be on the way any more, is noted as a Leftover; a day later it
leaves, if still nobody names it. So what the rows of a backup begun today name is there until it is copied.

What lies in a folder that no subject answers for is counted and never touched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Conflict
from courseware.core.unit_of_work import unit_of_work
from courseware.resources.models import Leftover
from courseware.resources.storage import place, store
from media.stores.interface import ObjectInfo

GRACE = dt.timedelta(days=3)  # as long as an upload may be under way
NOTICE = dt.timedelta(hours=24)  # between noting an orphan and removing it
BATCH = 500

Named = Callable[[Set[str]], Set[str]]


class LibraryMoves(Conflict):
    """Two stores are one at the moment: nobody can say what belongs where."""

    code = "library_moves"
    message = _l("The library is moving to another store. Nothing was looked at; ask again when it has arrived.")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who answers for a folder of the store. `depth` is how many parts of a key make one thing; 0: all of them."""

    named: Named
    depth: int = 0

    def unit_of(self, key: str) -> str:
        """What is named and removed as one: the file, or the whole run it belongs to."""
        return "/".join(key.split("/")[: self.depth]) if self.depth else key


@dataclass(slots=True)
class Count:
    """Objects and their bytes."""

    objects: int = 0
    bytes: int = 0

    def add(self, info: ObjectInfo) -> None:
        """One more."""
        self.objects += 1
        self.bytes += info.size


@dataclass(slots=True)
class Found:
    """What a look at the whole store says.

    `orphans`: nobody names them. `waiting`: noted before, they leave in their time. `young`: nobody names them yet.
    `unknown`: in folders nobody answers for. `units` are the orphans as they are removed.
    """

    seen: Count = field(default_factory=Count)
    orphans: Count = field(default_factory=Count)
    waiting: Count = field(default_factory=Count)
    young: Count = field(default_factory=Count)
    unknown: Count = field(default_factory=Count)
    units: set[str] = field(default_factory=set)

    def plain(self) -> dict[str, Any]:
        """Counts and bytes, for jobs and machines."""
        counts = ("seen", "orphans", "waiting", "young", "unknown")
        return {name: {"objects": getattr(self, name).objects, "bytes": getattr(self, name).bytes} for name in counts}


_keepers: dict[str, Keeper] = {}


def keeps(folder: str, depth: int = 0) -> Callable[[Named], Named]:
    """Registers who says which things of a folder of the store are in use: given their names, those that are."""

    def register(named: Named) -> Named:
        _keepers[folder] = Keeper(named, depth)
        return named

    return register


def keeper_of(key: str) -> Keeper | None:
    """Who answers for the key."""
    return _keepers.get(key.partition("/")[0])


def look(now: dt.datetime | None = None) -> Found:
    """Looks at everything in the store and changes nothing. The number of queries grows by a few in 500 objects.

    Raises LibraryMoves, media.errors.StoreUnavailable.
    """
    if place().other:
        raise LibraryMoves()
    found, before = Found(), (now or real_now()) - GRACE
    for batch in _batches(store().list()):
        _sort(batch, before, found)
    return found


def note(now: dt.datetime | None = None) -> Found:
    """Looks, and notes orphans for removal after NOTICE. Raises as `look`."""
    found = look(now)
    with unit_of_work() as own:
        due = (now or clock.now()) + NOTICE
        own.add_all(Leftover(prefix=unit, remove_after=due) for unit in sorted(found.units))
    return found


def real_now() -> dt.datetime:
    """The time of stores, whatever the clock of a story says."""
    return dt.datetime.now(dt.UTC)


def is_named(unit: str) -> bool:
    """Whether somebody names the thing, or nobody answers for its folder."""
    keeper = keeper_of(unit)
    return keeper is None or unit in keeper.named({unit})


def _batches(objects: Iterator[ObjectInfo]) -> Iterator[list[ObjectInfo]]:
    while batch := list(islice(objects, BATCH)):
        yield batch


def _sort(batch: list[ObjectInfo], before: dt.datetime, found: Found) -> None:
    named, noted = _named(batch), _noted(batch)
    for info in batch:
        found.seen.add(info)
        keeper = keeper_of(info.key)
        unit = keeper.unit_of(info.key) if keeper else ""
        if keeper is None:
            found.unknown.add(info)
        elif unit in named:
            continue
        elif unit in noted:
            found.waiting.add(info)
        elif info.modified_at >= before:
            found.young.add(info)
        else:
            found.orphans.add(info)
            found.units.add(unit)


def _named(batch: list[ObjectInfo]) -> set[str]:
    asked: dict[str, set[str]] = {}
    for unit in _units(batch):
        asked.setdefault(unit.partition("/")[0], set()).add(unit)
    found: set[str] = set().union(*(_keepers[folder].named(units) for folder, units in asked.items()))
    session().rollback()
    return found


def _noted(batch: list[ObjectInfo]) -> set[str]:
    found = set(session().scalars(select(Leftover.prefix).where(Leftover.prefix.in_(_units(batch)))))
    session().rollback()
    return found


def _units(batch: list[ObjectInfo]) -> set[str]:
    return {keeper.unit_of(info.key) for info in batch if (keeper := keeper_of(info.key)) is not None}
