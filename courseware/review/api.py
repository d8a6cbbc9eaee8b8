"""The queue, cases and decisions of review; handing in, taking back, withdrawing and emergencies of one resource."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from courseware.core.errors import NotAllowed
from courseware.resources import policy as resource_policy
from courseware.resources import queries as resources
from courseware.resources import services as resource_services
from courseware.resources.api.guards import on_resource
from courseware.review import policy, queries, rulebook, services, takedowns, withdrawals
from courseware.review.forms import NOTE_CHARS
from courseware.review.hints import hints_of
from courseware.review.models import DECISIONS, FLAGS, INCIDENTS, TAKE_DOWN_STATES, Submission
from courseware.review.queries import KINDS, QueueFilters, QueueRow
from courseware.web.access import role_needed
from courseware.web.api import ApiBlueprint, Arguments, Problem, instant, needs_person, next_address, one_of, paged
from courseware.web.i18n import is_english

blueprint = ApiBlueprint("api_review", __name__, description="Review of content: queue, cases, decisions, take-downs")
CLASSES = ("substantive", "minor")


class QueueArgs(Arguments):
    """What of the queue is asked for."""

    mine = fields.Boolean(load_default=True, metadata={"description": "Only what the asker may decide"})
    library = fields.String(load_default="")
    kind = fields.String(load_default="", validate=one_of("", *KINDS))
    flagged = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=queries.PAGE, validate=validate.Range(1, 100))
    after = fields.String(
        load_default="", metadata={"description": "`next` of the page before holds the whole address"}
    )


class CaseOut(Schema):
    """A case in the queue."""

    id = fields.UUID(required=True)
    resource = fields.UUID(required=True)
    title = fields.String(required=True)
    type = fields.String(required=True)
    library = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    level = fields.Integer(required=True)
    levels = fields.Integer(required=True)
    flags = fields.List(fields.String(), required=True)
    submitted_at = instant(required=True)
    due_at = instant(required=True)
    blocked = fields.String(required=True, metadata={"description": "Why the asker may not decide it; empty: may"})
    claimed_by = fields.String(required=True, allow_none=True)


class HintOut(Schema):
    """Something the machine noticed; it decides nothing."""

    code = fields.String(required=True)
    dimension = fields.String(required=True)
    text = fields.String(required=True)


class CaseDetail(CaseOut):
    """A case with what its reviewer needs."""

    dimensions = fields.List(fields.String(), required=True, metadata={"description": "Each needs a verdict"})
    seen = fields.Integer(required=True, metadata={"description": "Send it back with the decision"})
    reason = fields.String(required=True)
    base_version = fields.Integer(required=True, allow_none=True)
    lessons = fields.Integer(required=True, metadata={"description": "Lessons that use the resource"})
    hints = fields.List(fields.Nested(HintOut), required=True)


class VerdictIn(Schema):
    """One dimension."""

    passed = fields.Boolean(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=NOTE_CHARS))


class DecisionIn(Arguments):
    """A decision at one level."""

    decision = fields.String(required=True, validate=one_of(*DECISIONS))
    verdicts = fields.Dict(keys=fields.String(), values=fields.Nested(VerdictIn), required=True)
    note = fields.String(load_default="", validate=validate.Length(max=NOTE_CHARS))
    decided_class = fields.String(load_default=None, allow_none=True, validate=one_of(*CLASSES))
    is_evidence_accepted = fields.Boolean(load_default=False)
    level = fields.Integer(required=True, metadata={"description": "The level that was looked at"})
    seen = fields.Integer(required=True, metadata={"description": "`seen` of the case that was looked at"})


class SubmissionIn(Arguments):
    """A draft is handed in with the author's own check (R35)."""

    commitment = fields.String(required=True, validate=validate.Length(1, NOTE_CHARS))
    self_check = fields.List(fields.String(), required=True, metadata={"description": "Every dimension, as checked"})
    proposed_class = fields.String(load_default=None, allow_none=True, validate=one_of(*CLASSES))
    flags = fields.List(fields.String(validate=one_of(*FLAGS)), load_default=list)


class WithdrawalIn(Arguments):
    """Why a resource goes, and what takes its place."""

    reason = fields.String(required=True, validate=validate.Length(1, NOTE_CHARS))
    replacement = fields.UUID(load_default=None, allow_none=True, metadata={"description": "Id of a live resource"})


class ReturnIn(Arguments):
    """Why a withdrawn resource comes back."""

    reason = fields.String(required=True, validate=validate.Length(1, NOTE_CHARS))


class LiveOut(Schema):
    """Whether learners see the resource."""

    id = fields.UUID(required=True)
    is_live = fields.Boolean(required=True)


class UseOut(Schema):
    """A place where the resource is used."""

    title = fields.String(required=True)
    where = fields.String(required=True)
    path = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True, metadata={"description": "Null follows the newest"})


class UsesOut(Schema):
    """Where it is used, before something is published or withdrawn; the first places by name."""

    lessons = fields.Integer(required=True)
    courses = fields.Integer(required=True)
    following = fields.Integer(required=True)
    items = fields.List(fields.Nested(UseOut), required=True)


class TakeDownIn(Arguments):
    """An emergency."""

    reason = fields.String(required=True, validate=validate.Length(max=NOTE_CHARS))
    incident = fields.String(load_default="content", validate=one_of(*INCIDENTS))


class TakeDownOut(Schema):
    """What was taken offline, and until when a second person confirms or lifts it."""

    id = fields.UUID(required=True)
    resource = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(TAKE_DOWN_STATES))
    at = instant(required=True)
    confirm_by = instant(required=True)


@blueprint.route("/review/queue")
@role_needed(*policy.REVIEWING)
@blueprint.arguments(QueueArgs, location="query")
@blueprint.response(200, paged(CaseOut, "CaseList"))
def list_cases(asked: dict[str, Any]) -> Mapping[str, Any]:
    """Open cases, those due first."""
    person = needs_person("read")
    filters = QueueFilters(
        mine=asked["mine"], library=asked["library"], kind=asked["kind"], is_flagged=asked["flagged"]
    )
    page = queries.queue(person, filters, asked["after"], asked["limit"])
    return {"items": [_row(row) for row in page.items], "next": next_address(page.next)}


@blueprint.route("/review/cases/<uuid:submission_uuid>")
@blueprint.response(200, CaseDetail)
def get_case(submission_uuid: uuid.UUID) -> dict[str, Any]:
    """One case with its dimensions, hints and uses."""
    found = queries.case_of(submission_uuid, needs_person("read"))
    version = found.version
    hints = hints_of(version, found.rules, queries.text_of(version), is_english=is_english())
    return _case(found.submission, found.blocked) | {
        "dimensions": list(found.rules.keys), "seen": found.resource.lock_version, "reason": version.reason,
        "base_version": found.base.num if found.base else None, "lessons": found.usage.lessons, "hints": hints,
    }  # fmt: skip


@blueprint.route("/review/cases/<uuid:submission_uuid>/decision", methods=["POST"])
@role_needed(*policy.REVIEWING)
@blueprint.arguments(DecisionIn)
@blueprint.response(200, CaseOut)
def decide(given: dict[str, Any], submission_uuid: uuid.UUID) -> dict[str, Any]:
    """Decides the present level. 409 when it was decided or changed after it was looked at."""
    person = needs_person("write")
    submission = services.submission_of(submission_uuid, person)
    known = set(rulebook.rules_of_case(submission).keys)
    verdicts = {d: (v["passed"], v["note"]) for d, v in given.pop("verdicts").items() if d in known}
    services.decide(person, submission, given.pop("decision"), verdicts, **given)
    return _case(submission, "")


@blueprint.route("/resources/<uuid:resource_uuid>/take-down", methods=["POST"])
@role_needed(*policy.REVIEWING)
@blueprint.arguments(TakeDownIn)
@blueprint.response(200, TakeDownOut)
def take_down(given: dict[str, Any], resource_uuid: uuid.UUID) -> dict[str, Any]:
    """Takes a live resource offline at once; a second person has to confirm or lift it."""
    person = needs_person("write")
    row = takedowns.take_down(
        person, resources.resource_by_uuid(resource_uuid, person), given["reason"], given["incident"]
    )
    return {"id": row.uuid, "resource": resource_uuid, "state": row.state, "at": row.at, "confirm_by": row.confirm_by}


@blueprint.route("/resources/<uuid:resource_uuid>/submission", methods=["POST"])
@on_resource(resource_policy.can_submit)
@blueprint.arguments(SubmissionIn)
@blueprint.response(201, CaseOut)
@blueprint.alt_response(409, schema=Problem, description="There is no draft, or it is in review already")
def submit(given: dict[str, Any], resource_uuid: uuid.UUID) -> dict[str, Any]:
    """Hands the draft in; 422 names every field and every check that is missing."""
    person = needs_person("write")
    made = services.submit(person, resources.resource_by_uuid(resource_uuid, person), **given)
    return _case(made, "")


@blueprint.route("/review/cases/<uuid:submission_uuid>/take-back", methods=["POST"])
@blueprint.response(200, CaseOut)
@blueprint.alt_response(409, schema=Problem, description="Somebody has decided already")
def take_back(submission_uuid: uuid.UUID) -> dict[str, Any]:
    """The author takes back what was handed in; the draft can be edited again."""
    person = needs_person("write")
    submission = services.submission_of(submission_uuid, person)
    services.take_back(person, submission)
    return _case(submission, "")


@blueprint.route("/resources/<uuid:resource_uuid>/withdrawal", methods=["POST"])
@on_resource(resource_policy.can_withdraw)
@blueprint.arguments(WithdrawalIn)
@blueprint.response(200, LiveOut)
@blueprint.alt_response(409, schema=Problem, description="It is not live")
def withdraw(given: dict[str, Any], resource_uuid: uuid.UUID) -> dict[str, Any]:
    """Takes a live resource down for a reason; lessons that use it say so and name the replacement."""
    person = needs_person("write")
    resource = resources.resource_by_uuid(resource_uuid, person)
    other = resources.resource_by_uuid(given["replacement"], person) if given["replacement"] else None
    withdrawals.withdraw(person, resource, given["reason"], other)
    return {"id": resource.uuid, "is_live": resource.is_live}


@blueprint.route("/resources/<uuid:resource_uuid>/return", methods=["POST"])
@on_resource(resource_policy.can_withdraw)
@blueprint.arguments(ReturnIn)
@blueprint.response(200, LiveOut)
@blueprint.alt_response(409, schema=Problem, description="It is live")
def put_back(given: dict[str, Any], resource_uuid: uuid.UUID) -> dict[str, Any]:
    """Puts a withdrawn resource back; the version that was published is live again."""
    person = needs_person("write")
    resource = resources.resource_by_uuid(resource_uuid, person)
    resource_services.restore(person, resource, given["reason"])
    return {"id": resource.uuid, "is_live": resource.is_live}


@blueprint.route("/resources/<uuid:resource_uuid>/uses")
@blueprint.response(200, UsesOut)
def get_uses(resource_uuid: uuid.UUID) -> dict[str, Any]:
    """Where a resource is used, for those who may change or withdraw it."""
    person = needs_person("read")
    resource = resources.resource_by_uuid(resource_uuid, person)
    if not (resource_policy.can_edit(person, resource) or resource_policy.can_withdraw(person, resource)):
        raise NotAllowed()
    found = queries.usage_of(resource)
    items = [
        {"title": use.title, "where": use.where, "path": use.path, "version": use.version_num} for use in found.shown
    ]
    return {"lessons": found.lessons, "courses": found.courses, "following": found.follow, "items": items}


def _row(row: QueueRow) -> dict[str, Any]:
    return _case(row.submission, row.blocked)


def _case(submission: Submission, blocked: str) -> dict[str, Any]:
    version, resource = submission.version, submission.version.resource
    claimer = submission.claimed_by if policy.is_claimed(submission) else None
    return {
        "id": submission.uuid, "resource": resource.uuid, "title": resource.title, "type": resource.type,
        "library": resource.library.code, "version": version.num, "state": submission.state, "level": submission.level,
        "levels": submission.levels, "flags": submission.flags, "submitted_at": submission.submitted_at,
        "due_at": submission.due_at, "blocked": blocked, "claimed_by": claimer.name if claimer else None,
    }  # fmt: skip
