"""Which of the acts of one person on one day are credited, seen beside each other. Pure functions of plain values.

What an event shows by itself is decided when it is stored (`rules.first_exclusion`). Whether two things were played
at the same time, faster than the clock allows, twice by one click, or by a script, shows only beside the other events
of the day, which may come late and in any order. So it is decided here, from the whole day, and kept nowhere in the
events: the same set of events always gives the same answer.

Only messages of a player or page are judged, told by their `sitting`. A stated session (an import, a scenario) has
none: it is taken as told, and its time is still counted once.
"""

from __future__ import annotations

import uuid as uuidlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

SPEED, PARALLEL, SCRIPTED, DOUBLE_CLICK, ROBOT = "speed", "parallel", "scripted", "double_click", "robot"
APPEALABLE = (SPEED, PARALLEL, SCRIPTED, DOUBLE_CLICK, ROBOT)
COUNTS_AS_TIME = ("", "too_short")

BESIDE_S = 2.0  # what lies beside another play for no longer than this is the edge of two messages
DOUBLE_CLICK_S = 10.0
RHYTHM, SAME_S = 40, 0.001  # so many messages of one sitting at equal distances, to the millisecond: no hand, no player
WAKING_S = 18 * 3600.0  # nobody learns longer on one day

Forgiven = Collection[tuple[int, str]]  # (resource, reason): what an appeal gave back


class Act(NamedTuple):
    """A stored event as judging needs it. `start` in seconds since 1970, `seconds` on the clock on the wall. `uuid` orders what began
    at the same moment: all of one person's day are UUIDs, or all are their digits."""

    uuid: uuidlib.UUID | str
    verb: str
    resource_id: int
    start: float
    seconds: float
    sitting: str = ""
    excluded: str = ""

    @property
    def end(self) -> float:
        """When it ended."""
        return self.start + self.seconds


def judge(acts: Sequence[Act], forgiven: Forgiven = ()) -> list[str]:
    """The reason why each act of one person's day is not credited, in the order given; empty where it is.

    Does not depend on the order: acts are looked at by their beginning, then their uuid.
    """
    reasons = [a.excluded for a in acts]
    if forgiven:
        reasons = ["" if (a.resource_id, a.excluded) in forgiven else a.excluded for a in acts]
    able = [n for n, reason in enumerate(reasons) if reason in COUNTS_AS_TIME and acts[n].sitting]
    able.sort(key=lambda n: (acts[n].start, acts[n].uuid))
    for find in (_scripted, _double_clicks, _beside):
        for n, reason in find(acts, [n for n in able if reasons[n] in COUNTS_AS_TIME]):
            if (acts[n].resource_id, reason) not in forgiven:
                reasons[n] = reason
    return reasons


def _scripted(acts: Sequence[Act], able: Sequence[int]) -> Iterator[tuple[int, str]]:
    sittings: dict[tuple[str, int], list[int]] = defaultdict(list)
    for n in able:
        sittings[acts[n].sitting, acts[n].resource_id].append(n)
    everything = sum(acts[n].seconds for n in able) > WAKING_S and _length(acts, able) > WAKING_S
    for mine in sittings.values():
        if everything or (len(mine) > RHYTHM and _is_rhythm([acts[n].start for n in mine])):
            yield from ((n, SCRIPTED) for n in mine)


def _length(acts: Sequence[Act], able: Sequence[int]) -> float:
    """Seconds of the union; they come in the order of time."""
    seconds, reached = 0.0, 0.0
    for act in (acts[n] for n in able):
        if act.end > reached:
            seconds += act.end - max(act.start, reached)
            reached = act.end
    return seconds


def _is_rhythm(starts: Sequence[float]) -> bool:
    run, before = 0, None
    for one, two in pairwise(starts):
        gap = two - one
        run = run + 1 if before is not None and gap > 0 and abs(gap - before) <= SAME_S else 1
        before = gap
        if run >= RHYTHM:
            return True
    return False


def _double_clicks(acts: Sequence[Act], able: Sequence[int]) -> Iterator[tuple[int, str]]:
    last: dict[tuple[str, int], float] = {}
    for n in able:
        act = acts[n]
        if act.verb in ("downloaded", "attempted"):
            key = act.verb, act.resource_id
            if key in last and act.start - last[key] < DOUBLE_CLICK_S:
                yield n, DOUBLE_CLICK
            else:
                last[key] = act.start


def _beside(acts: Sequence[Act], able: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Plays of which more than half lies beside plays credited before: in the same sitting no clock allows it."""
    widest, reached = None, -inf  # of the plays credited so far the one that ends last
    for n in able:
        act = acts[n]
        if act.verb != "watched":
            continue
        end = act.start + act.seconds
        beside = min(end, reached) - act.start
        if widest is not None and beside > BESIDE_S and beside > act.seconds / 2:
            same = widest.sitting == act.sitting and widest.resource_id == act.resource_id
            yield n, SPEED if same else PARALLEL
        elif end > reached:
            widest, reached = act, end
