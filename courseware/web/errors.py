"""Domain errors become pages and problem+json here, once (RFC 9457)."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from courseware.core.errors import Conflict, DomainError, NoRoom, NotAllowed, NotFound, SignInNeeded, is_disk_full
from courseware.web.requests import undo

log = structlog.get_logger("keku.errors")

PAGES = {
    400: "400",
    403: "403",
    404: "404",
    405: "404",
    409: "409",
    413: "413",
    422: "400",
    429: "429",
    503: "503",
}

# What a machine is told where the framework refused: a stable code, and a sentence for whoever reads the log.
IN_WORDS: dict[int, tuple[str, Any]] = {
    400: ("bad_request", _l("This request could not be understood.")),
    403: (NotAllowed.code, NotAllowed.message),
    404: (NotFound.code, NotFound.message),
    405: ("method_not_allowed", _l("This address does not take requests of this kind.")),
    413: ("too_large", _l("This is larger than the site takes at once.")),
    415: ("unsupported_media_type", _l("The body of the request has to be JSON, and has to say so.")),
    429: ("too_many", _l("That was very often in a short time. Wait a minute, then go on.")),
    500: ("unexpected", _l("Something went wrong on our side. Nothing was saved; the number helps us to find out.")),
    503: ("unavailable", _l("This part of the site does not work at the moment. Try again in a minute.")),
}
RETRY_AFTER_S = 60


class Unusable(DomainError):
    """A value that no column can hold: a number with fifty digits, a letter that is none."""

    code = "unusable_value"
    message = _l("One of the values cannot be used here. Nothing was saved.")


def init_errors(app: Flask) -> None:
    """Registers the handlers."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(StaleDataError, lambda _error: _domain(Conflict()))
    app.register_error_handler(IntegrityError, _clash)
    for kind in (DataError, OverflowError, UnicodeEncodeError):
        app.register_error_handler(kind, _unusable)
    app.register_error_handler(
        CSRFError,
        lambda _error: _answer(
            400, "csrf", _("This form was open too long. Go back, reload the page and send it again.")
        ),
    )
    app.register_error_handler(
        RateLimitExceeded,
        lambda _error: _answer(429, "too_many", _("That was very often in a short time. Wait a minute, then go on.")),
    )
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Whether the caller is a machine: the API, or a script asking for JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.path.startswith("/api/") or request.is_json or best == "application/json"


def _domain(error: DomainError) -> BaseResponse:
    undo()
    if isinstance(error, SignInNeeded) and not wants_json():
        flash(error.sentence(), "info")
        return redirect(url_for("accounts.sign_in", next=request.full_path if request.method == "GET" else None))
    extra = {"problems": {k: [str(p) for p in v] for k, v in getattr(error, "problems", {}).items()}}
    return _answer(error.status, error.code, error.sentence(), **(extra if extra["problems"] else {}))


def _http(error: HTTPException) -> BaseResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    undo()
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # raised while the answer was finished: at the commit
        if isinstance(error.original_exception, IntegrityError):
            return _domain(Conflict())
        return _domain(NoRoom()) if is_disk_full(error.original_exception) else _answer(500, "http", "")
    return _answer(error.code, "http", "" if error.code == 404 else str(error.description or ""))


def _clash(error: IntegrityError) -> BaseResponse:
    """Two people did the same at the same moment, and a constraint let one of them through."""
    log.warning("clash", path=request.path, problem=str(error.orig))
    return _domain(Conflict())


def _unusable(error: Exception) -> BaseResponse:
    log.warning("unusable_value", path=request.path, problem=type(error).__name__)
    return _domain(Unusable())


def _unexpected(error: Exception) -> BaseResponse:
    undo()
    if is_disk_full(error):
        log.error("disk_full", path=request.path, problem=repr(error))
        return _domain(NoRoom())
    log.exception("unexpected", path=request.path)
    return _answer(500, "unexpected", "")


def _answer(status: int, code: str, sentence: str, **extra: object) -> BaseResponse:
    if wants_json():
        own_code, own_words = IN_WORDS.get(status, ("refused", DomainError.message))
        if code in ("http", "unexpected"):
            return _problem(status, own_code, str(own_words), **extra)
        return _problem(status, code, sentence, **extra)
    page = PAGES.get(status, "500" if status >= 500 else "400")
    own_words = sentence if code != "http" else ""
    body = render_template(f"errors/{page}.html", detail=own_words, request_id=g.get("request_id"))
    return Response(body, status=status, mimetype="text/html")


def _problem(status: int, code: str, sentence: str, **extra: object) -> BaseResponse:
    answer = jsonify(
        {
            "type": f"urn:keku:{code}",
            "title": sentence,
            "status": status,
            "code": code,
            "request_id": g.get("request_id"),
            **extra,
        }
    )
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
