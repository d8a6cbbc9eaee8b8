"""Who is asked: a rule that anybody can draw again (M13, anti-gaming: invitations by the system). Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SPACE = 1 << 64


def is_drawn(seed: str, person: str, percent: int) -> bool:
    """Whether a person is among the `percent` of 100: the first 8 bytes of SHA-256 of "seed:uuid" lie below the share.

    It depends on nobody else and on no day: whoever asks again gets the same people, and the share stays a random one.
    """
    digest = hashlib.sha256(f"{seed}:{person}".encode()).digest()
    return int.from_bytes(digest[:8]) * 100 < percent * SPACE


def draw(seed: str, people: Iterable[tuple[int, str]], percent: int) -> list[int]:
    """The ids of those drawn of (id, uuid), in their order."""
    return [key for key, person in people if is_drawn(seed, person, percent)]
