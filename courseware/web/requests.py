"""The life of a request: a number to quote, one unit of work, one commit."""

from __future__ import annotations

import time
import uuid

import structlog
from flask import Flask, Response, g, request

from courseware.core import context
from courseware.core.database import db
from courseware.core.unit_of_work import announce_writes

log = structlog.get_logger("keku.request")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
QUIET = ("/static/", "/healthz", "/readyz", "/metrics", "/media/")


def init_requests(app: Flask) -> None:
    """Numbers, logs and commits every request."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or uuid.uuid4().hex[:12].upper()
    g.started = time.perf_counter()
    context.enter(request.remote_addr or "", g.request_id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if request.method not in SAFE_METHODS:
        announce_writes()


def _finish(response: Response) -> Response:
    if g.get("rolled_back"):
        db.session.rollback()
    elif request.method not in SAFE_METHODS or db.session.new or db.session.dirty:
        db.session.commit()
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if not request.path.startswith(QUIET):
        took = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
        log.info("request", method=request.method, path=request.path, status=response.status_code, ms=took)
    return response


def undo() -> None:
    """Takes back everything this request did to the database; called where an error becomes a page."""
    db.session.rollback()
    g.rolled_back = True
