"""Headers, form tokens, rate limits (SEC2, SEC5, SEC6, SEC13)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from courseware.core.settings import Settings
from media.stores.settings import StoreSettings

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=["1200 per minute"], headers_enabled=False)


def init_security(app: Flask, settings: Settings) -> None:
    """Wires headers, tokens and limits."""
    if int(settings.proxies):
        hops = int(settings.proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.config.update(
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_STORAGE_URI=settings.rate_limit_store,
        RATELIMIT_ENABLED=settings.is_on("rate_limits") and not settings.testing,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_on("https"),
        MAX_CONTENT_LENGTH=40 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    limiter.request_filter(
        lambda: request.path.startswith(("/static/", "/media/", "/simulations/", "/healthz", "/readyz"))
    )
    app.before_request(_keep_hosts_apart)
    Talisman(
        app,
        force_https=False,
        strict_transport_security=settings.is_on("https"),
        session_cookie_secure=settings.is_on("https"),
        content_security_policy=content_policy(settings),
        referrer_policy="same-origin",
        frame_options="DENY",
    )


def _keep_hosts_apart() -> None:
    """A host that runs other people's simulations answers nothing else, and nobody else answers for them."""
    named = urlsplit(current_app.config["KEKU"].simulation_url).netloc
    if named and (request.host == named) != request.path.startswith("/simulations/"):
        abort(404)


def content_policy(settings: Settings) -> dict[str, Any]:
    """Nothing from elsewhere, no inline script; files may come from the object store that browsers reach."""
    store = _store_origin(settings)
    with_store = ["'self'", *store]
    return {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",  # widths of bars and marks on timelines
        "img-src": [*with_store, "data:"],
        "media-src": [*with_store, "blob:"],
        "connect-src": with_store,
        "worker-src": ["'self'", "blob:"],
        "frame-src": [*with_store, *filter(None, [settings.simulation_url.rstrip("/")])],  # PDF, simulations
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def _store_origin(settings: Settings) -> list[str]:
    """Where browsers reach the object store; also while files lie in a folder still, since a library may move while people look."""
    named = StoreSettings(
        kind="s3", s3_endpoint=settings.s3_endpoint, s3_public_endpoint=settings.s3_public_endpoint,
        s3_secure=settings.is_on("s3_secure"), s3_bucket=settings.s3_bucket, s3_virtual_host=settings.is_on("s3_virtual_host"),
    )  # fmt: skip
    return list(filter(None, [named.browser_origin()]))


def same_origin() -> bool:
    """Whether the browser says that this request comes from our own pages (for beacons, which send no headers of ours)."""
    origin = request.headers.get("Origin", "")
    return bool(origin) and origin.split("//")[-1] == request.host and bool(current_app)
