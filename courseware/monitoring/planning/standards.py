"""Numbers of standards in texts, and which of them a newer year has superseded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NUMBER = re.compile(
    r"\b(?P<kind>GB(?:/[TZ])?|JB/T|JJG|JJF|HG/T|YD/T|QC/T|SJ/T|DL/T|IEC|ISO)\s?(?P<number>\d{2,5}(?:\.\d{1,2})?)"
    r"\s?[-—–:]\s?(?P<year>(?:19|20)\d{2})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class Standard:
    """A standard of a year: GB/T 11291.1 of 2011."""

    name: str
    year: int

    def __str__(self) -> str:
        return f"{self.name}-{self.year}"


@dataclass(frozen=True)
class Register:
    """What is known beside the texts: standards of a year, and which one took the place of another."""

    known: Sequence[Standard] = ()
    heirs: Mapping[Standard, Standard] = field(default_factory=dict)

    def heir_of(self, standard: Standard) -> Standard:
        """What is in force instead, over as many steps as it takes; the standard itself where nothing is said."""
        seen = {standard}
        while (following := self.heirs.get(standard)) is not None and following not in seen:
            seen.add(following)
            standard = following
        return standard


def one_standard(text: str) -> Standard | None:
    """The one dated standard that `text` is; None for none, or more than one."""
    found = standards_in(text)
    return found.pop() if len(found) == 1 else None


def standards_in(text: str) -> set[Standard]:
    """Every dated standard number that `text` names, written alike: GB/T 11291.1-2011."""
    return {
        Standard(f"{found['kind'].upper()} {found['number']}", int(found["year"])) for found in NUMBER.finditer(text)
    }


def newest(named: Iterable[Standard]) -> dict[str, int]:
    """The latest year known of each number."""
    years: dict[str, int] = {}
    for standard in named:
        years[standard.name] = max(years.get(standard.name, 0), standard.year)
    return years


def superseded(
    named: Iterable[Standard], known: Mapping[str, int], register: Register | None = None
) -> list[tuple[Standard, Standard]]:
    """The standards that another one took the place of, which is not named beside them; each with the one in force.

    The register knows of successors under another number; else the newest known year of the same number is it.
    """
    mine, register = set(named), register or Register()
    latest = newest(mine)
    pairs = ((old, _in_force(old, known, register)) for old in mine)
    return sorted((old, new) for old, new in pairs if new != old and new not in mine and not _is_older(new, latest))


def _in_force(standard: Standard, known: Mapping[str, int], register: Register) -> Standard:
    heir = register.heir_of(standard)
    return Standard(heir.name, max(heir.year, known.get(heir.name, heir.year)))


def _is_older(standard: Standard, latest: Mapping[str, int]) -> bool:
    """Whether a text that names an old year names this year or a newer one of the same number beside it."""
    return latest.get(standard.name, 0) >= standard.year
