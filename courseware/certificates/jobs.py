"""What the worker does for certificates by itself."""

from __future__ import annotations

import datetime as dt

from courseware.certificates.services import issue_missing
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry

AT_A_TIME = 200


@registry.every(dt.timedelta(hours=6))
def issue_for_older_completions() -> None:
    """Courses completed before there were certificates, or loaded in bulk: some at a time, other rounds wait behind this one."""
    with unit_of_work():
        issue_missing(AT_A_TIME)
