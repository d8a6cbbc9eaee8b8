"""Opening a class for a run of a course, naming it, ending it, and the thresholds of its warnings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog.models import CourseRun
from courseware.classes import policy
from courseware.classes.codes import new_join_code
from courseware.classes.errors import ClassEnded
from courseware.classes.models import ClassRules
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.enrollment.models import TeachingClass

NAME_CHARS = 80
BOUNDS = {"unseen_days": (1, 90), "behind_percent": (1, 100), "before_days": (1, 14)}


def open_class(actor: User, run: CourseRun, name: str) -> TeachingClass:
    """A new class of the run, with a code to join by; for the team of the course. Raises Invalid, NotAllowed, ClassEnded."""
    if not policy.can_teach(actor, run.course):
        raise NotAllowed()
    if is_over(run):
        raise ClassEnded(name=name)
    made = TeachingClass(run_id=run.id, owner_id=actor.id, name=sound_name(name), join_code=new_join_code())
    session().add(made)
    session().flush()
    auditlog.record("class.open", actor, about=made)
    return made


def rename(actor: User, klass: TeachingClass, name: str) -> None:
    """Gives the class another name; raises Invalid."""
    policy.require_lead(actor, klass)
    klass.name = sound_name(name)
    session().flush()


def close(actor: User, klass: TeachingClass) -> None:
    """Ends the class: nobody joins, signs in or answers any more, everything stays to be read."""
    policy.require_lead(actor, klass)
    if klass.closed_at is None:
        klass.closed_at, klass.join_code = clock.now(), None
        auditlog.record("class.close", actor, about=klass)
    session().flush()


def reopen(actor: User, klass: TeachingClass) -> None:
    """Takes the end back; joining by code stays closed until somebody makes a new code. Raises ClassEnded with its run."""
    policy.require_lead(actor, klass)
    if is_over(klass.run):
        raise ClassEnded(name=klass.name)
    klass.closed_at = None
    session().flush()
    auditlog.record("class.reopen", actor, about=klass)


def rules_of(klass: TeachingClass) -> ClassRules:
    """The thresholds of the class, the defaults where nobody chose any."""
    found = session().get(ClassRules, klass.id)
    return found or ClassRules(class_id=klass.id, unseen_days=7, behind_percent=50, before_days=1)


def set_rules(actor: User, klass: TeachingClass, **given: int) -> ClassRules:
    """Chooses when the board warns; raises Invalid with every threshold that is out of its bounds."""
    policy.require_lead(actor, klass)
    problems = {
        name: [_l("Write a number from %(low)s to %(high)s.", low=low, high=high)]
        for name, (low, high) in BOUNDS.items()
        if not low <= given[name] <= high
    }
    if problems:
        raise Invalid(problems)
    rules = session().merge(ClassRules(class_id=klass.id, **given))
    session().flush()
    return rules


def is_over(run: CourseRun) -> bool:
    """Whether the run has ended."""
    return run.ends_at is not None and run.ends_at <= clock.now()


def is_ended(klass: TeachingClass) -> bool:
    """Whether nothing can be added any more: the class was closed, or its run is over."""
    return klass.closed_at is not None or is_over(klass.run)


def require_going(klass: TeachingClass) -> None:
    """Raises ClassEnded."""
    if is_ended(klass):
        raise ClassEnded(name=klass.name)


def sound_name(name: str) -> str:
    """The name without blanks around it; raises Invalid where none is left."""
    name = name.strip()
    if not name or len(name) > NAME_CHARS:
        raise Invalid({"name": [_l("Give the class a name of at most %(chars)s characters.", chars=NAME_CHARS)]})
    return name
