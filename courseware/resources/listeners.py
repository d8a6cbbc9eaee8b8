"""What lower subjects change and resources follow: another template of names, two points that became one."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from sqlalchemy import update

from courseware.core import events
from courseware.core.database import session
from courseware.jobs import services as jobs
from courseware.knowledge.merging import move_links
from courseware.knowledge.models import Point
from courseware.libraries.models import Library
from courseware.resources.models import PointRange, ResourcePoint


@events.naming_changed.connect
def _mark_names_anew(_sender: Any, *, library: Library) -> None:
    """A job of its own for each change: the same key would find the job of an earlier one, long done."""
    jobs.enqueue("resources.names", f"names:{library.code}:{uuidlib.uuid4().hex[:12]}", {"library": library.id})


@events.point_merged.connect
def _teach_the_kept_point(_sender: Any, *, gone: Point, kept: Point) -> None:
    """Alignments and moments move on; the seconds themselves stay as they were marked."""
    move_links(ResourcePoint.point_id, ResourcePoint.resource_id, gone, kept)
    session().execute(update(PointRange).where(PointRange.point_id == gone.id).values(point_id=kept.id))
