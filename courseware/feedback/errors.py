"""What feedback refuses, each with a sentence for the person who tried."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, NotAllowed


class NotUsedYet(NotAllowed):
    """Only people who really used a resource rate it (R45)."""

    code = "not_used_yet"
    message = _l("You can rate this after you have really used it: watched, read or tried it for a while.")


class OwnWork(NotAllowed):
    """Nobody rates their own work."""

    code = "own_work"
    message = _l("Your own work is rated by others.")


class HandledMeanwhile(Conflict):
    """Somebody else answered the report first."""

    code = "handled_meanwhile"
    message = _l("Somebody answered this report meanwhile. Nothing was overwritten: look at their answer first.")
