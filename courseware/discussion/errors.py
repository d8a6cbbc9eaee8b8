"""What a discussion refuses, each with a sentence for the person who tried."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid, NotAllowed


class NotAmongThem(NotAllowed):
    """Questions and answers are among the people of a course or a class."""

    code = "not_among_them"
    message = _l("Questions and answers are for the people in this course. Join it first; it is free.")


class NothingSaid(Invalid):
    """A message without words."""

    code = "nothing_said"
    message = _l("Write a few words first.")


class SaidTooMuch(Invalid):
    """A message longer than the field."""

    code = "said_too_much"
    message = _l("At most %(limit)d characters; this has %(found)d. What you wrote is still in the field.")


class AlreadyGone(Conflict):
    """Deleted or hidden meanwhile."""

    code = "message_gone"
    message = _l("This was deleted or hidden meanwhile; nothing more can be done to it.")


class UnderReview(Conflict):
    """What was reported stays until somebody has looked."""

    code = "message_under_review"
    message = _l("Somebody reported this. It can be deleted as soon as a teacher has looked at it.")


class ReasonNeeded(Invalid):
    """Whoever is reported, hidden or refused learns why."""

    code = "reason_needed"
    message = _l("Say why in a sentence; the person who wrote it reads it.")


class NotYourOwnCase(NotAllowed):
    """An appeal is decided by somebody else."""

    code = "own_case"
    message = _l("An appeal is decided by a librarian who neither wrote nor hid this.")
