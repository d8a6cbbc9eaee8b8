"""The document of the API: valid, complete, and true of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft4Validator
from openapi_spec_validator import validate

from tests.web.site import Site

pytestmark = pytest.mark.one_database

PATHS = {
    "/api/v1/search": ["get"], "/api/v1/courses": ["get"], "/api/v1/courses/{course_uuid}": ["get"],
    "/api/v1/resources": ["get"], "/api/v1/resources/{resource_uuid}": ["get", "patch"], "/api/v1/points/{point_uuid}": ["get"],
    "/api/v1/resources/{resource_uuid}/versions": ["get"], "/api/v1/resources/{resource_uuid}/rating": ["post"],
    "/api/v1/resources/{resource_uuid}/reports": ["post"],
    "/api/v1/libraries/{code}/metrics": ["get"], "/api/v1/events": ["post"],
    "/api/v1/resources/{resource_uuid}/draft": ["get", "patch"], "/api/v1/resources/{resource_uuid}/file": ["put"],
    "/api/v1/resources/{resource_uuid}/revisions": ["post"], "/api/v1/resources/{resource_uuid}/uses": ["get"],
    "/api/v1/resources/{resource_uuid}/versions/{num}/restore": ["post"],
    "/api/v1/resources/{resource_uuid}/submission": ["post"], "/api/v1/resources/{resource_uuid}/withdrawal": ["post"],
    "/api/v1/resources/{resource_uuid}/return": ["post"], "/api/v1/review/cases/{submission_uuid}/take-back": ["post"],
    "/api/v1/libraries/{code}/resources": ["get", "post"], "/api/v1/libraries/{code}/bulk": ["post"],
    "/api/v1/courses/{course_uuid}/runs": ["get", "post"], "/api/v1/runs/{run_uuid}": ["delete", "get", "patch"],
    "/api/v1/runs/{run_uuid}/schedule": ["put"], "/api/v1/runs/{run_uuid}/contents": ["post"],
    "/api/v1/runs/{run_uuid}/members": ["get"], "/api/v1/notes": ["get"],
    "/api/v1/notes/{note_uuid}": ["delete", "get", "put"],
    "/api/v1/classes": ["get"], "/api/v1/classes/{class_uuid}/progress": ["get"],
    "/api/v1/libraries/{code}/imports": ["post"], "/api/v1/bulk/{action_uuid}": ["get"],
    "/api/v1/bulk/{action_uuid}/do": ["post"], "/api/v1/bulk/{action_uuid}/undo": ["post"],
    "/api/v1/review/queue": ["get"], "/api/v1/review/cases/{submission_uuid}": ["get"],
    "/api/v1/review/cases/{submission_uuid}/decision": ["post"], "/api/v1/resources/{resource_uuid}/take-down": ["post"],
}  # fmt: skip


@pytest.fixture
def document(client: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every path with its method and what is said of it."""
    for path, item in document["paths"].items():
        for method in item.keys() - {"parameters"}:
            yield path, method, item[method]


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_everything_the_api_offers_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    found: dict[str, list[str]] = {}
    for path, method, _operation in operations(document):
        found[path] = sorted([*found.get(path, []), method])
    assert found == PATHS
    offered = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    assert len(offered) == len(PATHS) + 1, "and the document itself"


def test_every_operation_says_what_it_does_and_how_it_refuses(document: dict[str, Any]) -> None:
    for path, _method, operation in operations(document):
        assert operation["summary"], path
        assert {"200", "201", "202", "204"} & operation["responses"].keys(), path
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}, path
    refusal = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert list(refusal) == ["application/problem+json"]


def test_tokens_and_sessions_are_described(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}


def test_answers_are_what_the_document_says(app: Flask, client: Any, indexed: Site, document: dict[str, Any]) -> None:
    resource, course = indexed.values["resource_uuid"], indexed.values["course_uuid"]
    addresses = {
        "/api/v1/search": "/api/v1/search?q=焊枪&facets=true", "/api/v1/courses": "/api/v1/courses",
        "/api/v1/courses/{course_uuid}": f"/api/v1/courses/{course}", "/api/v1/resources": "/api/v1/resources",
        "/api/v1/resources/{resource_uuid}": f"/api/v1/resources/{resource}",
        "/api/v1/points/{point_uuid}": f"/api/v1/points/{indexed.values['point_uuid']}",
        "/api/v1/libraries/{code}/metrics": "/api/v1/libraries/ROBOT/metrics?period=2026",
        "/api/v1/courses/{course_uuid}/runs": f"/api/v1/courses/{course}/runs",
        "/api/v1/runs/{run_uuid}": f"/api/v1/runs/{indexed.values['run_uuid']}",
    }  # fmt: skip
    for path, address in addresses.items():
        answer = client.get(address)
        assert answer.status_code == 200, path
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert problems(document, schema, answer.json) == [], path
    error = client.get("/api/v1/courses?limit=0")
    assert problems(document, {"$ref": "#/components/schemas/Problem"}, error.json) == []


def problems(document: dict[str, Any], schema: dict[str, Any], answer: Any) -> list[str]:
    whole = _nullable({**schema, "components": document["components"]})
    return [f"{list(error.path)}: {error.message}" for error in Draft4Validator(whole).iter_errors(answer)]


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0 writes `nullable`, JSON Schema a list of types."""
    if isinstance(schema, list):
        return [_nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _nullable(value) for name, value in schema.items() if name != "nullable"}
    if schema.get("nullable") is True:
        return {"anyOf": [inner, {"type": "null"}]}
    return inner
