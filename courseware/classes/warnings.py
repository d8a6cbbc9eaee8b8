"""Early warning by stated rules (R53). Pure functions of plain values: every warning names its rule and its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from courseware.core.clock import REPORTING_ZONE, end_of_day

UNSEEN, BEHIND, SOON = "unseen", "behind", "soon"
RULES = (UNSEEN, BEHIND, SOON)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to warn: whole days without learning, per cent of what was due, days ahead of a due day."""

    unseen_days: int = 7
    behind_percent: int = 50
    before_days: int = 1


@dataclass(frozen=True, slots=True)
class DueState:
    """A lesson or a knowledge point that is due for somebody, and how far they are in it."""

    id: int
    title: str
    due_on: dt.date
    is_begun: bool = False
    is_done: bool = False
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """One rule that holds for somebody. `figures` fill its sentence (words.py)."""

    rule: str
    figures: dict[str, Any] = field(default_factory=dict)


def warnings_of(
    joined_at: dt.datetime, last_seen: dt.datetime | None, dues: Sequence[DueState], rules: Thresholds, now: dt.datetime
) -> list[EarlyWarning]:
    """The warnings of one person at `now`, in the order of RULES; empty for those whom nothing is to be said of."""
    found = [_unseen(joined_at, last_seen, rules, now), _behind(dues, rules, now), *_soon(dues, rules, now)]
    return [warning for warning in found if warning is not None]


def _unseen(
    joined_at: dt.datetime, last_seen: dt.datetime | None, rules: Thresholds, now: dt.datetime
) -> EarlyWarning | None:
    """Nothing learned in the course for so many whole days; counted from joining for those who joined since."""
    since_joining = last_seen if last_seen is not None and last_seen >= joined_at else None
    days = (now - (since_joining or joined_at)).days
    if days < rules.unseen_days:
        return None
    return EarlyWarning(UNSEEN, {"days": days, "last_seen": since_joining})


def _behind(dues: Sequence[DueState], rules: Thresholds, now: dt.datetime) -> EarlyWarning | None:
    """Less than the threshold of what is due and whose day is over is done, by now; done late is done."""
    over = [due for due in dues if end_of_day(due.due_on) <= now]
    done = sum(due.is_done for due in over)
    if not over or 100 * done >= rules.behind_percent * len(over):
        return None
    return EarlyWarning(BEHIND, {"done": done, "due": len(over)})


def _soon(dues: Sequence[DueState], rules: Thresholds, now: dt.datetime) -> list[EarlyWarning]:
    """Due today or within the days ahead, and not begun."""
    today = now.astimezone(REPORTING_ZONE).date()
    last = today + dt.timedelta(days=rules.before_days)
    waiting = [due for due in dues if today <= due.due_on <= last and not due.is_begun and not due.is_done]
    return [EarlyWarning(SOON, {"title": due.title, "title_en": due.title_en, "due_on": due.due_on}) for due in waiting]
