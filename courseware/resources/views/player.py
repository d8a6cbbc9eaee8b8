"""What a person chose in the player: read into the page, written by its script."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

from courseware.resources import player_choices
from courseware.resources.views import blueprint
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor


@blueprint.app_template_global("player_choices")
def choices() -> dict[str, Any] | None:
    """What the reader chose before; None for guests, whose browser remembers."""
    person = actor()
    return player_choices.choices_of(person) if person is not None else None


@blueprint.put("/player/choices")
@login_needed
def keep_player_choices() -> Any:
    """Keeps {speed?, captions?, volume?} of the signed-in person."""
    given = request.get_json(silent=True)
    return jsonify(player_choices.keep_choices(signed_in(), given if isinstance(given, dict) else {}))
