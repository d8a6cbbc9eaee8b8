"""Pages of resources: for everybody, and for those who make them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("resources", __name__)

from courseware.resources.views import copies, editor, evidence, metadata, page, shelf, simulations, versions  # noqa: E402, F401 - they add their pages to the blueprint
