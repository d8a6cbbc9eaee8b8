"""Numbers of standards in texts, and which of them a newer year has superseded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


def superseded(named: Iterable[Standard], known: Mapping[str, int]) -> list[tuple[Standard, Standard]]:
    """The standards of which a newer year is known and not named beside them, each with its successor."""
    mine = set(named)
    latest = newest(mine)
    pairs = ((s, Standard(s.name, known.get(s.name, s.year))) for s in mine)
    return sorted((old, new) for old, new in pairs if new.year > latest[old.name])
