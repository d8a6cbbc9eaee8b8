"""M17 review coverage: every version published in the period was reviewed by others, at every level."""

from __future__ import annotations

import datetime as dt

from courseware.monitoring.facts import Facts, ReviewFact, SubmissionFact
from courseware.monitoring.results import Tally
from courseware.monitoring.working_time import working_minutes

Parts = dict[str, int | tuple[int, int]]


def m17(facts: Facts) -> Tally:
    """Anything under 100 % is a defect."""
    moment = facts.period.moment(facts.now)
    inside = [r for r in facts.reviews if facts.period.start <= r.published_at < moment and not r.is_imported]
    imported = [r.version_id for r in facts.reviews if r.is_imported and facts.period.start <= r.published_at < moment]
    return Tally(
        {r.version_id: "reviewed" for r in inside if not _defect(r)},
        {r.version_id: _defect(r) for r in inside if _defect(r)},
        dict.fromkeys(imported, "imported"),
        parts=_turnaround(facts, moment) | _rechecked(facts, moment),
    )


def _turnaround(facts: Facts, moment: dt.datetime) -> Parts:
    """Median and 90th percentile of submission to decision in working minutes; first submissions approved of all first."""
    decided = [s for s in facts.submissions if facts.period.start <= s.decided_at < moment]
    minutes = sorted(working_minutes(s.submitted_at, s.decided_at) for s in decided)
    if not minutes:
        return {}
    return {"median_minutes": _median(minutes), "p90_minutes": _p90(minutes), "first_pass": _first_pass(decided)}


def _first_pass(decided: list[SubmissionFact]) -> tuple[int, int]:
    first = [s for s in decided if s.is_first]
    return sum(s.is_approved for s in first), len(first)


def _rechecked(facts: Facts, moment: dt.datetime) -> Parts:
    inside = [r for r in facts.rechecks if facts.period.start <= r.checked_at < moment]
    return {"overturned": (sum(r.is_overturned for r in inside), len(inside))} if inside else {}


def _median(ordered: list[int]) -> int:
    """The middle one; between two the mean, rounded down to whole minutes."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def _p90(ordered: list[int]) -> int:
    """The smallest that at least nine of ten do not exceed."""
    return ordered[-(-9 * len(ordered) // 10) - 1]


def _defect(review: ReviewFact) -> str:
    checks = {
        "self_review": review.has_self_review,
        "levels_missing": review.approved_levels < review.levels,
        "dimensions_missing": not review.has_all_dimensions,
    }
    return next((reason for reason, fits in checks.items() if fits), "")
