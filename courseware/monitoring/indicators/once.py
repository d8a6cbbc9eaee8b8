"""What several figures ask of the same facts is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from courseware.monitoring.facts import Facts

T = TypeVar("T")


def once(work: Callable[[Facts], T]) -> Callable[[Facts], T]:
    """Remembers the answer of `work` as long as the facts live; whoever gets it must not change it."""
    known: WeakKeyDictionary[Any, T] = WeakKeyDictionary()

    @wraps(work)
    def remembered(facts: Facts) -> T:
        if facts not in known:
            known[facts] = work(facts)
        return known[facts]

    return remembered


def whole_of(facts: Facts) -> Facts:
    """The facts themselves, where `facts` are a view of them at another moment."""
    whole: Facts = getattr(facts, "whole", facts)
    return whole
