"""What each reviewer did and has in hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select

from courseware.accounts.models import RoleGrant, Unit, User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.review import policy
from courseware.review.models import Decision, Submission, SubmissionReviewer

WORKLOAD_DAYS = 30


@dataclass(frozen=True, slots=True)
class Load:
    """What one reviewer did in the last WORKLOAD_DAYS, and has in hand."""

    name: str
    unit: str
    decided: int
    returned: int
    claimed: int
    named: int


def workload(limit: int = 100) -> list[Load]:
    """What each reviewer did and has in hand, the busiest first. One query; only for those who keep libraries."""
    since, claims = clock.now() - dt.timedelta(days=WORKLOAD_DAYS), clock.now() - policy.CLAIM_FOR
    made = select(Decision.reviewer_id, Decision.decision).where(Decision.decided_at >= since).subquery()
    decided = select(func.count()).where(made.c.reviewer_id == User.id).scalar_subquery()
    returned = select(func.count()).where(made.c.reviewer_id == User.id, made.c.decision == "return").scalar_subquery()
    claimed = select(func.count()).select_from(Submission).where(
        Submission.claimed_by_id == User.id, Submission.state == "open", Submission.claimed_at > claims
    ).scalar_subquery()  # fmt: skip
    named = select(func.count()).select_from(SubmissionReviewer).join(Submission).where(
        SubmissionReviewer.user_id == User.id, Submission.state == "open", SubmissionReviewer.level == Submission.level
    ).scalar_subquery()  # fmt: skip
    holders = select(RoleGrant.user_id).where(RoleGrant.role == Role.REVIEWER.value)
    query = (
        select(User.name, Unit.name, decided, returned, claimed, named)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(User.id.in_(holders), User.closed_at.is_(None))
        .order_by(decided.desc(), User.name, User.id)
        .limit(limit)
    )
    return [Load(row[0], row[1] or "", *row[2:]) for row in session().execute(query)]
