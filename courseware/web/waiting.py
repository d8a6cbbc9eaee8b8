"""Whether anything may wait for the person who asks: told by the statement that finds them, so that nobody pays for nothing.

Most people are in no class and are asked no question; a query a page to learn that cost more than a lesson's own progress.
A subject's views register a condition on `User.id`, and ask it before they ask for the things themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from sqlalchemy import ColumnElement

_conditions: dict[str, ColumnElement[bool]] = {}


def tell(name: str, condition: ColumnElement[bool]) -> None:
    """Registers a condition on `User.id`, before the first request. It may be wider than the truth, never narrower."""
    _conditions[name] = condition


def columns() -> Sequence[ColumnElement[bool]]:
    """All conditions, as columns of the statement that finds the person."""
    return [condition.label(f"waiting_{name}") for name, condition in _conditions.items()]


def keep(values: Sequence[Any]) -> None:
    """Keeps what the database said of `columns` for this request."""
    g.waiting = dict(zip(_conditions, map(bool, values), strict=True))


def may_be(name: str) -> bool:
    """False only where the database said at the beginning of this request that there is nothing."""
    told: dict[str, bool] = g.get("waiting", {})
    return told.get(name, True)
