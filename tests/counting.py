"""Counting database statements: a page's number must not grow with its rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from courseware.core.database import db
from courseware.resources import storage
from courseware.web import navigation


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent inside the block, savepoints and settings left out.

    What is asked anew every few seconds is not: on a slow machine it would come in between.
    """
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip()[:6].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with patch.object(navigation, "ASK_AGAIN_S", math.inf), patch.object(storage, "NOTICE_S", math.inf):
            yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
