"""POST /api/v1/libraries/{code}/resources, and what is done to a draft: content, rights, file, revision, older version.

Handing in, withdrawing and what reviewers do stands in courseware/review/api.py.
"""

from __future__ import annotations

import tempfile
import uuid as uuidlib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from flask_smorest.fields import Upload
from marshmallow import fields, validate
from werkzeug.datastructures import FileStorage

from courseware.accounts.models import User
from courseware.core.errors import NotAllowed, NotFound
from courseware.libraries import queries as libraries
from courseware.resources import assets, policy, queries, services
from courseware.resources.api.guards import on_resource
from courseware.resources.api.reading import (
    ResourceChange,
    ResourceDetail,
    VersionNotNamed,
    detail_of,
    if_match,
    rows_for,
)
from courseware.resources.models import ORIGINALITY, RESOURCE_TYPES, Asset, Resource, ResourceVersion
from courseware.web.api import ApiBlueprint, Arguments, Problem, needs_person, one_of

blueprint = ApiBlueprint("api_authoring", __name__, description="Making and revising resources")
TEXT_CHARS, REASON_CHARS = 200_000, 2000
P = ParamSpec("P")
R = TypeVar("R")
KNOWN = "The very same content is here already, or somebody changed the draft since"


class ContentIn(ResourceChange):
    """What a draft says besides its description; only what is named is changed."""

    body = fields.String(validate=validate.Length(max=TEXT_CHARS), metadata={"description": "Text in Markdown"})
    originality = fields.String(validate=one_of(*ORIGINALITY))
    has_evidence = fields.Boolean()
    evidence_note = fields.String(validate=validate.Length(max=2000))
    tags = fields.List(fields.String(validate=validate.Length(1, 50)), validate=validate.Length(max=20))
    reason = fields.String(validate=validate.Length(max=REASON_CHARS), metadata={"description": "Why it is revised"})
    summary = fields.String(validate=validate.Length(max=REASON_CHARS))


class DraftIn(ContentIn):
    """A new resource: a type and a title are enough to begin."""

    type = fields.String(required=True, validate=one_of(*RESOURCE_TYPES))
    title = fields.String(required=True, validate=validate.Length(1, 200))
    external_id = fields.String(validate=validate.Length(1, 200))


class RevisionIn(Arguments):
    """Why the next version is begun."""

    reason = fields.String(load_default="", validate=validate.Length(max=REASON_CHARS))
    tags = fields.List(fields.String(validate=validate.Length(1, 50)), load_default=list)


class RestoreIn(Arguments):
    """Why an older version comes back."""

    reason = fields.String(required=True, validate=validate.Length(1, REASON_CHARS))


class ContentFileIn(Arguments):
    """One file, up to what a single request may carry; larger ones go in by the upload tray or a sheet with a zip."""

    file = Upload(required=True)


def _in_library(view: Callable[P, R]) -> Callable[P, R]:
    """Asks for the right on the library before anything that was sent is looked at."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        person = needs_person("write")
        if not policy.can_create(person, libraries.library_by_code(str(kwargs["code"]), person)):
            raise NotAllowed()
        return view(*args, **kwargs)

    return guarded


@blueprint.route("/libraries/<code>/resources", methods=["POST"])
@_in_library
@blueprint.arguments(DraftIn)
@blueprint.response(201, ResourceDetail)
@blueprint.alt_response(409, schema=Problem, description=KNOWN)
def create_resource(given: dict[str, Any], code: str) -> dict[str, Any]:
    """A new draft. Nobody but its author and staff sees it until it was reviewed."""
    person = needs_person("write")
    library = libraries.library_by_code(code, person)
    for name in ("lock_version", "reason", "summary"):
        given.pop(name, None)
    resource = services.create_resource(person, library, **rows_for(given))
    return _draft(resource, person)


@blueprint.route("/resources/<uuid:resource_uuid>/draft")
@blueprint.response(200, ResourceDetail)
def get_draft(resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    """The draft as its author sees it; 404 where there is none, or for others."""
    person = needs_person("read")
    return _draft(queries.resource_by_uuid(resource_uuid, person), person)


@blueprint.route("/resources/<uuid:resource_uuid>/draft", methods=["PATCH"])
@on_resource(policy.can_edit)
@blueprint.arguments(ContentIn)
@blueprint.response(200, ResourceDetail)
@blueprint.alt_response(409, schema=Problem, description=KNOWN)
def change_draft(given: dict[str, Any], resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Changes text, rights and description of the draft."""
    person = needs_person("write")
    resource = queries.resource_by_uuid(resource_uuid, person)
    expected = given.pop("lock_version") or if_match()
    if expected is None:
        raise VersionNotNamed()
    services.edit_draft(person, resource, rows_for(given), expected)
    return _draft(resource, person)


@blueprint.route("/resources/<uuid:resource_uuid>/file", methods=["PUT"])
@on_resource(policy.can_edit)
@blueprint.arguments(ContentFileIn, location="files")
@blueprint.response(200, ResourceDetail)
@blueprint.alt_response(409, schema=Problem, description=KNOWN)
def put_file(given: dict[str, Any], resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Makes a file the content of the draft. It passes the same gate as every upload and is processed in the background."""
    person = needs_person("write")
    resource = queries.resource_by_uuid(resource_uuid, person)
    services.attach_asset(person, resource, _take_in(given["file"], person))
    return _draft(resource, person)


@blueprint.route("/resources/<uuid:resource_uuid>/revisions", methods=["POST"])
@on_resource(policy.can_revise)
@blueprint.arguments(RevisionIn)
@blueprint.response(201, ResourceDetail)
@blueprint.alt_response(409, schema=Problem, description="A revision is open already, or the resource is withdrawn")
def begin_revision(given: dict[str, Any], resource_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Begins the next version as a copy of the published one; learners go on seeing that one until review is done."""
    person = needs_person("write")
    resource = queries.resource_by_uuid(resource_uuid, person)
    services.start_revision(person, resource, **given)
    return _draft(resource, person)


@blueprint.route("/resources/<uuid:resource_uuid>/versions/<int:num>/restore", methods=["POST"])
@on_resource(policy.can_revise)
@blueprint.arguments(RestoreIn)
@blueprint.response(201, ResourceDetail)
@blueprint.alt_response(409, schema=Problem, description="A revision is open already, or this content is the published")
def restore_version(given: dict[str, Any], resource_uuid: uuidlib.UUID, num: int) -> dict[str, Any]:
    """Brings an older published version back as a draft; it is reviewed and never counts as an update (M4)."""
    person = needs_person("write")
    resource = queries.resource_by_uuid(resource_uuid, person)
    services.restore_version(person, resource, _version(resource, num, person), given["reason"])
    return _draft(resource, person)


def _draft(resource: Resource, person: User) -> dict[str, Any]:
    if resource.draft_version is None or not policy.can_view_version(person, resource.draft_version):
        raise NotFound()
    return detail_of(resource, resource.draft_version, person)


def _version(resource: Resource, num: int, person: User) -> ResourceVersion:
    lines = queries.versions_of(resource, person)
    found = next((line.version for line in lines if line.version.num == num), None)
    if found is None:
        raise NotFound()
    return found


def _take_in(sent: FileStorage, person: User) -> Asset:
    filename = sent.filename or ""
    with tempfile.TemporaryDirectory(prefix="api-") as folder:
        path = Path(folder) / "file"
        sent.save(path)
        return assets.store_file(path, filename, person)
