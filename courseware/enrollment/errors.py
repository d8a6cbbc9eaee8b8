"""What enrolling refuses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError


class AlreadyEnrolled(Conflict):
    """Once a run is enough."""

    code = "already_enrolled"
    message = _l("You are in this course already.")


class NotOpen(DomainError):
    """The course or the run is not open."""

    status, code = 409, "not_open"
    message = _l("This course is not open for joining now.")


class NotEnrolled(DomainError):
    """Leaving or completing needs being in it."""

    status, code = 409, "not_enrolled"
    message = _l("You are not in this course.")


class ByClassOnly(DomainError):
    """The run has a class list (SPOC, R52)."""

    status, code = 409, "by_class_only"
    message = _l("This run is for the people on its class list. Ask your teacher for the code of your class.")
