"""What a person chose in the player, kept with the account so that it holds on every device (R43)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.roles import Actor
from courseware.resources.models import PlayerChoice

SPEEDS = (0.5, 2.0)


def choices_of(actor: Actor) -> dict[str, Any]:
    """Speed, captions ("" undecided, "off", or a language) and volume (0 to 1); empty where nothing was chosen yet."""
    kept = session().get(PlayerChoice, actor.id)
    return {} if kept is None else {"speed": kept.speed, "captions": kept.captions, "volume": kept.volume}


def keep_choices(actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps what was chosen; what is not named stays. Raises Invalid for what no player can do."""
    kept = session().get(PlayerChoice, actor.id) or PlayerChoice(user_id=actor.id, speed=1.0, captions="", volume=1.0)
    kept.speed = _within(given.get("speed", kept.speed), *SPEEDS)
    kept.volume = _within(given.get("volume", kept.volume), 0.0, 1.0)
    captions = given.get("captions", kept.captions)
    if not isinstance(captions, str) or len(captions) > 35:
        raise _bad()
    kept.captions = captions
    session().add(kept)
    session().flush()
    return choices_of(actor)


def _within(value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _bad()
    if not least <= value <= most:
        raise _bad()
    return float(value)


def _bad() -> Invalid:
    return Invalid({"player": [_l("No player can do this.")]})
