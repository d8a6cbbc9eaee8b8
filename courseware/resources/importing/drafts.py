"""A row as it was understood."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courseware.accounts.models import Unit
from courseware.resources.models import Resource


@dataclass(slots=True)
class Draft:
    """A row as it was understood."""

    row: int
    external_id: str
    fields: dict[str, Any]
    body: str = ""
    file: Path | None = None
    content_hash: str = ""
    originality: str = "unknown"
    licence: str = ""
    author: str = ""
    unit: Unit | None = None
    published_at: dt.datetime | None = None
    known_id: int | None = None
    known: Resource | None = None
