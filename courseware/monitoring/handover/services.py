"""Keeping mappings of fields."""

from __future__ import annotations

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring.errors import MappingNameNeeded, MappingNameTaken
from courseware.monitoring.handover.mapping import FieldMap
from courseware.monitoring.handover.models import FieldMapping
from courseware.monitoring.handover.queries import named

LONGEST_NAME = 80


def keep(
    actor: Actor, library: Library, name: str, mapping: FieldMap, kept: FieldMapping | None = None
) -> FieldMapping:
    """Keeps a mapping under a name of its own, in place of `kept` where that is given.

    Raises NotAllowed, MappingNameNeeded, MappingNameTaken.
    """
    policy.require_monitor(actor, library)
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise MappingNameNeeded(most=LONGEST_NAME)
    other = named(library, name)
    if other is not None and other is not kept:
        raise MappingNameTaken(name=name)
    kept = kept or FieldMapping(library_id=library.id)
    kept.name, kept.text = name, mapping.as_json()
    kept.changed_at, kept.changed_by_id = clock.now(), getattr(actor, "id", None)
    session().add(kept)
    session().flush()
    auditlog.record("mapping.keep", actor, about=kept, details={"library": library.code, "rows": mapping.rows})
    return kept


def remove(actor: Actor, kept: FieldMapping) -> None:
    """Forgets a mapping; files that were made by it stay what they are. Raises NotAllowed."""
    policy.require_monitor(actor, kept.library)
    auditlog.record("mapping.remove", actor, about=kept, details={"library": kept.library.code})
    session().delete(kept)
    session().flush()


def note_taken(actor: Actor, kept: FieldMapping, rows: int, period: str) -> None:
    """That catalogue or figures were taken away for another platform stands in the security log."""
    told = {"library": kept.library.code, "period": period, "rows": rows}
    auditlog.record("mapping.hand_over", actor, about=kept, details=told)
