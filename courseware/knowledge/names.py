"""Names and aliases as they are stored."""

from __future__ import annotations

from collections.abc import Iterable

ALIAS_LIMIT = 100


def distinct_aliases(aliases: Iterable[str], name: str) -> list[str]:
    """Aliases once each, without the name itself; compared without regard to case."""
    by_fold = {alias.strip().casefold(): alias.strip() for alias in aliases if alias.strip()}
    by_fold.pop(name.casefold(), None)
    return list(by_fold.values())
