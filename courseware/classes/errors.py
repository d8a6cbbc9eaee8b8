"""What a class refuses, each with a sentence for the person who tried."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError, NotAllowed


class WrongClassCode(DomainError):
    """No class has this code now."""

    status, code = 404, "wrong_class_code"
    message = _l(
        "No class has this code. Look at it once more, or ask your teacher: codes change, and some are closed."
    )


class TooManyCodes(DomainError):
    """Somebody guesses codes."""

    status, code = 429, "too_many_codes"
    message = _l(
        "Too many wrong codes were typed in a short time. Nothing is lost: wait %(minutes)s minutes, or ask your teacher "
        "to add you to the class."
    )


class ClassEnded(DomainError):
    """The class is closed, or its run is over."""

    status, code = 409, "class_ended"
    message = _l(
        "The class “%(name)s” has ended: nothing can be added any more. What was done in it is kept and can be read."
    )


class TeachesIt(DomainError):
    """Teachers of a class are no members of it."""

    status, code = 409, "teaches_it"
    message = _l("You teach this class, so you do not join it.")


class NotInClass(NotAllowed):
    """Only members take part."""

    code = "not_in_class"
    message = _l("You are not in this class. Ask your teacher for its code.")


class RosterChanged(Conflict):
    """Another teacher changed the groups meanwhile."""

    code = "roster_changed"
    message = _l("Somebody changed people or groups meanwhile. Nothing was overwritten: look at the list as it is now.")


class WrongSignInCode(DomainError):
    """Not the code on the screen, or no longer."""

    status, code = 422, "wrong_sign_in_code"
    message = _l(
        "This is not the code on the screen, or no longer: it changes every few seconds. Type the one you see now."
    )


class OldPass(DomainError):
    """A scanned code that is no longer on the screen, or was sent on by somebody."""

    status, code = 422, "old_pass"
    message = _l(
        "This code is no longer on the screen: it changes every few seconds, so one that was photographed or sent on does not "
        "help. Scan the code you see now, or type its four digits."
    )


class SignInClosed(DomainError):
    """Too late."""

    status, code = 409, "sign_in_closed"
    message = _l("This sign-in is closed. If you were there, tell your teacher, who can put it right.")


class SignInRunning(Conflict):
    """One at a time."""

    code = "sign_in_running"
    message = _l("A sign-in of this class is open already. Close it before you open another one.")


class PollClosed(DomainError):
    """Too late."""

    status, code = 409, "poll_closed"
    message = _l("This question is closed; your answer came too late and was not counted.")


class AnsweredAlready(Conflict):
    """Once a person."""

    code = "answered_already"
    message = _l("You have answered this question already. The first answer counts.")
