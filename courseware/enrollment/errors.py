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


class NotBegun(DomainError):
    """The run has not begun."""

    status, code = 409, "run_not_begun"
    message = _l("Run %(key)s begins on %(day)s. You can join from then on.")


class FirstOther(DomainError):
    """Courses that its team set as a condition of joining."""

    status, code = 409, "course_first"
    message = _l("Complete %(courses)s first. Then this course opens to you.")


class RunInUse(Conflict):
    """What people did hangs on the run."""

    code = "run_in_use"
    message = _l("People have joined this run or a class belongs to it, so it stays. Set its end to close it.")
