"""What giving out work refuses, each with a sentence for the person who tried."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Invalid


class NothingChosen(Invalid):
    """A plan without a single thing in it."""

    code = "nothing_chosen"
    message = _l("Nothing was chosen. Tick what should be done, then assign it.")


class DueInThePast(Invalid):
    """A day that has passed cannot be kept."""

    code = "due_in_the_past"
    message = _l("The day %(day)s has passed. Choose today or a later day.")


class NobodyToAsk(Invalid):
    """No owner and no leader of a course."""

    code = "nobody_to_ask"
    message = _l("“%(name)s” has nobody to ask: its course has no leader. Give the course a leader first.")
