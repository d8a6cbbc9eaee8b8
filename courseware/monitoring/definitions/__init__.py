"""The registry of indicators as data: what each figure means, in both languages, its threshold and candidates.

A change of rule makes a new `version`; a closed year keeps the one it was counted by. Texts follow metrics.md.
"""

from __future__ import annotations

from courseware.monitoring.definitions.curriculum import CURRICULUM
from courseware.monitoring.definitions.model import AT_LEAST, AT_MOST, Definition
from courseware.monitoring.definitions.people import PEOPLE
from courseware.monitoring.definitions.quality import QUALITY
from courseware.monitoring.definitions.stock import STOCK
from courseware.monitoring.definitions.unrecorded import UNRECORDED, Unrecorded
from courseware.monitoring.definitions.use import USE

__all__ = [
    "AT_LEAST",
    "AT_MOST",
    "BY_ID",
    "DEFINITIONS",
    "OFFICIAL",
    "PUBLIC_IDS",
    "UNRECORDED",
    "Definition",
    "Unrecorded",
    "candidates",
]

DEFINITIONS: tuple[Definition, ...] = (*STOCK, *CURRICULUM, *PEOPLE, *USE, *QUALITY)
BY_ID = {d.id: d for d in DEFINITIONS}
OFFICIAL = tuple(d for d in DEFINITIONS if d.is_official)
PUBLIC_IDS = ("M1.A", "M2.A", "M3.A", "M4.A", "M9.A")


def candidates(family: str) -> tuple[Definition, ...]:
    """The readings of one indicator side by side."""
    return tuple(d for d in DEFINITIONS if d.family == family)
