"""What a replay refuses by itself."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid


class BadLine(Invalid):
    """A line that cannot be read as an action."""

    code = "bad_line"
    message = _l("This line cannot be read: %(reason)s.")


class UnknownKey(Invalid):
    """A line names something that no earlier line made."""

    code = "unknown_key"
    message = _l("“%(key)s” is not known here, or its line was refused.")


class KeyUsed(Conflict):
    """A key is used once."""

    code = "key_used"
    message = _l("The key “%(key)s” is used already.")


class HoldsRealAccounts(Conflict):
    """Scenarios never touch people's data."""

    code = "real_accounts"
    message = _l(
        "This installation holds real accounts. A scenario runs only on an empty one, or on demonstration data."
    )


class EventRefused(Invalid):
    """A learning event that recording turned down."""

    code = "event_refused"
    message = _l("%(reason)s")
