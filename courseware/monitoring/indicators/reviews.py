"""M17 review coverage: every version published in the period was reviewed by others, at every level."""

from __future__ import annotations

from courseware.monitoring.facts import Facts, ReviewFact
from courseware.monitoring.results import Tally


def m17(facts: Facts) -> Tally:
    """Anything under 100 % is a defect."""
    moment = facts.period.moment(facts.now)
    inside = [r for r in facts.reviews if facts.period.start <= r.published_at < moment and not r.is_imported]
    imported = [r.version_id for r in facts.reviews if r.is_imported and facts.period.start <= r.published_at < moment]
    return Tally(
        {r.version_id: "reviewed" for r in inside if not _defect(r)},
        {r.version_id: _defect(r) for r in inside if _defect(r)},
        dict.fromkeys(imported, "imported"),
    )


def _defect(review: ReviewFact) -> str:
    checks = {
        "self_review": review.has_self_review,
        "levels_missing": review.approved_levels < review.levels,
        "dimensions_missing": not review.has_all_dimensions,
    }
    return next((reason for reason, fits in checks.items() if fits), "")
