"""The life of a request: a number to quote, one unit of work, one commit."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest

from courseware.core import context
from courseware.core.database import db
from courseware.core.unit_of_work import announce_writes

log = structlog.get_logger("keku.request")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_NUMBER = 2**31 - 1
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
QUIET = ("/static/", "/healthz", "/readyz", "/metrics", "/media/", "/simulations/")


def init_requests(app: Flask) -> None:
    """Numbers, logs and commits every request."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.request_id = _request_id()
    g.started = time.perf_counter()
    context.enter(request.remote_addr or "", g.request_id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    _drop_controls()
    if request.method not in SAFE_METHODS:
        announce_writes()


def _request_id() -> str:
    """The number a proxy gave, when it is one that may stand in headers and logs; else one of our own."""
    given = request.headers.get("X-Request-Id", "")
    return given if re.fullmatch(r"[\w.:-]{1,64}", given, re.ASCII) else uuid.uuid4().hex[:12].upper()


def _drop_controls() -> None:
    """Control characters come with careless copying: a page reads its address as if they were not there. A path with a NUL names
    nothing, and programs are told: no text of ours holds one, and PostgreSQL cannot keep one."""
    pairs = list(request.args.items(multi=True))
    if "\0" in request.path or (
        request.path.startswith("/api/") and any("\0" in part for pair in pairs for part in pair)
    ):
        raise BadRequest()
    if any(_CONTROLS.search(part) for pair in pairs for part in pair):
        request.args = ImmutableMultiDict((_CONTROLS.sub("", name), _CONTROLS.sub("", value)) for name, value in pairs)


def number_arg(name: str) -> int:
    """A number of the address, 0 where there is none or it is no number that a row could have."""
    number = request.args.get(name, 0, int)
    return number if 0 <= number <= LARGEST_NUMBER else 0


def _finish(response: Response) -> Response:
    if g.get("rolled_back"):
        db.session.rollback()
    elif db.session().in_transaction():
        db.session().expire_on_commit = False  # the answer is written: nobody reads these rows again
        db.session.commit()  # also after reading: a page that notes a visit has written
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if not request.path.startswith(QUIET):
        took = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
        log.info("request", method=request.method, path=_path(), status=response.status_code, ms=took)
    return response


def _path() -> str:
    """The path for the log, without one-time tokens (SEC5)."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(token, "…") if token else request.path


def undo() -> None:
    """Takes back everything this request did to the database; called where an error becomes a page."""
    db.session.rollback()
    g.rolled_back = True
