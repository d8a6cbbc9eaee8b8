"""What authors began and what may still become an update of the period: versions in review, and drafts.

A draft is a promise, and few libraries know how many of theirs are kept. So each library learns its own share: of the
drafts that lay a day or longer, how many were published within 90 days. Until it has seen some, a quarter is taken, as if
one of four had been.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.monitoring.facts import Facts
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import Submission

AWAKE = dt.timedelta(days=180)
"""A draft begun longer ago is asleep."""
LAY, SOON, SEEN = dt.timedelta(days=1), dt.timedelta(days=90), dt.timedelta(days=365)
BELIEVED, OF = 1, 4  # before anything was seen


@dataclass(frozen=True, slots=True)
class Waiting:
    """Resources with a version in review; those with a draft alone; and how many drafts of the past were kept, of how many."""

    in_review: frozenset[int] = frozenset()
    drafts: frozenset[int] = frozenset()
    kept: int = 0
    seen: int = 0

    @property
    def draft_share(self) -> float:
        """The share of drafts that will probably be published; a quarter as long as nothing was seen."""
        return (self.kept + BELIEVED) / (self.seen + OF)

    def likely(self, counted: Collection[int], approved_share: float) -> int:
        """How many updates will probably come of it; resources that are counted already bring none."""
        review, drafts = len(self.in_review - set(counted)), len(self.drafts - set(counted))
        return round((review + drafts * self.draft_share) * approved_share)


def waiting_updates(library_id: int, now: dt.datetime) -> Waiting:
    """What waits in a library at `now`: three queries."""
    in_review = frozenset(session().scalars(_in_review(library_id)))
    drafts = frozenset(session().scalars(_drafts(library_id, now))) - in_review
    return Waiting(in_review, drafts, *share_kept(session().execute(_began(library_id, now)).tuples()))


def approved_share(facts: Facts) -> float:
    """The share of submissions decided in the period that were approved; 1 where none was decided."""
    decided = [s for s in facts.submissions if s.decided_at < facts.now]
    return sum(s.is_approved for s in decided) / len(decided) if decided else 1.0


Began = tuple[dt.datetime, dt.datetime | None, dt.datetime | None]  # a version: begun, handed in, published


def share_kept(versions: Iterable[Began]) -> tuple[int, int]:
    """Of versions that lay as drafts for a day or longer, how many were published within 90 days; and of how many."""
    ends = ((begun, handed_in or out, out) for begun, handed_in, out in versions)
    lay = [(begun, out) for begun, left, out in ends if left is None or left - begun >= LAY]
    return sum(out is not None and out - begun <= SOON for begun, out in lay), len(lay)


def _in_review(library_id: int) -> Any:
    query = select(ResourceVersion.resource_id).join(Submission, Submission.version_id == ResourceVersion.id)
    query = query.join(Resource, Resource.id == ResourceVersion.resource_id)
    return query.where(Submission.state == "open", Resource.library_id == library_id)


def _drafts(library_id: int, now: dt.datetime) -> Any:
    """Drafts and what came back from review, begun within half a year."""
    query = select(Resource.id).join(ResourceVersion, ResourceVersion.id == Resource.draft_version_id)
    query = query.where(Resource.library_id == library_id, ResourceVersion.state.in_(("draft", "returned")))
    return query.where(ResourceVersion.created_at >= now - AWAKE)


def _began(library_id: int, now: dt.datetime) -> Any:
    """The versions begun within the last year, and long enough ago to know what became of them."""
    columns = (ResourceVersion.created_at, ResourceVersion.submitted_at, ResourceVersion.published_at)
    query = select(*columns).join(Resource, Resource.id == ResourceVersion.resource_id)
    query = query.where(Resource.library_id == library_id, ResourceVersion.created_at >= now - SEEN)
    return query.where(ResourceVersion.created_at < now - SOON)
