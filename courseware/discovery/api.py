"""GET /api/v1/search."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, jsonify, request
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from courseware.accounts.models import User
from courseware.catalog.memory import memory
from courseware.core.errors import DomainError
from courseware.discovery import services
from courseware.discovery.engine import engine
from courseware.monitoring.queries.cache import content_stamp
from courseware.web.api import LARGEST_PAGE, ApiBlueprint, Arguments, needs_scope, next_address, one_of
from search.documents import KINDS
from search.engine import IndexUnavailable

blueprint = ApiBlueprint("api_search", __name__, description="Search as the site does it")

SORTS = ("relevance", "newest", "popular", "rated")
#: Answers kept for the present state of the index and the content; some ten kilobytes each.
ANSWERS_KEPT = 300
FARTHEST = 2000  # nobody reads on from here; narrowing the question helps more


class SearchDown(DomainError):
    """The index cannot be read until it was rebuilt."""

    status, code = 503, "search_unavailable"
    message = _l("Search does not work at the moment; everything else does. Try again in a minute.")


class SearchArgs(Arguments):
    """The question. Several values of one filter are alternatives; different filters must all agree."""

    q = fields.String(load_default="", validate=validate.Length(max=400, error=_l("Write at most {max} letters.")))
    kind = fields.String(load_default="all", validate=one_of("all", *KINDS))
    sort = fields.String(load_default="relevance", validate=one_of(*SORTS))
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, LARGEST_PAGE, error=_l("Write a number from {min} to {max}."))
    )
    after = fields.Integer(
        load_default=0, validate=validate.Range(0, FARTHEST, error=_l("Write a number from {min} to {max}."))
    )
    facets = fields.Boolean(
        load_default=False, metadata={"description": "Count what was found by type, course, year …"}
    )
    exact = fields.Boolean(load_default=False, metadata={"description": "No correction of the spelling"})
    library = fields.List(fields.String())
    type = fields.List(fields.String())
    course = fields.List(fields.String())
    major = fields.List(fields.String())
    originality = fields.List(fields.String())
    unit = fields.List(fields.String())
    year = fields.List(fields.String(), metadata={"description": "2025, or a span such as 2023..2025"})
    language = fields.List(fields.String())
    length = fields.List(
        fields.String(), metadata={"description": "short, middle or long: up to 5, up to 15 minutes, more"}
    )
    tags = fields.List(fields.String())
    points = fields.List(fields.String(), metadata={"description": "Identifiers of points taught"})


FILTERS = ("library", "type", "course", "major", "originality", "unit", "year", "language", "length", "tags", "points")


class HitOut(Schema):
    """Something found; a moment carries its seconds."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    id = fields.UUID(required=True)
    external_id = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    score = fields.Float(required=True)
    highlight = fields.String(required=True)
    url = fields.String(required=True)
    start_s = fields.Float()
    end_s = fields.Float()


class SearchOut(Schema):
    """What `flask search --json` answers, with the address of the next page."""

    query = fields.String(required=True)
    normalized = fields.String(required=True)
    total = fields.Integer(required=True)
    took_ms = fields.Float(required=True)
    corrected_to = fields.String(required=True, allow_none=True)
    hits = fields.List(fields.Nested(HitOut), required=True)
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.List(fields.Raw())), required=True)
    suggestions = fields.List(fields.String(), required=True)
    next = fields.String(required=True, allow_none=True)


@blueprint.route("/search")
@blueprint.arguments(SearchArgs, location="query")
@blueprint.response(200, SearchOut)
def search(asked: dict[str, Any]) -> Response:
    """Courses, resources, points, lessons and moments, best first."""
    person = needs_scope("read")
    try:
        key = (engine().generation(), content_stamp(), services.scopes_of(person), request.query_string)
        document, etag = memory("search_api", ANSWERS_KEPT).get(key, lambda: _answer(person, asked))
    except IndexUnavailable as reason:
        raise SearchDown() from reason
    response = jsonify(document)
    response.set_etag(etag)
    return response


def _answer(person: User | None, asked: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Document and its mark: all people of the same scopes get the same one, as they see the same page."""
    found = services.search(
        person, asked["q"], kind=next((k for k in KINDS if k == asked["kind"]), None), sort=asked["sort"], limit=asked["limit"],
        filters={name: asked[name] for name in FILTERS if asked.get(name)}, offset=asked["after"],
        facets=services.FACETS if asked["facets"] else (), exact=asked["exact"],
    )  # fmt: skip
    reached = asked["after"] + asked["limit"]
    more = reached < min(found.result.total, FARTHEST)
    document = {**services.answer_as_dict(found), "next": next_address(reached) if more else None}
    if not asked["facets"]:
        document["facets"] = {}
    return document, _etag_of(document)


def _etag_of(document: dict[str, Any]) -> str:
    """The answer without the time it took."""
    lasting = {name: value for name, value in document.items() if name != "took_ms"}
    return hashlib.sha256(json.dumps(lasting, sort_keys=True, default=str).encode()).hexdigest()[:32]
