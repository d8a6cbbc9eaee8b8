"""What lower subjects change and resources follow: another template of names means every name is looked at again."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from courseware.core import events
from courseware.jobs import services as jobs
from courseware.libraries.models import Library


@events.naming_changed.connect
def _mark_names_anew(_sender: Any, *, library: Library) -> None:
    """A job of its own for each change: the same key would find the job of an earlier one, long done."""
    jobs.enqueue("resources.names", f"names:{library.code}:{uuidlib.uuid4().hex[:12]}", {"library": library.id})
