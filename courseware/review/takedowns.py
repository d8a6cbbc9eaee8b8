"""Emergency: one person takes a resource offline at once, a second one confirms or lifts it in time (R41)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Actor
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.review import policy, rulebook
from courseware.review.errors import NotSettled, SecondPerson
from courseware.review.models import INCIDENTS, TakeDown


def take_down(actor: User, resource: Resource, reason: str, incident: str = "content") -> TakeDown:
    """Takes a live resource offline now; readers are told in neutral words. Raises NotAllowed, NotLive, Invalid."""
    if not policy.can_take_down(actor, resource):
        raise NotAllowed()
    problems = {"reason": [_l("Say why: the second person decides by it.")]} if not reason.strip() else {}
    if incident not in INCIDENTS:
        problems["incident"] = [_l("Choose what it is about.")]
    if problems:
        raise Invalid(problems)
    resources.withdraw(actor, resource, _("Taken offline to be checked."))
    now, hours = clock.now(), rulebook.rules_of(resource.library).confirm_hours
    row = TakeDown(
        resource_id=resource.id, incident=incident, reason=reason.strip(), by_id=actor.id, at=now,
        confirm_by=now + dt.timedelta(hours=hours), state="open", resource=resource, by=actor,
    )  # fmt: skip
    session().add(row)
    session().flush()
    auditlog.record("review.take_down", actor, about=resource, reason=reason, details={"incident": incident})
    return row


def confirm(actor: User, row: TakeDown, note: str = "") -> None:
    """A second person confirms: the resource stays offline. Raises SecondPerson, NotSettled, NotAllowed."""
    _settle(actor, row, "confirmed", note)


def lift(actor: User, row: TakeDown, note: str) -> None:
    """A second person lifts it: the resource is published again. Raises as `confirm`, and Invalid without a note."""
    if not note.strip():
        raise Invalid({"note": [_l("Say why it may be shown again.")]})
    _settle(actor, row, "lifted", note)
    if not row.resource.is_live:
        resources.restore(actor, row.resource, _("Checked and put back."))


def find(take_down_uuid: uuidlib.UUID, actor: Actor | None) -> TakeDown:
    """The row, for those who may settle it. Raises NotFound."""
    row = session().scalar(
        select(TakeDown).where(TakeDown.uuid == take_down_uuid).options(joinedload(TakeDown.resource))
    )
    if row is None or not policy.can_take_down(actor, row.resource):
        raise NotFound()
    return row


def listed(state: str = "", limit: int = 100) -> Sequence[TakeDown]:
    """Open ones first, those overdue on top; then the register of settled ones, newest first. One query."""
    query = select(TakeDown).options(
        joinedload(TakeDown.resource).joinedload(Resource.library),
        joinedload(TakeDown.by),
        joinedload(TakeDown.settled_by),
    )
    query = query.where(TakeDown.state == state) if state else query
    is_settled = TakeDown.state != "open"
    rows = session().scalars(query.order_by(is_settled, TakeDown.at.desc(), TakeDown.id.desc()).limit(limit)).all()
    return sorted(rows, key=lambda row: (row.state != "open", row.confirm_by if row.state == "open" else clock.now()))


def count_open() -> int:
    """How many wait for the second person."""
    return session().scalar(select(func.count()).select_from(TakeDown).where(TakeDown.state == "open")) or 0


def _settle(actor: User, row: TakeDown, state: str, note: str) -> None:
    if not policy.can_take_down(actor, row.resource):
        raise NotAllowed()
    session().flush()
    session().execute(select(TakeDown.id).where(TakeDown.id == row.id).with_for_update())
    session().refresh(row, ["state"])
    if row.state != "open":
        raise NotSettled()
    if row.by_id == actor.id:
        raise SecondPerson()
    row.state, row.settled_by_id, row.settled_at, row.settled_note = state, actor.id, clock.now(), note.strip()
    session().flush()
    auditlog.record(f"review.take_down_{state}", actor, about=row.resource, reason=note)
