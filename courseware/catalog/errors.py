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


class NeedsCircle(Conflict):
    """Something to do first that leads back to where it started. `path` names the way round."""

    code = "needs_circle"
    message = _l("“First” would go round in a circle: %(path)s. Leave out one of its steps.")


class NeededElsewhere(Invalid):
    """A course of another library, or a lesson of another course."""

    code = "needed_elsewhere"
    message = _l("What comes first has to be a course of this library, or a lesson of this course.")


class InTeamAlready(Conflict):
    """Once in a team is enough."""

    code = "in_team_already"
    message = _l("%(name)s is in the team already. Change the role there.")


class LeaderStays(Conflict):
    """A course always has one leader."""

    code = "leader_stays"
    message = _l("A course needs a leader. Make somebody else the leader first.")


class NotPublished(Conflict):
    """There is nothing to withdraw."""

    code = "course_not_published"
    message = _l("This course is not open to learners, so there is nothing to withdraw.")


class WithdrawalAsked(Conflict):
    """Somebody has asked before."""

    code = "withdrawal_asked"
    message = _l("Somebody has asked to withdraw this course already. The request waits for approval.")


class OwnRequest(NotAllowed):
    """Nobody approves what they asked for (R96)."""

    code = "own_request"
    message = _l("You asked for this yourself. Two other persons have to agree.")


class ApprovedAlready(NotAllowed):
    """Two approvals are those of two persons (R96)."""

    code = "approved_already"
    message = _l("You have agreed already. The second approval has to come from another person.")


class RequestEnded(Conflict):
    """The request was decided or taken back meanwhile."""

    code = "request_ended"
    message = _l("This request has ended meanwhile. Reload the page to see how.")


class CourseWithdrawn(DomainError):
    """A course that was taken from learners: whoever follows an old link hears so (R96)."""

    status, code = 410, "course_withdrawn"
    message = _l("This course was withdrawn on %(day)s: %(reason)s What you learned in it is kept under “My learning”.")


class PromisesStand(Conflict):
    """A library cannot be closed around a course that is promised to stay free (R96)."""

    code = "promises_stand"
    message = _l(
        "“%(course)s” is promised to stay free until %(day)s, so the library stays open. Take the course back first: two other people agree to that."
    )


class ModuleFull(Conflict):
    """Lessons are never lost with their module."""

    code = "module_full"
    message = _l("This module holds lessons. Move or remove them first.")


class LessonSeen(Conflict):
    """What learners did hangs on the lesson."""

    code = "lesson_seen"
    message = _l(
        "Learners have seen this lesson, or it waits for review. Take it from learners instead of removing it."
    )


class OutlineChanged(Conflict):
    """Somebody added or removed a module or a lesson meanwhile."""

    code = "outline_changed"
    message = _l("Somebody changed the outline meanwhile. Nothing was moved: reload the page, then move it again.")


class StandardChanged(Conflict):
    """Somebody else saved this standard meanwhile."""

    code = "standard_changed"
    message = _l(
        "Somebody saved this course standard after you opened it. Nothing was overwritten: yours is still on this screen. Reload to see theirs."
    )


class StandardUnchanged(Conflict):
    """A draft that says what is published."""

    code = "standard_unchanged"
    message = _l("The draft says the same as the published version, so there is nothing to publish.")


class StandardReviewFirst(Conflict):
    """The library has its course standards reviewed (R36)."""

    code = "standard_review_first"
    message = _l("In this library somebody else reads a course standard before it holds. Hand it in for review.")


class StandardWaits(Conflict):
    """One version at a time."""

    code = "standard_waits"
    message = _l("A version of this standard waits for review. Take it back first, or wait for the decision.")


class OwnStandard(NotAllowed):
    """Nobody reviews a standard they wrote (R37)."""

    code = "self_review"
    message = _l("You wrote on this version of the standard. Another reviewer has to decide.")


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
