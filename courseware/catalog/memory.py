"""A bounded memory of this process for public things, by the version of their content.

A key names what it is and which version of it; nothing is ever thrown out for being old, because a changed thing has
another key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from flask import current_app

T = TypeVar("T")


class Memory:
    """The `limit` things used last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under `key`, made when it is not."""
        try:
            self._kept.move_to_end(key)
            return self._kept[key]
        except KeyError:
            made = self._kept[key] = make()
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
            return made

    def drop(self, key: Hashable) -> None:
        """Forgets what is under `key`: it was not yet what it will be."""
        self._kept.pop(key, None)


def memory(name: str, limit: int) -> Memory:
    """The memory of that name of the running application."""
    extensions, key = current_app.extensions, f"keku_memory_{name}"
    kept: Memory = extensions.get(key) or extensions.setdefault(key, Memory(limit))
    return kept
