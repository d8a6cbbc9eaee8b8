"""Names and aliases as they are stored."""

from __future__ import annotations

from collections.abc import Iterable

from courseware.knowledge.errors import NameInvalid

ALIAS_LIMIT = 100
NAME_LIMIT, TEXT_LIMIT = 200, 4000


def checked_name(name: str) -> str:
    """The name without blanks around it; raises NameInvalid when nothing is left, or too much."""
    text = name.strip()
    if not 0 < len(text) <= NAME_LIMIT:
        raise NameInvalid(limit=NAME_LIMIT)
    return text


def distinct_aliases(aliases: Iterable[str], name: str) -> list[str]:
    """Aliases once each, without the name itself; compared without regard to case."""
    by_fold = {alias.strip().casefold(): alias.strip() for alias in aliases if alias.strip()}
    by_fold.pop(name.casefold(), None)
    return list(by_fold.values())
