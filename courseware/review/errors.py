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


class SameUnit(NotAllowed):
    """The library lets nobody review work of the own unit (R37)."""

    code = "same_unit"
    message = _l("This comes from your own unit, and the library asks for reviewers of another one.")


class NotYourLevel(NotAllowed):
    """The level is for another role, or for people named."""

    code = "not_your_level"
    message = _l("This level is for somebody else: %(whom)s.")


class Claimed(Conflict):
    """Somebody else is looking at it."""

    code = "claimed"
    message = _l("%(name)s has been looking at this since %(since)s. Wait for the decision, or ask them to release it.")


class ChangedMeanwhile(Conflict):
    """What is under review is not what the reviewer saw."""

    code = "changed_meanwhile"
    message = _l("This was changed after you opened it. Your notes still stand here: look at it again, then decide.")


class FlagDecided(Conflict):
    """The step that a flag brought was decided already."""

    code = "flag_decided"
    message = _l("The reviewer named for this has decided already; the mark stays.")


class SelfCheckMissing(Invalid):
    """The author did not confirm every dimension (R35)."""

    code = "self_check_missing"
    message = _l("Check every dimension yourself before you hand it in.")


class NotSettled(Conflict):
    """Somebody was faster with a take-down."""

    code = "already_settled"
    message = _l("This take-down was settled meanwhile.")


class SecondPerson(NotAllowed):
    """Who took it down does not confirm it (R41)."""

    code = "second_person"
    message = _l("You took this down yourself. Somebody else has to confirm or lift it.")


class AlreadyChecked(Conflict):
    """Somebody was faster with a re-check."""

    code = "already_checked"
    message = _l("Somebody has looked at this meanwhile.")
