"""Taking a course elsewhere, and bringing one in."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("exchange", __name__)

from courseware.exchange.views import bringing, taking  # noqa: E402 - they register their pages

__all__ = ["blueprint", "bringing", "taking"]
