"""Looking for the unusual, keeping what was found, and what people made of it. Nothing here changes a figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.fractions import Ratio
from courseware.core.roles import Actor
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring.alerts import queries, rules
from courseware.monitoring.alerts.models import OPEN, STATES, Finding
from courseware.monitoring.errors import NoteNeeded
from courseware.monitoring.periods import Period, period_at
from courseware.monitoring.queries import default_period, reporting_now
from courseware.monitoring.queries.facts import StoredFacts

KEPT_ROWS = 200
NOTE_MAX = 2000


def look(library: Library) -> int:
    """Looks at the year being collected and the running one, reading first and writing briefly; how many findings stand."""
    now = reporting_now()
    years = dict.fromkeys((default_period(library, now), period_at(now, library.period_start_month)))
    found = {period: find(library, period, now) for period in years}
    library_id = library.id
    with unit_of_work() as db:
        kept = db.get_one(Library, library_id)
        return sum(keep(kept, period, some) for period, some in found.items())


def find(library: Library, period: Period, now: dt.datetime) -> list[rules.Found]:
    """What all rules find in a period as known at `now`; writes nothing."""
    return rules.all_findings(StoredFacts(library, period, now), queries.traces(library, period, now))


def keep(library: Library, period: Period, found: Sequence[rules.Found]) -> int:
    """Keeps findings: new ones open, known ones with their evidence of today, those found no more with since when.

    A settled finding that has grown is open again: what somebody explained was less. Returns how many stand.
    """
    now, known = clock.now(), queries.known(library, period)
    for one in found:
        finding = known.pop((one.rule, one.about), None)
        if finding is None:
            session().add(_new(library, period, one, now))
        else:
            _renew(finding, one, now)
    for finding in known.values():
        finding.gone_at = finding.gone_at or now
    session().flush()
    return len(found)


def settle(finding: Finding, state: str, note: str, actor: Actor) -> None:
    """Says what became of a finding: explained, confirmed, or open again. Logged; the figure changes by rules only.

    Raises NotAllowed, and NoteNeeded when it is settled without a word.
    """
    policy.require_monitor(actor, finding.library)
    text = note.strip()[:NOTE_MAX]
    if state not in STATES or (state != OPEN and not text):
        raise NoteNeeded()
    before, finding.state, finding.note = finding.state, state, text
    finding.decided_by_id, finding.decided_at = actor.id, clock.now()
    details = {"rule": finding.rule, "period": finding.period_code, "from": before, "to": state, "note": text}
    auditlog.record("finding.settle", actor, about=finding, details=details)
    session().flush()


def _new(library: Library, period: Period, one: rules.Found, now: dt.datetime) -> Finding:
    return Finding(
        library_id=library.id, period_code=period.code, rule=one.rule, about=one.about, facts=_facts(one),
        rows=_rows(one), size=len(one.rows), found_at=now, seen_at=now, state=OPEN, note="",
    )  # fmt: skip


def _renew(finding: Finding, one: rules.Found, now: dt.datetime) -> None:
    if finding.state != OPEN and len(one.rows) > finding.size:
        finding.state = OPEN
    finding.facts, finding.rows, finding.size = _facts(one), _rows(one), len(one.rows)
    finding.seen_at, finding.gone_at = now, None


def _facts(one: rules.Found) -> dict[str, Any]:
    first, last = one.span()
    return {
        "effect": one.effect, "indicator": one.indicator, "now": _pair(one.now), "without": _pair(one.without),
        "measures": dict(one.measures), "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
    }  # fmt: skip


def _rows(one: rules.Found) -> list[dict[str, Any]]:
    return [
        {
            "kind": row.kind,
            "id": row.id,
            "at": row.at.isoformat() if row.at else None,
            "value": row.value,
            "other": row.other,
        }
        for row in one.rows[:KEPT_ROWS]
    ]


def _pair(ratio: Ratio | None) -> list[int] | None:
    return [ratio.numerator, ratio.denominator] if ratio is not None else None
