"""Bulk work for programs: the table of a library, one act on many with its preview and undo, imports."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from courseware.accounts.models import User
from courseware.bulk import queries, services, sheets
from courseware.bulk.models import ACTION_STATES, ACTS, BulkAction
from courseware.core.paging import Page
from courseware.libraries import policy
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.resources import table
from courseware.resources.models import ORIGINALITY, RESOURCE_TYPES
from courseware.web.api import ApiBlueprint, Arguments, Problem, instant, list_answer, needs_person, one_of, paged

blueprint = ApiBlueprint("api_bulk", __name__, description="Bulk work of those who keep a library")
LARGEST = 5000
P = ParamSpec("P")
R = TypeVar("R")


class FilterArgs(Arguments):
    """What the table is narrowed to."""

    q = fields.String(load_default="", metadata={"description": "Part of a title or unified name, or a number"})
    state = fields.String(load_default="", validate=one_of("", *table.STATES))
    type = fields.String(load_default="", validate=one_of("", *RESOURCE_TYPES))
    course = fields.String(load_default="", metadata={"description": "Code of a course"})
    point = fields.String(load_default="", metadata={"description": "Name or key of a point"})
    unit = fields.String(load_default="", metadata={"description": "Key of a unit"})
    author = fields.String(load_default="")
    originality = fields.String(load_default="", validate=one_of("", *ORIGINALITY))
    tag = fields.String(load_default="")
    since = fields.String(load_default="", metadata={"description": "Changed from this day on: 2026-03-01"})
    until = fields.String(load_default="", metadata={"description": "Changed until the end of this day"})
    gap = fields.String(load_default="", validate=one_of("", "metadata", "naming"))


class TableArgs(FilterArgs):
    """Filters, order, and how much of the table from where."""

    sort = fields.String(load_default="changed", validate=one_of(*table.SORTS))
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 200), metadata={"description": "Rows of one page"}
    )
    after = fields.String(load_default="", metadata={"description": "As the `next` of the page before gives it"})


class LineOut(Schema):
    """A row of the table."""

    id = fields.UUID(required=True)
    external_id = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    state = fields.String(required=True)
    is_named = fields.Boolean(required=True, metadata={"description": "Whether the name follows the template"})
    missing = fields.List(fields.String(), required=True, metadata={"description": "Mandatory fields not filled"})
    lock_version = fields.Integer(required=True)
    url = fields.String(required=True)


class ActIn(Arguments):
    """One act on many: on `ids`, or on all that `filters` leave."""

    act = fields.String(required=True, validate=one_of(*(act for act in ACTS if act != "import")))
    ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=LARGEST))
    filters = fields.Nested(FilterArgs, load_default=None, allow_none=True)
    values = fields.Dict(
        keys=fields.String(), load_default=dict,
        metadata={"description": "For edit: course, points_add, points_remove, licence, language, difficulty, keywords_add, "
                  "tags_add. For submit: commitment. For withdraw: reason."},
    )  # fmt: skip


class FaultOut(Schema):
    """What is wrong with a line or a resource."""

    line = fields.Integer(required=True)
    field = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class ActionOut(Schema):
    """An action: what it would do while it is prepared, how far it is, how it ended."""

    id = fields.UUID(required=True)
    act = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(ACTION_STATES))
    total = fields.Integer(required=True)
    percent = fields.Integer(required=True)
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True,
        metadata={"description": "Items by outcome; while prepared: what can be done, and refusals by reason"},
    )  # fmt: skip
    faults = fields.List(fields.Nested(FaultOut), required=True, metadata={"description": "The first hundred"})
    reason = fields.String(required=True, metadata={"description": "Why a file cannot be used"})
    created_at = instant(required=True)
    url = fields.String(required=True)


class FileIn(Arguments):
    """A sheet, or a zip of a sheet and its files."""

    file = Upload(required=True)


class _Keeping(NamedTuple):
    person: User
    library: Library


def _kept_first(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Asks for the right before anything sent is looked at."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            _kept(str(kwargs["code"]), scope)
            return view(*args, **kwargs)

        return guarded

    return decorate


@blueprint.route("/libraries/<code>/resources")
@_kept_first("read")
@blueprint.arguments(TableArgs, location="query")
@blueprint.response(200, paged(LineOut, "LineList"))
def list_table(asked: dict[str, Any], code: str) -> Mapping[str, Any]:
    """Every resource of a library in any state, for those who keep it."""
    limit, after = asked.pop("limit"), asked.pop("after")
    page = table.page(_kept(code, "read").library, table.read_filters(asked), after, limit)
    return list_answer(Page([_line(line) for line in page.items], page.next))


@blueprint.route("/libraries/<code>/bulk", methods=["POST"])
@_kept_first("write")
@blueprint.arguments(ActIn)
@blueprint.response(201, ActionOut)
def prepare(asked: dict[str, Any], code: str) -> dict[str, Any]:
    """Prepares one act on many and tells what it would do; nothing is changed yet."""
    person, library = _kept(code, "write")
    filters = table.read_filters(asked["filters"]) if asked["filters"] is not None else None
    made = services.prepare(person, library, asked["act"], asked["values"], filters=filters, uuids=asked["ids"])
    return _action(made)


@blueprint.route("/libraries/<code>/imports", methods=["POST"])
@_kept_first("write")
@blueprint.arguments(FileIn, location="files")
@blueprint.response(202, ActionOut)
@blueprint.alt_response(409, schema=Problem, description="The very same file was imported before")
def import_sheet(asked: dict[str, Any], code: str) -> dict[str, Any]:
    """Takes a sheet and checks it in the background; its action says what it would do, and do() writes it."""
    person, library = _kept(code, "write")
    sent = asked["file"]
    return _action(sheets.take_in(person, library, sent.filename or "", sent.stream))


@blueprint.route("/bulk/<uuid:action_uuid>")
@blueprint.response(200, ActionOut)
def get_action(action_uuid: uuidlib.UUID) -> dict[str, Any]:
    """How an action stands."""
    return _action(services.action_of(action_uuid, needs_person("read")))


@blueprint.route("/bulk/<uuid:action_uuid>/do", methods=["POST"])
@blueprint.response(200, ActionOut)
@blueprint.alt_response(409, schema=Problem, description="It was begun or undone meanwhile")
def begin(action_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Does a prepared action; a large one goes on in the background."""
    person = needs_person("write")
    return _action(services.begin(person, services.action_of(action_uuid, person)))


@blueprint.route("/bulk/<uuid:action_uuid>/undo", methods=["POST"])
@blueprint.response(200, ActionOut)
@blueprint.alt_response(409, schema=Problem, description="It is not done, or undone already")
def undo(action_uuid: uuidlib.UUID) -> dict[str, Any]:
    """Takes a whole action back; what was changed since stays and is counted as kept."""
    person = needs_person("write")
    return _action(services.undo(person, services.action_of(action_uuid, person)))


def _kept(code: str, scope: str) -> _Keeping:
    person = needs_person(scope)
    library = libraries.library_by_code(code, person)
    policy.require_manager(person, library)
    return _Keeping(person, library)


def _line(line: table.Line) -> dict[str, Any]:
    resource = line.resource
    own = {name: getattr(resource, name) for name in ("external_id", "title", "name", "type", "lock_version")}
    more = {"state": line.state, "is_named": line.is_named, "missing": list(line.missing)}
    return {**own, **more, "id": resource.uuid, "url": f"/resources/{resource.uuid}"}


def _action(action: BulkAction) -> dict[str, Any]:
    standing = queries.standing(action)
    counts = dict(standing.counts)
    if action.state == "prepared" and action.act != "import":
        look = queries.preview(action)
        counts = {"ready": look.ready, **look.refused}
    faults = queries.items(action, ("refused", "kept")).items
    done = action.state in ("done", "undone", "prepared", "failed")
    return {
        "id": action.uuid, "act": action.act, "state": action.state, "total": action.total, "counts": counts,
        "percent": 100 if done else (standing.job.percent if standing.job else 0),
        "faults": [{"line": i.seq, "field": i.field, "code": i.code, "message": i.sentence} for i in faults],
        "reason": str(action.facts.get("reason", "")), "created_at": action.created_at,
        "url": f"/teach/bulk/{action.uuid}",
    }  # fmt: skip
