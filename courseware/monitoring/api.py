"""GET /api/v1/libraries/{code}/metrics."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields

from courseware.libraries.queries import library_by_code
from courseware.monitoring import policy, queries
from courseware.monitoring.answer import as_document
from courseware.monitoring.closed import frozen_year
from courseware.monitoring.definitions import PUBLIC_IDS
from courseware.web.api import ApiBlueprint, Arguments, needs_scope

blueprint = ApiBlueprint("api_metrics", __name__, description="Indicators of a library")


class MetricsArgs(Arguments):
    """Which year."""

    period = fields.String(
        load_default=None, metadata={"description": "2026 (the library's own year), calendar:2026 or academic:2026"}
    )


class IndicatorOut(Schema):
    """One indicator; shares keep numerator and denominator as integers."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    numerator = fields.Integer(required=True, allow_none=True)
    denominator = fields.Integer(required=True, allow_none=True)
    value = fields.Float(required=True, allow_none=True)
    display = fields.String(required=True)
    threshold = fields.Integer(required=True, allow_none=True)
    comparison = fields.String(required=True, allow_none=True, metadata={"description": ">= or <="})
    version = fields.String(required=True, metadata={"description": "Of the rules it was counted by"})
    verdict = fields.String(
        required=True, allow_none=True, metadata={"description": "pass, fail, n/a, insufficient; null: not judged"}
    )
    excluded = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    claimed = fields.Dict(keys=fields.String(), values=fields.Integer())
    parts = fields.Dict(keys=fields.String(), values=fields.Raw())
    interval = fields.List(fields.Float())
    forecast = fields.Dict(keys=fields.String(), values=fields.Raw())
    counted_today = fields.Dict(
        keys=fields.String(), values=fields.Raw(),
        metadata={"description": "Of a closed year, where late facts or later rules give another figure than was frozen"},
    )  # fmt: skip


class FrozenOut(Schema):
    """The snapshot that a closed year shows."""

    at = fields.DateTime(required=True)
    sha256 = fields.String(required=True)


class MetricsOut(Schema):
    """The figures of a library in a period [start, end)."""

    library = fields.String(required=True)
    period = fields.List(fields.String(), required=True)
    frozen = fields.Nested(FrozenOut, metadata={"description": "Only of a year that is over and frozen"})
    indicators = fields.List(fields.Nested(IndicatorOut), required=True)


@blueprint.route("/libraries/<code>/metrics")
@blueprint.arguments(MetricsArgs, location="query")
@blueprint.response(200, MetricsOut)
def get_metrics(asked: dict[str, Any], code: str) -> Response:
    """What `flask metrics show --json` answers: all of it for those who keep the library, the public figures for others."""
    person = needs_scope("metrics")
    library = library_by_code(code, person)
    period = queries.chosen_period(library, asked["period"], queries.reporting_now())
    ids = None if policy.can_monitor(person, library) else PUBLIC_IDS
    results = queries.compute(library, period, ids=ids)
    return jsonify(as_document(library.code, period, results, frozen_year(library, period)))
