"""What waits for a person by a day: subjects register who knows of it, "my learning" asks them all.

`agenda.sources.append(due_for)` in a subject's listeners.py is all; a source answers with things of the shape of `Due`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Due(Protocol):
    """A lesson or a knowledge point to be done by the end of a day in Asia/Shanghai. Late is shown, never punished."""

    @property
    def title(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def class_name(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def is_point(self) -> bool: ...
    @property
    def due_on(self) -> dt.date: ...
    @property
    def is_begun(self) -> bool: ...
    @property
    def is_done(self) -> bool: ...


Source = Callable[[Any], Sequence[Due]]
sources: list[Source] = []
needs: dict[Source, str] = {}  # a source that has something only for people of whom this may be true


def open_for(user: object, limit: int = 6, may_be: Callable[[str], bool] = lambda _need: True) -> list[Due]:
    """What is due for the person and not done, the nearest day first. `may_be`: which needs (`needs`) could be met; any, as far as known."""
    asked = [source for source in sources if source not in needs or may_be(needs[source])]
    found = [due for source in asked for due in source(user) if not due.is_done]
    return sorted(found, key=lambda due: due.due_on)[:limit]
