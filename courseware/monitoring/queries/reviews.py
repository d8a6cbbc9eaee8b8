"""How the versions published in a period were reviewed (M17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from courseware.core.database import session
from courseware.monitoring.facts import RecheckFact, ReviewFact, SubmissionFact
from courseware.monitoring.periods import Period
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import DIMENSIONS, Decision, Recheck, RecheckSample, Submission, Verdict

DECIDED = ("approved", "returned", "rejected")


def read_reviews(library_id: int, period: Period) -> list[ReviewFact]:
    """One fact for each version of the library published in `period`."""
    versions = (
        select(ResourceVersion.id, ResourceVersion.resource_id, ResourceVersion.published_at)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.library_id == library_id)
        .where(ResourceVersion.published_at >= period.start, ResourceVersion.published_at < period.end)
    )
    decisions = _decisions(versions.with_only_columns(ResourceVersion.id))
    authors = _authors(versions.with_only_columns(ResourceVersion.resource_id))
    return [
        _fact(version, at, decisions[version], authors[resource])
        for version, resource, at in session().execute(versions)
    ]


def read_submissions(library_id: int, period: Period) -> list[SubmissionFact]:
    """One fact for each submission whose last word was spoken in `period`; imported ones were never handed in."""
    last = func.max(Decision.decided_at)
    first = select(func.min(Submission.id)).group_by(Submission.version_id).scalar_subquery()
    query = (
        select(
            Submission.id, Submission.version_id, Submission.submitted_at, last, Submission.state == "approved",
            Submission.id.in_(first),
        )
        .join(Decision, Decision.submission_id == Submission.id)
        .join(ResourceVersion, ResourceVersion.id == Submission.version_id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.library_id == library_id, Submission.state.in_(DECIDED), ~Submission.is_imported)
        .group_by(Submission.id)
        .having(last >= period.start, last < period.end)
        .order_by(Submission.id)
    )  # fmt: skip
    return [SubmissionFact(*row) for row in session().execute(query)]


def read_rechecks(library_id: int, period: Period) -> list[RecheckFact]:
    """One fact for each random re-check answered in `period`."""
    query = (
        select(Recheck.id, Recheck.checked_at, Recheck.state == "failed")
        .join(RecheckSample, RecheckSample.id == Recheck.sample_id)
        .where(RecheckSample.library_id == library_id, Recheck.state.in_(("passed", "failed")))
        .where(Recheck.checked_at >= period.start, Recheck.checked_at < period.end)
    )
    rows = session().execute(query.order_by(Recheck.id))
    return [RecheckFact(key, at, is_overturned) for key, at, is_overturned in rows if at is not None]


def _decisions(version_ids: Any) -> dict[int, list[Any]]:
    """Approvals of each version: levels asked for, level, reviewer, when, dimensions passed, imported or not."""
    passed = (
        select(Verdict.decision_id, func.count().label("passed"))
        .where(Verdict.is_passed, Verdict.dimension.in_(DIMENSIONS))
        .group_by(Verdict.decision_id)
        .subquery()
    )
    query = (
        select(
            Submission.version_id, Submission.levels, Submission.is_imported, Decision.level, Decision.reviewer_id,
            Decision.decided_at, func.coalesce(passed.c.passed, 0).label("passed"),
        )
        .join(Decision, (Decision.submission_id == Submission.id) & (Decision.decision == "approve"), isouter=True)
        .join(passed, passed.c.decision_id == Decision.id, isouter=True)
        .where(Submission.version_id.in_(version_ids), Submission.state == "approved")
    )  # fmt: skip
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session().execute(query):
        found[row.version_id].append(row)
    return found


def _authors(resource_ids: Any) -> dict[int, list[tuple[int, Any]]]:
    """Who wrote a published version of each resource, and since when."""
    query = select(ResourceVersion.resource_id, ResourceVersion.author_id, ResourceVersion.published_at)
    found: dict[int, list[tuple[int, Any]]] = defaultdict(list)
    for resource, author, at in session().execute(
        query.where(ResourceVersion.resource_id.in_(resource_ids), ResourceVersion.published_at.is_not(None))
    ):
        found[resource].append((author, at))
    return found


def _fact(version: int, at: Any, rows: Iterable[Any], authors: list[tuple[int, Any]]) -> ReviewFact:
    rows = list(rows)
    approvals = [row for row in rows if row.level is not None]
    wrote = {author for author, since in authors if since <= at}
    return ReviewFact(
        version,
        at,
        levels=max((row.levels for row in rows), default=1),
        approved_levels=len({row.level for row in approvals}),
        has_all_dimensions=bool(approvals) and all(row.passed == len(DIMENSIONS) for row in approvals),
        has_self_review=any(row.reviewer_id in wrote for row in approvals),
        is_imported=any(row.is_imported for row in rows),
    )
