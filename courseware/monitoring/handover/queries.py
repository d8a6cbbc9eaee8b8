"""Finding the mappings of a library."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.libraries.models import Library
from courseware.monitoring.handover.models import FieldMapping


def mappings_of(library: Library) -> Sequence[FieldMapping]:
    """By name."""
    query = select(FieldMapping).where(FieldMapping.library_id == library.id)
    return session().scalars(query.order_by(FieldMapping.name)).all()


def mapping_by_uuid(uuid: uuidlib.UUID) -> FieldMapping:
    """One by the uuid of its address. Raises NotFound."""
    found = session().scalar(select(FieldMapping).where(FieldMapping.uuid == uuid))
    if found is None:
        raise NotFound()
    return found


def named(library: Library, name: str) -> FieldMapping | None:
    """The mapping of this name."""
    query = select(FieldMapping).where(FieldMapping.library_id == library.id, FieldMapping.name == name)
    return session().scalar(query)
