"""What lower subjects change and monitoring follows: tasks of the plan go on about the point that was kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from courseware.core import events
from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.monitoring.planning.models import PlanTask


@events.point_merged.connect
def _plan_for_the_kept_point(_sender: Any, *, gone: Point, kept: Point) -> None:
    session().execute(update(PlanTask).where(PlanTask.point_id == gone.id).values(point_id=kept.id))
