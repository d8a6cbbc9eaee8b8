"""When an address is asked again, and when one that does not answer is called dead. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from courseware.monitoring.radar import asking
from courseware.monitoring.radar.asking import Answer
from courseware.monitoring.radar.models import ALIVE, BARRED, CLOSED, DEAD, FAILING

DAY = dt.timedelta(days=1)
USUAL = 30 * DAY
BACK_OFF = (DAY, 2 * DAY, 4 * DAY, 8 * DAY, 16 * DAY, USUAL)
BUSY_AT_LEAST, BUSY_AT_MOST = dt.timedelta(hours=1), 7 * DAY
DEAD_AFTER, DEAD_LOOKS = 3 * DAY, 3


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an address after asking."""

    state: str
    failures: int
    failing_since: dt.datetime | None
    next_at: dt.datetime


def after(before: Record, answer: Answer, now: dt.datetime) -> Record:
    """What to think of an address after `answer`.

    Dead is what failed three times in a row over at least three days: a server may be moved over a week-end. One that
    asks for patience gets it and nothing is concluded. One that answers is asked again after thirty days.
    """
    match answer.outcome:
        case asking.ALIVE:
            return Record(ALIVE, 0, None, now + USUAL)
        case asking.CLOSED:
            return Record(CLOSED, 0, None, now + USUAL)
        case asking.BARRED:
            return Record(BARRED, 0, None, now + USUAL)
        case asking.BUSY:
            pause = min(max(dt.timedelta(seconds=answer.wait_s), BUSY_AT_LEAST), BUSY_AT_MOST)
            return Record(before.state, before.failures, before.failing_since, now + pause)
    return _failed(before, now)


def _failed(before: Record, now: dt.datetime) -> Record:
    failures, since = before.failures + 1, before.failing_since or now
    is_dead = failures >= DEAD_LOOKS and now - since >= DEAD_AFTER
    pause = BACK_OFF[min(failures, len(BACK_OFF)) - 1]
    return Record(DEAD if is_dead else FAILING, failures, since, now + pause)
