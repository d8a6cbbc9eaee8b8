"""Which reading of a figure is judged in a library (the stars of metrics.md are settings).

The guide fixes thresholds and leaves formulas open, so every figure has several readings side by side. Ours is judged unless the
library decides otherwise. A decision holds from the next year on: the running year is not judged by a rule that was chosen when
its outcome could be seen, and a closed one is never judged anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.auditlog import services as auditlog
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring.definitions import BY_ID, OFFICIAL, Definition, candidates
from courseware.monitoring.errors import ReadingNotJudged, ReasonNeeded, UnknownIndicator
from courseware.monitoring.models import ReadingChoice
from courseware.monitoring.periods import Period, performance_year, period_at

REASON_MAX = 500
_STARS = {definition.family: definition for definition in OFFICIAL}


def judged(library: Library, period: Period) -> tuple[Definition, ...]:
    """The judged readings of a library in a period, in the order of the figures; one query."""
    query = select(ReadingChoice.family, ReadingChoice.definition_id).where(
        ReadingChoice.library_id == library.id, ReadingChoice.starts_at <= period.start
    )
    chosen = dict(session().execute(query.order_by(ReadingChoice.starts_at, ReadingChoice.id)).tuples().all())
    return tuple(BY_ID[chosen.get(star.family, star.id)] for star in OFFICIAL)


def choosable(family: str) -> tuple[Definition, ...]:
    """The readings of a figure that can be judged; nothing where there is no choice."""
    found = tuple(d for d in candidates(family) if d.threshold is not None) if family in _STARS else ()
    return found if len(found) > 1 else ()


def choices_of(library: Library, family: str) -> Sequence[ReadingChoice]:
    """What was decided for a figure, oldest first."""
    query = select(ReadingChoice).where(ReadingChoice.library_id == library.id, ReadingChoice.family == family)
    return session().scalars(query.options(joinedload(ReadingChoice.decided_by)).order_by(ReadingChoice.id)).all()


def next_year(library: Library, now: dt.datetime) -> Period:
    """The first year that a decision of `now` holds for."""
    return performance_year(period_at(now, library.period_start_month).year + 1, library.period_start_month)


def choose(actor: Actor, library: Library, definition_id: str, reason: str, now: dt.datetime) -> ReadingChoice:
    """From the next year on, the figure is judged by this reading. Logged.

    Raises NotAllowed, UnknownIndicator, ReadingNotJudged, ReasonNeeded.
    """
    policy.require_monitor(actor, library)
    definition = BY_ID.get(definition_id)
    if definition is None:
        raise UnknownIndicator(id=definition_id)
    if definition not in choosable(definition.family):
        raise ReadingNotJudged(id=definition_id)
    said = reason.strip()[:REASON_MAX]
    if not said:
        raise ReasonNeeded()
    year = next_year(library, now)
    made = ReadingChoice(
        library_id=library.id, family=definition.family, definition_id=definition.id, starts_at=year.start, reason=said,
        decided_by_id=actor.id, decided_at=now,
    )  # fmt: skip
    session().add(made)
    session().flush()
    details = {"indicator": definition.id, "from": year.code, "reason": said}
    auditlog.record("metrics.choose_reading", actor, about=library, details=details)
    return made
