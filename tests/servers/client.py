"""Flask's test client, with requests that see what production requests see."""

from __future__ import annotations

import hashlib
from contextvars import Context, copy_context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
FLASK_OWN = {"flask.app_ctx", "flask.request_ctx"}


class TestClient(FlaskClient):
    """Runs each request outside the test's application context, and sends the form token as our pages do.

    Inside that context a request would share `g`, the signed-in user and the database session with the test, and pass
    where production fails. So what the test has pending is committed first, and afterwards the test's session forgets
    what it knew and reads anew.
    """

    __test__ = False  # not a test, whatever its name

    sends_token = True  # a test of the guard itself sets it to False

    def sign_in(self, user: Any) -> TestClient:
        """Makes `user` the person behind this client, as after the sign-in page, only quicker."""
        if has_app_context():
            _session().commit()
        with self.application.test_request_context(environ_overrides=self.environ_base, headers=self._agent()):
            from flask_login.utils import _create_identifier

            identifier = _create_identifier()
        with self.session_transaction() as kept:
            kept.update(_user_id=user.get_id(), _fresh=True, _id=identifier)
        return self

    def sign_out(self) -> TestClient:
        """Forgets the person."""
        with self.session_transaction() as kept:
            kept.clear()
        return self

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if self.sends_token and str(kwargs.get("method", "GET")).upper() not in SAFE_METHODS:
            kwargs["headers"] = {**dict(kwargs.get("headers") or {}), "X-CSRFToken": self._token()}
        return self._open(*args, **kwargs)

    def _token(self) -> str:
        with self.session_transaction() as kept:
            raw = kept.setdefault("csrf_token", hashlib.sha1(b"of this client", usedforsecurity=False).hexdigest())
        signer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(raw))

    def _agent(self) -> dict[str, str]:
        return {"User-Agent": str(self.environ_base.get("HTTP_USER_AGENT", ""))}

    def _open(self, *args: Any, **kwargs: Any) -> Any:
        if self.preserve_context:  # `with client:` asks for the request's context after the request
            return super().open(*args, **kwargs)
        if has_app_context():
            _session().commit()
        try:
            return _context_without_flask().run(super().open, *args, **kwargs)
        finally:
            if has_app_context():
                _session().rollback()


def _session() -> Any:
    from courseware.core.database import db

    return db.session


def _context_without_flask() -> Context:
    """The test's context (its clock, say) without Flask's two contexts."""
    fresh = Context()
    for variable, value in copy_context().items():
        if variable.name not in FLASK_OWN:
            fresh.run(variable.set, value)
    return fresh
