"""What course building refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError, Invalid, NotAllowed


class LessonEmpty(DomainError):
    """A lesson without anything in it is not shown to learners."""

    status, code = 422, "lesson_empty"
    message = _l("This lesson holds nothing yet. Add at least one resource or activity, then publish.")


class NotReady(Invalid):
    """What a course still misses before learners may see it."""

    code = "course_not_ready"
    message = _l("The course cannot be published yet.")


class ReviewFirst(Conflict):
    """The library has its lessons reviewed (R36)."""

    code = "lesson_review_first"
    message = _l("In this library somebody else reads a lesson before learners see it. Hand it in for review.")


class NothingToReview(Conflict):
    """The lesson was not changed since it was published or handed in."""

    code = "lesson_unchanged"
    message = _l("Nothing was changed since this lesson was published or handed in.")


class OwnLesson(NotAllowed):
    """Nobody reviews a lesson they own or changed (R37)."""

    code = "self_review"
    message = _l("You own this lesson or changed this version of it. Another reviewer has to decide.")


class LessonChanged(Conflict):
    """Somebody else saved this lesson meanwhile."""

    code = "lesson_changed"
    message = _l(
        "Somebody saved this lesson after you opened it. Nothing was overwritten: reload to see their version; yours is still on this screen."
    )


class UnitNotLive(DomainError):
    """A resource that is not published cannot be put into a lesson."""

    status, code = 422, "unit_not_live"
    message = _l(
        "“%(title)s” is not published, so learners could not open it. Choose another resource or wait for its review."
    )


class NothingToUndo(Conflict):
    """The draft has no step that could be taken back or done again."""

    code = "nothing_to_undo"
    message = _l("There is nothing to take back or to do again.")


class StepOfAnother(Conflict):
    """The last change is somebody else's."""

    code = "step_of_another"
    message = _l(
        "%(name)s changed this lesson after you. Undo takes back your own steps only, so nothing was changed: speak with them, or change it by hand."
    )


class BothChanged(LessonChanged):
    """Two people changed the same thing to something different; `clashes` are sentences, one a thing."""

    code = "lesson_both_changed"
    message = _l("%(name)s and you changed the same things. Nothing was saved yet: choose whose changes hold.")

    def __init__(self, clashes: Sequence[Any], **params: Any) -> None:
        super().__init__(**params)
        self.clashes = clashes


class NothingToCopy(Conflict):
    """There is no version that could be copied."""

    code = "nothing_to_copy"
    message = _l("This lesson is not published, so there is nothing to copy yet. Ask its teacher to publish it.")
