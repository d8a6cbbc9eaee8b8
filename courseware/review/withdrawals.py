"""Reasoned withdrawal, with what takes its place; what readers and lessons are told (R26)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.resources import policy as resource_policy
from courseware.resources import services as resources
from courseware.resources.models import LiveSpan, Resource
from courseware.review.models import TakeDown, Withdrawal


@dataclass(frozen=True, slots=True)
class Gone:
    """What readers are told of a resource that was published once. After an emergency neither title nor reason is told."""

    resource: Resource
    at: dt.datetime | None
    reason: str
    replacement: Resource | None
    is_emergency: bool


def withdraw(actor: User, resource: Resource, reason: str, replacement: Resource | None = None) -> Withdrawal:
    """Takes a live resource down for good reason and names what to use instead.

    Raises NotLive, NotAllowed, and Invalid without a reason or with a replacement that is not live.
    """
    if not resource_policy.can_withdraw(actor, resource):
        raise NotAllowed()
    problems = {}
    if not reason.strip():
        problems["reason"] = [resources.WORDS["reason"]]
    if replacement is not None and (not replacement.is_live or replacement.id == resource.id):
        problems["replacement"] = [_l("Choose another resource that is published.")]
    if problems:
        raise Invalid(problems)
    resources.withdraw(actor, resource, reason)
    row = Withdrawal(
        resource_id=resource.id, replacement_id=replacement.id if replacement else None, by_id=actor.id, at=clock.now(),
        reason=reason.strip(),
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def gone(resource_uuid: uuidlib.UUID) -> Gone | None:
    """What to tell instead of a page that is not there; None where nothing was ever published. Three queries."""
    resource = session().scalar(select(Resource).where(Resource.uuid == resource_uuid))
    if resource is None or resource.is_live or resource.published_version_id is None or not resource.library.is_public:
        return None
    ended = select(LiveSpan).where(LiveSpan.resource_id == resource.id, LiveSpan.ended_at.is_not(None))
    span = session().scalar(ended.order_by(LiveSpan.ended_at.desc()).limit(1))
    row = withdrawals_of([resource.id]).get(resource.id)
    emergency = session().scalar(
        select(TakeDown.id).where(TakeDown.resource_id == resource.id, TakeDown.state != "lifted").limit(1)
    )
    live = row.replacement if row and row.replacement and row.replacement.is_public else None
    reason = row.reason if row else span.reason if span else ""
    return Gone(resource, span.ended_at if span else None, "" if emergency else reason, live, emergency is not None)


def withdrawals_of(resource_ids: Sequence[int]) -> dict[int, Withdrawal]:
    """The last withdrawal of each resource, by its id; one query."""
    if not resource_ids:
        return {}
    query = select(Withdrawal).where(Withdrawal.resource_id.in_(resource_ids)).order_by(Withdrawal.at, Withdrawal.id)
    return {row.resource_id: row for row in session().scalars(query.options(joinedload(Withdrawal.replacement)))}
