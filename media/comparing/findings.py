"""What a comparison finds: plain values, the evidence as codes with numbers.

Classes and floors are those of M4; every floor is inclusive and every share is taken over the longer of the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

IDENTICAL, RE_ENCODED, MINOR, SUBSTANTIVE = "identical", "re-encoded", "minor", "substantive"
RANK = {IDENTICAL: 0, RE_ENCODED: 1, MINOR: 2, SUBSTANTIVE: 3}

TEXT_PERCENT, TEXT_CHARS = 10, 200
TIMED_SHARE, TIMED_SECONDS = 0.05, 30.0
OTHER_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict. `share` is 0 to 1; `seconds` is None where time means nothing.

    `new_chars` and `longer_chars` are set where text was counted; each piece of evidence has a `code` and its numbers.
    """

    verdict: str
    share: float = 0.0
    seconds: float | None = None
    new_chars: int | None = None
    longer_chars: int | None = None
    evidence: tuple[dict[str, Any], ...] = field(default=())

    def with_evidence(self, *more: dict[str, Any]) -> Finding:
        """The same with further evidence."""
        return replace(self, evidence=(*self.evidence, *more))

    def at_least(self, verdict: str) -> Finding:
        """The same, or `verdict` where that weighs more."""
        return replace(self, verdict=verdict) if RANK[verdict] > RANK[self.verdict] else self


def heaviest(findings: Iterable[Finding]) -> Finding:
    """The finding that counts: the heaviest class, then the larger share; the evidence of all is kept."""
    found = list(findings)
    top = max(found, key=lambda f: (RANK[f.verdict], f.share))
    seconds = [f.seconds for f in found if f.seconds is not None]
    evidence = tuple(line for f in found for line in f.evidence)
    return replace(top, seconds=max(seconds) if seconds else None, evidence=evidence)


def percent(share: float) -> float:
    """A share as percent with two places."""
    return round(100 * share, 2)
