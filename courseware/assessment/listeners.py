"""What lower subjects change and questions follow: two points that became one."""

from __future__ import annotations

from typing import Any

from courseware.assessment.models import QuestionPoint
from courseware.core import events
from courseware.knowledge.merging import move_links
from courseware.knowledge.models import Point


@events.point_merged.connect
def _ask_for_the_kept_point(_sender: Any, *, gone: Point, kept: Point) -> None:
    move_links(QuestionPoint.point_id, QuestionPoint.question_id, gone, kept)
