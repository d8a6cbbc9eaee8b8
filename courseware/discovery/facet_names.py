"""What the values of facets are called: courses, units and points by identifier, majors by code."""

from __future__ import annotations

import re
import uuid as uuidlib
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from courseware.accounts.models import Unit
from courseware.catalog.memory import memory
from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Major

Value = tuple[str, str]  # field and value
Name = tuple[str, str]  # Chinese and English

#: Names kept; beyond them the memory begins anew.
NAMES_KEPT = 20_000
_TABLES: Mapping[str, Any] = {"course": Course, "points": Point, "unit": Unit}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names_at(state: Hashable, values: Mapping[str, Sequence[str]]) -> Mapping[Value, Name]:
    """Names of the values of each field, where they have any. At most one query a field, and none for what was asked
    before in this state of the content."""
    known: dict[Value, Name | None] = memory("facet_names", 2).get(state, dict)
    if len(known) > NAMES_KEPT:
        known.clear()
    for field in (*_TABLES, "major"):
        missing = [value for value in values.get(field, ()) if (field, value) not in known]
        if missing:
            read = _read(field, missing)
            known.update({(field, value): read.get(value) for value in missing})
    asked = ((field, value) for field, each in values.items() for value in each)
    return {pair: name for pair in asked if (name := known.get(pair)) is not None}


def _read(field: str, values: Sequence[str]) -> dict[str, Name]:
    """Values come from addresses, too: those that are no identifiers are not asked for."""
    keys = values if field == "major" else [uuidlib.UUID(value) for value in values if _UUID.fullmatch(value)]
    rows = session().connection().execute(_statement(field), {"keys": list(keys)}) if keys else ()
    return {str(key): (name, english) for key, name, english in rows}


@lru_cache(maxsize=8)
def _statement(field: str) -> Select[Any]:
    table = _TABLES.get(field, Major)
    key = Major.code if table is Major else table.uuid
    return select(key, table.name, table.name_en).where(key.in_(bindparam("keys", expanding=True)))
