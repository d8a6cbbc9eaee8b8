"""GET /api/v1/resources, GET and PATCH /api/v1/resources/{id}."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.resources import listing, policy, queries, services
from courseware.resources.models import RESOURCE_TYPES, Resource, ResourceVersion
from courseware.resources.words import LANGUAGE_NAMES
from courseware.web.api import (
    ApiBlueprint,
    Arguments,
    PageArgs,
    Problem,
    instant,
    list_answer,
    needs_person,
    needs_scope,
    one_of,
    paged,
)

UNKNOWN = _l("There is nothing with this id.")

blueprint = ApiBlueprint("api_resources", __name__, description="Granular resources")


class ResourceArgs(PageArgs):
    """What the list is narrowed to."""

    library = fields.String(load_default="", metadata={"description": "Code of a library"})
    type = fields.String(load_default="", validate=one_of("", *RESOURCE_TYPES))
    course = fields.UUID(load_default=None, metadata={"description": "Id of a course"})
    point = fields.UUID(load_default=None, metadata={"description": "Id of a point that is taught"})


class Named(Schema):
    """Something else, by its id and its name."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    url = fields.String(required=True)


class ResourceOut(Schema):
    """A resource in a list; what it says of its content is said of `version`."""

    id = fields.UUID(required=True)
    external_id = fields.String(required=True, allow_none=True)
    type = fields.String(required=True, validate=validate.OneOf(RESOURCE_TYPES))
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "The name by the library's naming rule"})
    description = fields.String(required=True)
    language = fields.String(required=True)
    keywords = fields.List(fields.String(), required=True)
    difficulty = fields.Integer(required=True, allow_none=True)
    library = fields.String(required=True, metadata={"description": "Code of its library"})
    course = fields.Nested(Named, required=True, allow_none=True)
    points = fields.List(fields.Nested(Named), required=True)
    author = fields.String(required=True)
    unit = fields.String(required=True)
    is_live = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    originality = fields.String(required=True)
    licence = fields.String(required=True)
    duration_s = fields.Float(required=True, allow_none=True)
    first_published_at = instant(required=True, allow_none=True)
    updated_at = instant(required=True, allow_none=True)
    url = fields.String(required=True)


class VersionOut(Schema):
    """A version that learners saw."""

    num = fields.Integer(required=True)
    published_at = instant(required=True, allow_none=True)
    change = fields.String(required=True, allow_none=True, metadata={"description": "new, substantive or minor"})
    summary = fields.String(required=True)


class MomentOut(Schema):
    """The seconds that teach a point."""

    point = fields.Nested(Named, required=True)
    start_s = fields.Float(required=True)
    end_s = fields.Float(required=True)


class FileOut(Schema):
    """The file of the version shown."""

    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class ResourceDetail(ResourceOut):
    """One resource with its versions, moments and file."""

    lock_version = fields.Integer(
        required=True, metadata={"description": "Goes up with every change; a change names the one it was made from"}
    )
    body = fields.String(required=True, metadata={"description": "The text of a text resource, in Markdown"})
    file = fields.Nested(FileOut, required=True, allow_none=True)
    captions = fields.List(fields.String(), required=True, metadata={"description": "Languages"})
    moments = fields.List(fields.Nested(MomentOut), required=True)
    versions = fields.List(fields.Nested(VersionOut), required=True)


@blueprint.route("/resources")
@blueprint.arguments(ResourceArgs, location="query")
@blueprint.response(200, paged(ResourceOut, "ResourceList"))
def list_resources(asked: dict[str, Any]) -> Mapping[str, Any]:
    """Live resources, newest first, a page at a time."""
    page = listing.list_resources(needs_scope("read"), **asked)
    return list_answer(Page([_resource(row, row.published_version) for row in page.items], page.next))


@blueprint.route("/resources/<uuid:resource_uuid>")
@blueprint.response(200, ResourceDetail)
def get_resource(resource_uuid: uuid.UUID) -> dict[str, Any]:
    """One resource as learners see it; its author and staff see the draft of one that is not published."""
    person = needs_scope("read")
    resource = queries.resource_by_uuid(resource_uuid, person)
    version = resource.published_version or resource.draft_version
    if version is None:
        raise NotFound()
    return detail_of(resource, version, person)


class ResourceChange(Arguments):
    """What describes a resource; only what is named is changed. Content and rights go through a revision and review."""

    lock_version = fields.Integer(
        load_default=None, strict=True, metadata={"description": "As read before; or send it as If-Match"}
    )
    title = fields.String(validate=validate.Length(1, 200))
    title_en = fields.String(validate=validate.Length(max=200))
    description = fields.String(validate=validate.Length(max=4000))
    language = fields.String(validate=one_of(*LANGUAGE_NAMES))
    keywords = fields.List(fields.String(validate=validate.Length(1, 100)), validate=validate.Length(max=50))
    difficulty = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 5))
    audience = fields.String(validate=validate.Length(max=400))
    source = fields.String(validate=validate.Length(max=400))
    licence = fields.String(validate=validate.Length(1, 300))
    course = fields.UUID(allow_none=True, metadata={"description": "Id of a course of the same library"})
    points = fields.List(fields.UUID(), validate=validate.Length(max=50), metadata={"description": "Ids of points"})


class VersionNotNamed(Invalid):
    """A change that does not say what it was made from could overwrite somebody else's."""

    code = "version_not_named"
    message = _l("Send the lock_version you read, in the body or as If-Match, so that nobody's work is overwritten.")


@blueprint.route("/resources/<uuid:resource_uuid>", methods=["PATCH"])
@blueprint.arguments(ResourceChange)
@blueprint.response(200, ResourceDetail)
@blueprint.alt_response(409, schema=Problem, description="Somebody changed it since")
def change_resource(given: dict[str, Any], resource_uuid: uuid.UUID) -> dict[str, Any]:
    """Changes what describes a resource; of a published one it is shown at once. Never a version, never an update."""
    person = needs_person("write")
    resource = queries.resource_by_uuid(resource_uuid, person)
    version = resource.published_version or resource.draft_version
    if version is None:
        raise NotFound()
    if not policy.can_edit(person, resource):
        raise NotAllowed()
    expected = given.pop("lock_version") or if_match()
    if expected is None:
        raise VersionNotNamed()
    services.edit_metadata(person, resource, rows_for(given), expected_version=expected)
    return detail_of(resource, version, person)


def if_match() -> int | None:
    """The `lock_version` of the header If-Match, if it is one."""
    text = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    return int(text) if text.isdecimal() and len(text) < 10 else None


def rows_for(given: Mapping[str, Any]) -> dict[str, Any]:
    """The change with rows in place of ids; an id that names nothing is refused."""
    found = dict(given)
    if given.get("course") is not None:
        found["course"] = session().scalar(select(Course).where(Course.uuid == given["course"]))
    if "points" in given:
        rows = {p.uuid: p for p in session().scalars(select(Point).where(Point.uuid.in_(given["points"])))}
        found["points"] = [rows.get(one) for one in dict.fromkeys(given["points"])]
    wrong = {"course": [UNKNOWN]} if given.get("course") is not None and found["course"] is None else {}
    wrong |= {"points": [UNKNOWN]} if None in found.get("points", []) else {}
    if wrong:
        raise Invalid(wrong)
    return found


def detail_of(resource: Resource, version: ResourceVersion, person: Actor | None) -> dict[str, Any]:
    """What ResourceDetail shows of one version."""
    found = {**_resource(resource, version), **_content(version), "versions": _versions(resource, person)}
    return {**found, "lock_version": resource.lock_version}


def _resource(resource: Resource, version: ResourceVersion | None) -> dict[str, Any]:
    same = (
        "external_id", "type", "title", "title_en", "name", "description", "language", "keywords", "difficulty",
        "is_live", "first_published_at", "updated_at",
    )  # fmt: skip
    own = {name: getattr(resource, name) for name in same}
    return {
        **own, "id": resource.uuid, "library": resource.library.code, "course": _course(resource.course),
        "points": [_point(point) for point in resource.points], "author": resource.author.name,
        "unit": resource.unit.name if resource.unit else "", "version": version.num if version else 0,
        "originality": version.originality if version else "", "licence": version.licence if version else "",
        "duration_s": _duration(version), "url": f"/resources/{resource.uuid}",
    }  # fmt: skip


def _duration(version: ResourceVersion | None) -> float | None:
    if version is None:
        return None
    return version.duration_s or (version.asset.duration_s if version.asset else None)


def _content(version: ResourceVersion) -> dict[str, Any]:
    asset = version.asset
    file = {"name": asset.filename, "media_type": asset.media_type, "size": asset.size, "sha256": asset.sha256}\
        if asset else None  # fmt: skip
    moments = [{"point": _point(r.point), "start_s": r.start_s, "end_s": r.end_s} for r in version.ranges]
    languages = [track.language for track in version.captions]
    return {"body": version.body, "file": file, "captions": languages, "moments": moments}


def _versions(resource: Resource, person: Actor | None) -> list[dict[str, Any]]:
    published = [line.version for line in queries.versions_of(resource, person) if line.version.published_at]
    return [
        {"num": v.num, "published_at": v.published_at, "change": v.decided_class, "summary": v.summary}
        for v in published
    ]


def _course(course: Course | None) -> dict[str, Any] | None:
    return {"id": course.uuid, "name": course.name, "url": f"/courses/{course.uuid}"} if course else None


def _point(point: Point) -> dict[str, Any]:
    return {"id": point.uuid, "name": point.name, "url": f"/points/{point.uuid}"}
