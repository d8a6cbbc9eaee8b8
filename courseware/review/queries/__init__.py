"""Reading review. The number of queries never grows with rows.

`waiting`: what waits and what was decided. `takers`: who may take what. `case`: one case with what changed. `history`: what
was decided, what came back to an author. `workload`: what each reviewer does. `loaded`: what comes along in one query.
"""

from __future__ import annotations

from courseware.review.queries.case import Case, Usage, case_of, returned_text_of, text_of, usage_of
from courseware.review.queries.history import Returned, decisions_of, history_of, last_return, reason_lines, returned_to
from courseware.review.queries.takers import CLAIMED, LEVEL, LEVEL_BEFORE, OWN, ROLE, UNIT
from courseware.review.queries.waiting import (
    KINDS,
    PAGE,
    QueueFilters,
    QueueRow,
    cases_of,
    choices_of,
    next_open,
    queue,
    queue_counts,
)
from courseware.review.queries.workload import WORKLOAD_DAYS, Load, workload

__all__ = [
    "CLAIMED",
    "KINDS",
    "LEVEL",
    "LEVEL_BEFORE",
    "OWN",
    "PAGE",
    "ROLE",
    "UNIT",
    "WORKLOAD_DAYS",
    "Case",
    "Load",
    "QueueFilters",
    "QueueRow",
    "Returned",
    "Usage",
    "case_of",
    "cases_of",
    "choices_of",
    "decisions_of",
    "history_of",
    "last_return",
    "next_open",
    "queue",
    "queue_counts",
    "reason_lines",
    "returned_text_of",
    "returned_to",
    "text_of",
    "usage_of",
    "workload",
]  # fmt: skip
