"""What two tracks have in common in time: which seconds are new, which are cards at the ends, whether anything moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from media.comparing.aligning import Array
from media.comparing.findings import MINOR, RE_ENCODED, SUBSTANTIVE, TIMED_SECONDS, TIMED_SHARE, Finding, percent

CARD_S = 10.0
CARD_SLACK_S = 1.0  # a card's edges are known to one step
LEAST_S = 1.5  # shorter stretches are the edges of what was matched
MOVED_SHARE = 0.12
TEMPO = 0.105

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Match:
    """A track against the old one, step by step: whether the step is new, and where in the old one it stands (NaN).

    `treated` tells that something was laid over the whole that a viewer notices.
    """

    is_new: Flags
    old_at: Array
    step_s: float
    old_length_s: float
    new_length_s: float
    treated: tuple[str, ...] = ()
    least_s: float = LEAST_S

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Stretches of new steps, longer than `least_s`, the edges of what was matched."""
        return [(a, b) for a, b in _stretches(self.is_new) if (b - a) * self.step_s >= self.least_s]


def judge(track: str, match: Match) -> Finding:
    """The finding for one track, `track` being film or sound."""
    cards = [r for r in match.runs if _is_card(r, match)]
    fresh = sum(b - a for a, b in match.runs if (a, b) not in cards) * match.step_s
    longer = max(match.old_length_s, match.new_length_s, match.step_s)
    share = min(1.0, fresh / longer)
    lines: list[dict[str, Any]] = [{"code": f"{track}_{name}"} for name in match.treated]
    if cards:
        lines.append({"code": f"{track}_card", "seconds": round(sum(b - a for a, b in cards) * match.step_s, 1)})
    if fresh:
        lines.append({"code": f"{track}_new", "percent": percent(share), "seconds": round(fresh, 1)})
    verdict = SUBSTANTIVE if fresh >= TIMED_SECONDS or (fresh > 0 and share >= TIMED_SHARE) else MINOR
    if fresh:
        return Finding(verdict, share, fresh, evidence=(*lines, {"code": "timed_floor"}))
    if (moved := _moved(match)) and not cards:
        lines.append({"code": f"{track}_{moved}"})
    if lines:
        return Finding(MINOR, 0.0, 0.0, evidence=tuple(lines))
    return Finding(RE_ENCODED, 0.0, 0.0, evidence=({"code": f"{track}_same"},))


def _is_card(run: tuple[int, int], match: Match) -> bool:
    seconds = (run[1] - run[0]) * match.step_s
    at_edge = run[0] * match.step_s <= 1.0 or run[1] >= len(match.is_new) - 1.0 / match.step_s
    return at_edge and seconds <= CARD_S + CARD_SLACK_S and seconds < 0.5 * match.new_length_s


def _moved(match: Match) -> str:
    """`moved` or `cut` where the old seconds do not follow each other in one even pace; empty where they do."""
    where = ~np.isnan(match.old_at)
    if where.sum() < 4 or not match.new_length_s:
        return ""
    pace = match.old_length_s / match.new_length_s
    if abs(pace - 1) > TEMPO:
        return "cut" if pace > 1 else "moved"
    times = (np.nonzero(where)[0] + 0.5) * match.step_s
    gaps = match.old_at[where] - times * pace
    slack = max(2.5, 0.01 * match.old_length_s)
    astray = float((np.abs(gaps - np.median(gaps)) > slack).mean())
    if astray > MOVED_SHARE:
        return "moved" if abs(match.old_length_s - match.new_length_s) <= 2.0 else "cut"
    return ""


def _stretches(flags: Flags) -> Sequence[tuple[int, int]]:
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return list(zip(np.nonzero(edges == 1)[0].tolist(), np.nonzero(edges == -1)[0].tolist(), strict=True))
