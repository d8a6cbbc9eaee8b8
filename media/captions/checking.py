"""What is wrong with a list of cues: all of it at once, and what can be mended without guessing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from media.captions.cues import Cue, Problem, first_line

TOLERANCE_S = 0.0005  # files count in milliseconds


def check_cues(
    cues: Sequence[Cue], duration_s: float | None = None, lines: Sequence[int] | None = None
) -> list[Problem]:
    """Every problem of the cues as they stand: negative, ends_first, no_text, after_end, unordered, overlap.

    `lines` are their lines in a file; without it a problem names the number of the cue, from 1. One pass, so that
    20,000 cues take no longer than reading them.
    """
    found: list[Problem] = []
    latest, before = 0.0, -math.inf
    for at, cue in enumerate(cues):
        line = lines[at] if lines else at + 1
        found += [Problem(line, code, first_line(cue.text)) for code in _own(cue, duration_s)]
        if cue.start_s < before - TOLERANCE_S:
            found.append(Problem(line, "unordered", first_line(cue.text)))
        elif cue.start_s < latest - TOLERANCE_S:
            found.append(Problem(line, "overlap", first_line(cue.text)))
        latest, before = max(latest, cue.end_s), max(before, cue.start_s)
    return found


def _own(cue: Cue, duration_s: float | None) -> list[str]:
    times = (cue.start_s, cue.end_s)
    if not all(math.isfinite(at) for at in times):
        return ["times_unreadable"]
    checks = {
        "negative": cue.start_s < 0,
        "ends_first": cue.end_s <= cue.start_s,
        "no_text": not cue.text.strip(),
        "after_end": duration_s is not None and cue.start_s >= duration_s,
    }
    return [code for code, is_so in checks.items() if is_so]


def repair_cues(cues: Sequence[Cue]) -> list[Cue]:
    """The cues in order of time, without those that no time can be given to, and none running into the next.

    A cue is only shortened, and never to nothing: two that begin together stay as they are.
    """
    usable = [
        cue for cue in cues if not {"times_unreadable", "negative", "ends_first", "no_text"} & set(_own(cue, None))
    ]
    ordered = sorted(usable, key=lambda cue: (cue.start_s, cue.end_s))
    starts = sorted({cue.start_s for cue in ordered})
    following = dict(itertools.pairwise(starts))
    return [Cue(c.start_s, min(c.end_s, following.get(c.start_s, c.end_s)), c.text) for c in ordered]
