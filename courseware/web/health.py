"""Is it alive, is it ready, how is it doing."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from werkzeug.exceptions import Forbidden

from courseware.core.database import session
from courseware.core.settings import Settings
from courseware.web.security import limiter

blueprint = Blueprint("health", __name__)

Check = Callable[[], tuple[bool, str]]
checks: dict[str, Check] = {}


def init_health(app: Flask) -> None:
    """Registers the pages; subjects' wiring adds to `checks`."""
    app.register_blueprint(blueprint)


def _database() -> tuple[bool, str]:
    session().execute(text("SELECT 1"))
    return True, "answers"


checks["database"] = _database


@blueprint.get("/healthz")
@limiter.exempt
def healthz() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@limiter.exempt
def readyz() -> tuple[Response, int]:
    """Database, store, index and worker, each in a word; 503 while one of them cannot do its work."""
    results = {name: _run(check) for name, check in checks.items()}
    ready = all(good for good, _words in results.values())
    parts = {name: {"ok": good, "detail": words} for name, (good, words) in results.items()}
    return jsonify({"status": "ready" if ready else "not ready", "parts": parts}), 200 if ready else 503


def _run(check: Check) -> tuple[bool, str]:
    try:
        return check()
    except Exception as problem:  # a check that breaks is a part that is not ready
        return False, type(problem).__name__


@blueprint.get("/metrics")
@limiter.exempt
def metrics() -> Response:
    """Prometheus gauges; loopback only, or with the token."""
    settings: Settings = current_app.config["KEKU"]
    if not (_shows_token(settings) if settings.metrics_token else _is_loopback()):
        raise Forbidden()
    registry = CollectorRegistry()
    gauge = Gauge("keku_part_ready", "1 where a part can do its work", ["part"], registry=registry)
    for name, check in checks.items():
        gauge.labels(name).set(1 if _run(check)[0] else 0)
    for name, value in current_app.extensions.get("keku_gauges", dict)().items():
        Gauge(f"keku_{name}", name.replace("_", " "), registry=registry).set(value)
    return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)


def _shows_token(settings: Settings) -> bool:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(token.encode(), settings.metrics_token.encode())


def _is_loopback() -> bool:
    """Asked from this machine, and not by a proxy on it that carries somebody else's question."""
    return request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
