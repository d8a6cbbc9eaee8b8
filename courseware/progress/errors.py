"""What recording refuses, a code an event; a batch goes on with the next one."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError, Invalid

REFUSALS: dict[str, Any] = {
    "future": _l("This happened in the future. Check the clock of the device."),
    "not_live": _l("What this is about was not published at that time."),
    "unknown_object": _l("What this is about is not known here."),
    "unknown_verb": _l("This verb is not known here."),
    "too_old": _l("This happened more than 400 days ago. Check the clock of the device."),
    "own_word": _l("The site notes this by itself; nobody sends it."),
    "beyond_end": _l("The recording ends before this part does. Load the page again and go on from there."),
    "other_content": _l(
        "Another event was stored under this uuid. The stored one stays; give this one a uuid of its own."
    ),
    "bad_range": _l("A watched part begins at 0 or later and ends after it begins."),
    "bad_seconds": _l("Seconds are a number from 0 to 86,400."),
    "bad_speed": _l("Speed is a number of at least 0.1; 1 is normal."),
    "bad_uuid": _l("An event needs a uuid of its own."),
    "run_not_begun": _l(
        "Your run of this course had not begun then, so this was not recorded. It counts from the first day of the run."
    ),
    "run_ended": _l(
        "The run of this course had ended by then, so this was not recorded. What you did before is kept; join a run that goes "
        "on to learn further."
    ),
    "class_list": _l(
        "This course is taught to the people on its class lists, and you are on none of them, so this was not recorded. Ask your "
        "teacher for the code of your class."
    ),
    "course_withdrawn": _l(
        "This course had been taken from learners by then, so this was not recorded. What you did before is kept."
    ),
    "lesson_not_open": _l(
        "This lesson was not open in your run yet, so this was not recorded. Its page says from when it is."
    ),
    "lesson_first": _l(
        "Another lesson comes first, so this was not recorded. The page of this lesson names the one to complete."
    ),
    "bad_time": _l("An event needs the time when it happened, with its zone."),
}


class BatchTooLarge(Invalid):
    """A batch is bounded, so that one client cannot hold the writer."""

    status, code = 413, "batch_too_large"
    message = _l("At most %(limit)d events at a time. Send the rest in a second batch.")


class NotEventList(Invalid):
    """The body must be {"events": [...]}"""

    code = "not_event_list"
    message = _l("Send a JSON object with a list named “events”.")


class CreditNeedsEnrollment(DomainError):
    """What is done outside of a course is not counted in it."""

    status, code = 409, "credit_needs_enrollment"
    message = _l("Join the course first, so that this counts. It is free.")


class AppealedBefore(Conflict):
    """One appeal a day, resource and reason."""

    code = "appealed_before"
    message = _l("You have appealed this already. The answer appears here.")


class AppealDecided(Conflict):
    """Somebody was quicker."""

    code = "appeal_decided"
    message = _l("This appeal has been decided already.")


class NoteNeeded(Invalid):
    """Whoever is refused learns why."""

    code = "note_needed"
    message = _l("Say why the time is not given back; the learner reads it.")


class WordsTooLong(Invalid):
    """A text longer than the field."""

    code = "words_too_long"
    message = _l("At most %(limit)d characters.")


class RunEnded(DomainError):
    """The run of the learner is over: it is read on, and takes nothing more."""

    status, code = 409, "run_ended"
    message = _l(
        "Run %(key)s has ended, so nothing more is counted in it. What you did is kept; you can read on, or join a run that goes on."
    )


class LessonClosed(DomainError):
    """The learner's run has not begun, the lesson opens later, or another one comes first."""

    status, code = 409, "lesson_closed"
    message = _l("This lesson is not open to you yet. Open its page to see from when.")
