"""Versions of a resource, stars and reports, for programs."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from marshmallow import Schema, fields, validate

from courseware.core.errors import SignInNeeded
from courseware.feedback import queries, services
from courseware.feedback.models import REPORT_KINDS, REPORT_STATES
from courseware.resources import queries as resources
from courseware.resources.queries import VersionLine
from courseware.web.access import login_needed
from courseware.web.api import ApiBlueprint, Arguments, instant, needs_scope, one_of
from courseware.web.security import limiter

blueprint = ApiBlueprint("api_feedback", __name__, description="Versions, ratings, reports")


class VersionDetail(Schema):
    """A version with what changed and why."""

    id = fields.UUID(required=True)
    num = fields.Integer(required=True)
    state = fields.String(required=True)
    author = fields.String(required=True)
    published_at = instant(required=True, allow_none=True)
    reason = fields.String(required=True)
    summary = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    change = fields.String(required=True, allow_none=True, metadata={"description": "new, substantive or minor"})
    counts = fields.Boolean(required=True, metadata={"description": "Whether it counts as an update (M4)"})
    evidence = fields.List(fields.String(), required=True, metadata={"description": "What was measured, in words"})
    sha256 = fields.String(required=True, metadata={"description": "Of the file, or of the normalised text"})
    is_current = fields.Boolean(required=True)
    url = fields.String(required=True)


class VersionList(Schema):
    """Versions, newest first."""

    items = fields.List(fields.Nested(VersionDetail), required=True)


class RatingIn(Arguments):
    """One to five stars, and words if somebody likes."""

    stars = fields.Integer(required=True, strict=True)
    words = fields.String(load_default="")


class RatingOut(Schema):
    """One's own stars, and how everybody rated; `average` is null below five ratings."""

    stars = fields.Integer(required=True)
    words = fields.String(required=True)
    count = fields.Integer(required=True)
    average = fields.Float(required=True, allow_none=True)


class ReportIn(Arguments):
    """What is wrong."""

    kind = fields.String(required=True, validate=one_of(*REPORT_KINDS))
    words = fields.String(required=True)


class ReportOut(Schema):
    """A report as it stands."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    words = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(REPORT_STATES))
    created_at = instant(required=True)


@blueprint.route("/resources/<uuid:resource_uuid>/versions")
@blueprint.response(200, VersionList)
def list_versions(resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Every version that learners saw, newest first, with its evidence; authors and staff see the others too."""
    person = needs_scope("read")
    resource = resources.resource_by_uuid(resource_uuid, person)
    return {"items": [_version(line, resource_uuid) for line in resources.versions_of(resource, person)]}


@blueprint.route("/resources/<uuid:resource_uuid>/rating", methods=["POST"])
@login_needed
@blueprint.arguments(RatingIn)
@blueprint.response(200, RatingOut)
@limiter.limit("30 per minute")
def rate(given: dict[str, Any], resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Gives the resource stars, or changes one's own; only after a qualified use."""
    person = needs_scope("write")
    if person is None:  # a token that expired between the guard and here
        raise SignInNeeded()
    resource = resources.resource_by_uuid(resource_uuid, person)
    own = services.rate(person, resource, given["stars"], given["words"])
    stars = queries.feedback_on(resource, person).stars
    return {
        "stars": own.stars, "words": own.words, "count": stars.count, "average": stars.average if stars.is_shown else None,
    }  # fmt: skip


@blueprint.route("/resources/<uuid:resource_uuid>/reports", methods=["POST"])
@blueprint.arguments(ReportIn)
@blueprint.response(200, ReportOut)
@limiter.limit("6 per minute; 30 per hour")
def report(given: dict[str, Any], resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Reports a problem; its author and the librarians answer it."""
    person = needs_scope("write")
    resource = resources.resource_by_uuid(resource_uuid, person)
    found = services.report(person, resource, given["kind"], given["words"])
    return {
        "id": found.uuid, "kind": found.kind, "words": found.words, "state": found.state, "created_at": found.created_at,
    }  # fmt: skip


def _version(line: VersionLine, resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    version = line.version
    same = ("num", "state", "published_at", "reason", "summary", "tags")
    return {
        **{name: getattr(version, name) for name in same}, "id": version.uuid, "author": version.author.name,
        "change": version.decided_class, "counts": line.counts, "evidence": list(line.evidence), "sha256": version.content_hash,
        "is_current": line.is_current, "url": f"/resources/{resource_uuid}/versions/{version.num}",
    }  # fmt: skip
