"""Pages of resources: for everybody, and for those who make them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("resources", __name__)

from courseware.resources.views import (  # noqa: E402, F401 - they add their pages to the blueprint
    captions,
    copies,
    editor,
    evidence,
    metadata,
    moments,
    page,
    player,
    shelf,
    simulations,
    versions,
)
