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

    `treated` tells that something was laid over the whole that a viewer notices, `marked` which share of all pictures it
    covers (0 to 1).
    """

    is_new: Flags
    old_at: Array
    step_s: float
    old_length_s: float
    new_length_s: float
    treated: tuple[str, ...] = ()
    least_s: float = LEAST_S
    marked: float = 0.0

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Stretches of new steps, longer than `least_s`, the edges of what was matched."""
        return [(a, b) for a, b in _stretches(self.is_new) if (b - a) * self.step_s >= self.least_s]


def judge(track: str, match: Match) -> Finding:
    """The finding for one track, `track` being film or sound.

    What is seen or heard for the first time is measured, below the floor too: cards and marks are minor and more than 0,
    so that a reviewer may lift them with a note; what was only moved, repeated or cut measures 0, and nobody may (M4).
    """
    cards = [r for r in match.runs if _is_card(r, match)]
    fresh, carded = (sum(b - a for a, b in runs) * match.step_s for runs in (set(match.runs) - set(cards), cards))
    longer = max(match.old_length_s, match.new_length_s, match.step_s)
    share = min(1.0, fresh / longer)
    lines = _treatment(track, match)
    if carded:
        lines.append({"code": f"{track}_card", "seconds": round(carded, 1)})
    if fresh:
        lines.append({"code": f"{track}_new", "percent": percent(share), "seconds": round(fresh, 1)})
        verdict = SUBSTANTIVE if fresh >= TIMED_SECONDS or share >= TIMED_SHARE else MINOR
        return Finding(verdict, share, fresh, evidence=(*lines, {"code": "timed_floor"}))
    if not carded:
        lines += _rearranged(track, match)
    if lines:
        return Finding(MINOR, max(min(1.0, carded / longer), match.marked), carded, evidence=tuple(lines))
    return Finding(RE_ENCODED, 0.0, 0.0, evidence=({"code": f"{track}_same"},))


def _treatment(track: str, match: Match) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [{"code": f"{track}_{name}"} for name in match.treated]
    return [*lines, {"code": "marked_area", "percent": percent(match.marked)}] if match.marked else lines


def _rearranged(track: str, match: Match) -> list[dict[str, Any]]:
    kind, seconds = _moved(match)
    return [{"code": f"{track}_{kind}"}, {"code": "nothing_new_s", "seconds": round(seconds, 1)}] if kind else []


def _is_card(run: tuple[int, int], match: Match) -> bool:
    seconds = (run[1] - run[0]) * match.step_s
    at_edge = run[0] * match.step_s <= 1.0 or run[1] >= len(match.is_new) - 1.0 / match.step_s
    return at_edge and seconds <= CARD_S + CARD_SLACK_S and seconds < 0.5 * match.new_length_s


def _moved(match: Match) -> tuple[str, float]:
    """`moved` or `cut` where the old seconds do not follow each other in one even pace, and how many seconds are astray
    or missing; empty where they do.
    """
    where = ~np.isnan(match.old_at)
    if where.sum() < 4 or not match.new_length_s:
        return "", 0.0
    pace = match.old_length_s / match.new_length_s
    apart = abs(match.old_length_s - match.new_length_s)
    if abs(pace - 1) > TEMPO:
        return "cut" if pace > 1 else "moved", apart
    times = (np.nonzero(where)[0] + 0.5) * match.step_s
    gaps = match.old_at[where] - times * pace
    slack = max(2.5, 0.01 * match.old_length_s)
    is_astray = np.abs(gaps - np.median(gaps)) > slack
    if float(is_astray.mean()) <= MOVED_SHARE:
        return "", 0.0
    return ("moved", float(is_astray.sum()) * match.step_s) if apart <= 2.0 else ("cut", apart)


def _stretches(flags: Flags) -> Sequence[tuple[int, int]]:
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return list(zip(np.nonzero(edges == 1)[0].tolist(), np.nonzero(edges == -1)[0].tolist(), strict=True))
