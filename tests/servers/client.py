"""Flask's test client, with requests that see what production requests see."""

from __future__ import annotations

from contextvars import Context, copy_context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient

FLASK_OWN = {"flask.app_ctx", "flask.request_ctx"}


class TestClient(FlaskClient):
    """Runs each request outside the test's application context.

    Inside it a request would share `g`, the signed-in user and the database session with the test, and pass where
    production fails. So what the test has pending is committed first, and afterwards the test's session forgets what
    it knew and reads anew.
    """

    __test__ = False  # not a test, whatever its name

    def open(self, *args: Any, **kwargs: Any) -> Any:
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
