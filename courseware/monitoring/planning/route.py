"""The cheapest honest route to more updates: which published resources are worth revising first, and why.

Every reason is a fact that the page shows. Their weights are stated here and nowhere else; no order is secret.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

YEAR = dt.timedelta(days=365)
LOW_STARS, ENOUGH_RATINGS = 3.0, 5
OLD_YEARS = 1
SUPERSEDED, DEAD_LINK, REPORTED, LOW_RATED = "superseded", "dead_link", "reported", "low_rated"
REWOUND, OLD, USED = "rewound", "old", "used"
WEIGHTS = {SUPERSEDED: 4, DEAD_LINK: 3, REPORTED: 3, LOW_RATED: 3, REWOUND: 2, OLD: 1, USED: 1}
SIGNS = tuple(reason for reason in WEIGHTS if reason != USED)
"""OLD counts once for each full year, up to three."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A published resource without an update in the period, with what speaks for revising it."""

    resource_id: int
    owner_id: int
    changed_at: dt.datetime
    users: int = 0
    stars: float | None = None
    ratings: int = 0
    open_reports: int = 0
    superseded: tuple[tuple[str, str], ...] = ()
    dead_links: int = 0
    rewound: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A candidate with its reasons and their weight together."""

    candidate: Candidate
    reasons: tuple[str, ...]
    weight: int
    years: int = field(default=0)


def route(candidates: Iterable[Candidate], now: dt.datetime, *, much_used: int) -> list[Stop]:
    """The candidates that anything speaks for, weightiest first, then most used, then longest unchanged.

    `much_used` is how many users in the period make a resource much used.
    """
    stops = (_stop(candidate, now, much_used) for candidate in candidates)
    return sorted((stop for stop in stops if stop.reasons), key=_rank)


def usual_use(candidates: Iterable[Candidate]) -> int:
    """Users that the upper quarter of used candidates reaches: from there on one is much used. At least 1."""
    used = sorted(candidate.users for candidate in candidates if candidate.users)
    return used[3 * len(used) // 4] if used else 1


def _stop(candidate: Candidate, now: dt.datetime, much_used: int) -> Stop:
    years = (now - candidate.changed_at) // YEAR
    is_low = candidate.stars is not None and candidate.stars < LOW_STARS and candidate.ratings >= ENOUGH_RATINGS
    holds = {
        SUPERSEDED: bool(candidate.superseded), DEAD_LINK: candidate.dead_links > 0, REPORTED: candidate.open_reports > 0,
        LOW_RATED: is_low, REWOUND: bool(candidate.rewound), OLD: years >= OLD_YEARS, USED: candidate.users >= much_used,
    }  # fmt: skip
    reasons = tuple(reason for reason, is_so in holds.items() if is_so)
    extra = min(years, 3) - 1 if OLD in reasons else 0
    needs_work = set(reasons) - {USED}
    return Stop(candidate, reasons if needs_work else (), sum(WEIGHTS[r] for r in reasons) + extra, years)


def _rank(stop: Stop) -> tuple[int, int, dt.datetime, int]:
    return -stop.weight, -stop.candidate.users, stop.candidate.changed_at, stop.candidate.resource_id
