"""The JSON API under /api/v1: one blueprint class, one shape of errors, one way of paging, one check of who asks.

A subject's `api.py` makes an `ApiBlueprint("api_courses", __name__)` named `blueprint`; app.py registers it, and
`init_api` writes what it finds into /api/v1/openapi.json. Views return plain values that a schema dumps; errors are
raised as domain errors and become problem+json in courseware/web/errors.py.

Who asks: a bearer token with scopes, or the session of a browser. A session that changes something shows the form
token in `X-CSRFToken`, or comes from our own pages by its `Origin` (beacons can send no header of ours).
"""

from __future__ import annotations

import http
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from flask_smorest.utils import prepare_response
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.errors import Invalid, NotAllowed, SignInNeeded
from courseware.core.paging import Page
from courseware.web.actor import actor
from courseware.web.requests import SAFE_METHODS
from courseware.web.security import csrf, same_origin
from courseware.web.sessions import Visitor, visitor

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"
PAGE, LARGEST_PAGE = 20, 100
Row = TypeVar("Row")


class TokenRefused(SignInNeeded):
    """A bearer token that was never issued, was revoked, or is too old."""

    code = "token_refused"
    message = _l("This API token is not valid, or no longer. Ask for a new one.")


class ScopeMissing(NotAllowed):
    """The token was issued for something else."""

    code = "scope_missing"
    message = _l("This API token was not issued for this. It needs the scope %(scope)s.")


# Marshmallow's own sentences, for readers of both languages.
IN_WORDS = {
    "Not a valid integer.": _l("This is no whole number."), "Not a valid number.": _l("This is no number."),
    "Not a valid UUID.": _l("This is no id."), "Not a valid boolean.": _l("Write true or false."),
    "Not a valid string.": _l("This is no text."), "Not a valid datetime.": _l("This is no time."),
    "Not a valid list.": _l("This is no list."), "Invalid input type.": _l("This is no JSON object."),
    "Missing data for required field.": _l("Please fill this in."), "Field may not be null.": _l("Please fill this in."),
    "Special numeric values (nan or infinity) are not permitted.": _l("This is no number."),
}  # fmt: skip

# --- schemas that every subject uses ----------------------------------------------------------------------------------


class Arguments(Schema):
    """Query parameters and bodies; what nobody asked for is left aside."""

    class Meta:
        unknown = EXCLUDE


class PageArgs(Arguments):
    """How much of a list, and from where."""

    limit = fields.Integer(
        load_default=PAGE,
        strict=False,
        validate=validate.Range(1, LARGEST_PAGE, error=_l("Write a number from {min} to {max}.")),
        metadata={"description": f"Rows of one page, 1 to {LARGEST_PAGE}"},
    )
    after = fields.UUID(
        load_default=None,
        metadata={"description": "Where the next page begins; `next` of the page before holds the whole address"},
    )


class Problem(Schema):
    """An error (RFC 9457). `title` is a sentence in the reader's language, `code` stays the same for ever."""

    type = fields.String(required=True, metadata={"description": "urn:keku: and the code"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True, metadata={"description": "The number to quote when asking for help"})
    problems = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "For invalid input: sentences by field, all at once"},
    )


def one_of(*choices: str) -> validate.OneOf:
    """One of `choices`, or a sentence that names them all."""
    return validate.OneOf(choices, error=_l("Choose one of: {choices}."))


def instant(**more: Any) -> fields.DateTime:
    """A moment, written in UTC."""
    return fields.DateTime(format="iso", metadata={"description": "UTC", **more.pop("metadata", {})}, **more)


def paged(row: type[Schema], name: str) -> type[Schema]:
    """The schema of a list: `items` of `row`, and the address of the next page."""
    following = fields.String(
        allow_none=True, metadata={"description": "Address of the next page; null on the last one"}
    )
    return Schema.from_dict({"items": fields.List(fields.Nested(row)), "next": following}, name=name)


# --- blueprints -------------------------------------------------------------------------------------------------------


class Parser(FlaskParser):
    """Reads arguments by their schema; what is wrong with them comes back as one list (Invalid)."""

    def handle_error(self, error: ValidationError, *_rest: Any, **_more: Any) -> NoReturn:
        """Raises Invalid with every problem by field."""
        raise Invalid(flatten(error.normalized_messages()))  # type: ignore[no-untyped-call]

    def _handle_invalid_json_error(self, error: Any, *_rest: Any, **_more: Any) -> NoReturn:
        raise BadRequest(_("The body of the request is no valid JSON.")) from error


class ApiBlueprint(SmorestBlueprint):
    """A blueprint of the API: below /api/v1, documented, with conditional GET."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, *, description: str = "") -> None:
        super().__init__(name, import_name, url_prefix=PREFIX, description=description)
        csrf.exempt(self)  # `_check_asker` asks for the token, and knows when none is needed

    def _prepare_etag_doc(self, doc: dict[str, Any], doc_info: Any, **context: Any) -> dict[str, Any]:
        if context["method"] == "get":
            doc.setdefault("parameters", []).append("IF_NONE_MATCH")
            doc["responses"][304] = http.HTTPStatus(304).name
        return doc


def needs_scope(scope: str) -> User | None:
    """The person who asks, None for a guest. Raises ScopeMissing for a token issued for something else."""
    _hold_to_scope(scope)
    return actor()


def needs_visitor(scope: str) -> User | Visitor:
    """As needs_person, for views marked `light`: a browser's session is read without loading the account."""
    _hold_to_scope(scope)
    person = actor() if "api_scopes" in g else visitor()
    if person is None:
        raise SignInNeeded()
    return person


def _hold_to_scope(scope: str) -> None:
    scopes: Sequence[str] | None = g.get("api_scopes")
    if scopes is not None and not accounts.allows(scopes, scope):
        raise ScopeMissing(scope=scope)


def needs_person(scope: str) -> User:
    """The person who asks. Raises SignInNeeded for a guest, ScopeMissing for a token issued for something else."""
    person = needs_scope(scope)
    if person is None:
        raise SignInNeeded()
    return person


def list_answer(page: Page[Row]) -> Mapping[str, Any]:
    """A page as `paged` schemas dump it."""
    return {"items": page.items, "next": next_address(page.next)}


def next_address(after: object | None) -> str | None:
    """This request's address with `after` set; None on the last page."""
    if after is None:
        return None
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "after"]
    return f"{request.path}?{urlencode([*asked, ('after', str(after))])}"


def flatten(messages: Mapping[Any, Any], prefix: str = "") -> dict[str, list[Any]]:
    """Marshmallow's nested messages as {"events.0.uuid": [sentences]}; the place (query, json) is left out."""
    flat: dict[str, list[Any]] = {}
    for key, value in messages.items():
        name = prefix if not prefix and key in ("query", "json", "json_or_form") else f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}." if name else "")
        else:
            flat.setdefault(name or "body", []).extend(_sentences(value))
    return flat


def _sentences(value: Any) -> list[str]:
    return [str(IN_WORDS.get(item, item)) for item in (value if isinstance(value, list) else [value])]


# --- the application --------------------------------------------------------------------------------------------------


class KekuApi(SmorestApi):
    """The document of the API; errors stay with courseware/web/errors.py."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """None of its own: one shape for all."""

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            has_body = status >= 200 and status not in (204, 304)
            self._describe(status.name, {"description": status.phrase, **({"schema": Problem} if has_body else {})})
        self._describe(self.DEFAULT_ERROR_RESPONSE_NAME, {"description": "Any error", "schema": Problem})

    def _register_pagination_header(self) -> None:
        """Lists carry `next` in their body."""

    def _describe(self, name: str, response: dict[str, Any]) -> None:
        prepare_response(response, self.spec, PROBLEM)
        self.spec.components.response(name, response, lazy=True)


def init_api(app: Flask) -> None:
    """Documents every ApiBlueprint that is registered; call it after the subjects."""
    app.config.update(
        API_TITLE="Keku", API_VERSION="v1", OPENAPI_VERSION="3.0.3", OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )  # fmt: skip
    api = KekuApi(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "session"})
    api.spec.options["security"] = [{}, {"token": []}, {"session": []}]
    for blueprint in app.blueprints.values():
        if isinstance(blueprint, ApiBlueprint):
            blueprint.register_views_in_doc(api, app, api.spec, name=blueprint.name, parameters=None)
            api.spec.tag({"name": blueprint.name, "description": blueprint.description})
    app.before_request(_check_asker)
    app.after_request(_finish_answer)


def is_api() -> bool:
    """Whether this request is one to the API."""
    return request.path.startswith(f"{PREFIX}/")


def _check_asker() -> None:
    """Takes the token's person for this request; holds a session that changes something to the form token."""
    if not is_api():
        return
    kind, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        _enter_by_token(token.strip())
    elif request.method not in SAFE_METHODS and not same_origin():
        csrf.protect()


def _enter_by_token(token: str) -> None:
    found = accounts.user_of_token(token)
    if found is None:
        raise TokenRefused()
    person, scopes = found
    current_app.login_manager._update_request_context_with_user(person)  # type: ignore[attr-defined]
    g.api_scopes = scopes


def _finish_answer(response: Response) -> Response:
    """Gives every good answer to a GET an ETag, and leaves out the body of one the caller has already."""
    if not is_api() or request.method not in ("GET", "HEAD"):
        return response
    response.vary.update(("Authorization", "Cookie", "Accept-Language"))
    if response.status_code != 200 or response.is_streamed:
        return response
    response.cache_control.private = True
    response.cache_control.no_cache = True
    if "ETag" not in response.headers:
        response.add_etag()
    response.make_conditional(request)
    return response
