"""Review in the browser: the queue, a case, several at once; rules; take-downs, re-checks, withdrawal."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("review", __name__)

from courseware.review.views import after, batch, case, queue, rules  # noqa: E402, F401 - they add their addresses
