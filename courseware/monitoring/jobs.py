"""What the worker does for figures."""

from __future__ import annotations

import datetime as dt
import time

from courseware.jobs.registry import every
from courseware.monitoring.rollups.keeping import fold_due

PAUSE = dt.timedelta(seconds=15)
BUSY_S = 10.0


@every(PAUSE)
def keep_sums() -> None:
    """Folds days with new learning events, for at most ten seconds at a time: other rounds wait behind this one."""
    until = time.monotonic() + BUSY_S
    while time.monotonic() < until and fold_due():
        pass
