"""What the rules of monitoring refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Invalid, NotFound


class UnknownPeriod(Invalid):
    """A period that cannot be read."""

    code = "unknown_period"
    message = _l("“%(period)s” is no period. Write 2026, calendar:2026 or academic:2026.")


class UnknownIndicator(NotFound):
    """An indicator id that is not in the registry."""

    code = "unknown_indicator"
    message = _l("There is no indicator %(id)s.")


class ScoreOutOfRange(Invalid):
    """A satisfaction score other than 1 to 5."""

    code = "score_out_of_range"
    message = _l("A score is a whole number from 1 to 5.")


class UnknownLibrary(NotFound):
    """A library code nobody uses."""

    code = "unknown_library"
    message = _l("There is no library with the code %(library)s.")


class UnitNotInLibrary(Invalid):
    """A roster of a unit that neither hosts the library nor takes part in it."""

    code = "unit_not_in_library"
    message = _l("%(unit)s neither hosts this library nor takes part in it.")
