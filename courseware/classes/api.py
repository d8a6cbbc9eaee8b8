"""GET /api/v1/classes, GET /api/v1/classes/{id}/progress: what a teacher's own tools read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from courseware.accounts.models import User
from courseware.classes.queries import board
from courseware.classes.queries.classes import class_to_teach, classes_taught
from courseware.classes.services.classes import is_ended
from courseware.classes.words import sentence
from courseware.core.errors import SignInNeeded
from courseware.web.access import login_needed
from courseware.web.api import ApiBlueprint, Arguments, instant, needs_scope, next_address, paged

blueprint = ApiBlueprint("api_classes", __name__, description="Classes one teaches, and how far their people are")


class PlaceArgs(Arguments):
    """From where; the address in `next` has it."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1, error="0…2147483647"))


class ClassOut(Schema):
    """A class."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    course = fields.UUID(required=True)
    run = fields.String(required=True)
    people = fields.Integer(required=True)
    has_ended = fields.Boolean(required=True)


class WarningOut(Schema):
    """A rule that holds for somebody, with its sentence."""

    rule = fields.String(required=True)
    sentence = fields.String(required=True)


class ProgressOut(Schema):
    """One person on the board."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    group = fields.String(required=True)
    done = fields.Integer(required=True)
    required = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    points = fields.Integer(required=True)
    last_seen = instant(required=True, allow_none=True)
    warnings = fields.List(fields.Nested(WarningOut), required=True)


@blueprint.route("/classes")
@login_needed
@blueprint.arguments(PlaceArgs, location="query")
@blueprint.response(200, paged(ClassOut, "ClassList"))
def list_classes(asked: dict[str, Any]) -> dict[str, Any]:
    """The classes one teaches, the newest first."""
    page = classes_taught(_person(), asked["after"])
    items = [
        {"id": line.klass.uuid, "name": line.klass.name, "course": line.klass.run.course.uuid, "run": line.klass.run.key,
         "people": line.people, "has_ended": is_ended(line.klass)}
        for line in page.items
    ]  # fmt: skip
    return {"items": items, "next": next_address(page.next)}


@blueprint.route("/classes/<uuid:class_uuid>/progress")
@login_needed
@blueprint.arguments(PlaceArgs, location="query")
@blueprint.response(200, paged(ProgressOut, "ClassProgress"))
def get_progress(asked: dict[str, Any], class_uuid: uuid.UUID) -> dict[str, Any]:
    """The progress board, paged as on the screen."""
    shown = board.board_of(class_to_teach(class_uuid, _person()), asked["after"])
    return {"items": [_line(line) for line in shown.lines], "next": next_address(shown.next)}


def _line(line: board.Line) -> Mapping[str, Any]:
    same = ("done", "required", "minutes", "points", "last_seen")
    warnings = [{"rule": warning.rule, "sentence": sentence(warning)} for warning in line.warnings]
    member = line.member
    return {
        **{name: getattr(line, name) for name in same}, "id": member.uuid, "name": member.name, "group": member.group,
        "warnings": warnings,
    }  # fmt: skip


def _person() -> User:
    person = needs_scope("read")
    if person is None:  # a token that expired between the guard and here
        raise SignInNeeded()
    return person
