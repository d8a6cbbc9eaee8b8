"""What review refuses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError, Invalid, NotAllowed


class NotComplete(Invalid):
    """Mandatory metadata is missing (R18); all of it is listed."""

    code = "metadata_missing"
    message = _l("Before this can be reviewed, a few things are missing.")


class SelfReview(NotAllowed):
    """Nobody reviews own work (R37)."""

    code = "self_review"
    message = _l("You wrote this or a version of it. Another reviewer has to decide.")


class SameReviewerTwice(NotAllowed):
    """One person does not take two consecutive levels (R37)."""

    code = "same_reviewer_twice"
    message = _l("You decided the level before. Another reviewer has to take this one.")


class AlreadyDecided(Conflict):
    """Another reviewer was faster."""

    code = "already_decided"
    message = _l("Another reviewer has decided this meanwhile. Nothing of yours was lost or counted.")


class VerdictsMissing(Invalid):
    """Every dimension has its own verdict, a failed one its note (R34)."""

    code = "verdicts_missing"
    message = _l("Decide every dimension; say why where it does not pass.")


class VerdictsContradict(DomainError):
    """Approval with a failed dimension."""

    status, code = 422, "verdicts_contradict"
    message = _l(
        "A dimension does not pass, so this cannot be approved. Return it to the author, or change the verdict."
    )
