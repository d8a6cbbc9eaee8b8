"""GET /api/v1/points/{id}."""

from __future__ import annotations

import uuid
from typing import Any

from marshmallow import Schema, fields, validate

from courseware.knowledge import queries
from courseware.knowledge.models import POINT_KINDS, Point
from courseware.resources.queries import resources_of_point
from courseware.web.api import ApiBlueprint, needs_scope

blueprint = ApiBlueprint("api_points", __name__, description="Knowledge and skill points")


class PointLink(Schema):
    """Another point."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(POINT_KINDS))
    url = fields.String(required=True)


class TeachingResource(Schema):
    """A live resource that teaches the point."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    type = fields.String(required=True)
    url = fields.String(required=True)


class PointCourse(Schema):
    """The course a point belongs to."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    url = fields.String(required=True)


class PointDetail(PointLink):
    """One point with its place in the graph and the newest resources that teach it."""

    key = fields.String(required=True)
    description = fields.String(required=True)
    aliases = fields.List(fields.String(), required=True)
    library = fields.String(required=True, metadata={"description": "Code of its library"})
    course = fields.Nested(PointCourse, required=True, allow_none=True)
    posts = fields.List(fields.String(), required=True)
    prerequisites = fields.List(fields.Nested(PointLink), required=True)
    next_points = fields.List(fields.Nested(PointLink), required=True)
    resources = fields.List(fields.Nested(TeachingResource), required=True)


@blueprint.route("/points/<uuid:point_uuid>")
@blueprint.response(200, PointDetail)
def get_point(point_uuid: uuid.UUID) -> dict[str, Any]:
    """One knowledge or skill point."""
    point = queries.point_by_uuid(point_uuid, needs_scope("read"))
    return {
        **_link(point), "key": point.key, "description": point.description,
        "aliases": [alias.name for alias in point.aliases], "library": point.library.code, "course": _course(point),
        "posts": [post.name for post in point.posts], "prerequisites": [_link(p) for p in point.prerequisites],
        "next_points": [_link(p) for p in point.next_points],
        "resources": [
            {"id": r.uuid, "title": r.title, "type": r.type, "url": f"/resources/{r.uuid}"}
            for r in resources_of_point(point)
        ],
    }  # fmt: skip


def _link(point: Point) -> dict[str, Any]:
    return {
        "id": point.uuid, "name": point.name, "name_en": point.name_en, "kind": point.kind,
        "url": f"/points/{point.uuid}",
    }  # fmt: skip


def _course(point: Point) -> dict[str, Any] | None:
    course = point.course
    return {"id": course.uuid, "name": course.name, "url": f"/courses/{course.uuid}"} if course else None
