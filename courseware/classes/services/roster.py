"""Who is in a class: by code, by list, by hand; leaving; groups. What people did stays whatever becomes of the roster."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.classes import codes, policy
from courseware.classes.errors import NotInClass, RosterChanged, TeachesIt, WrongClassCode
from courseware.classes.models import ClassMember, TeachingClass
from courseware.classes.services.classes import require_going
from courseware.classes.services.guessing import note_wrong, refuse_guessing
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.enrollment import services as enrollment
from courseware.enrollment.errors import AlreadyEnrolled, NotEnrolled

GROUP_CHARS, MOST_GROUPS = 30, 50


def join(user: User, typed: str) -> TeachingClass:
    """Puts the person into the class that has this code now; being in it already is fine.

    Raises WrongClassCode, which counts towards TooManyCodes; TeachesIt; ClassEnded.
    """
    refuse_guessing(user)
    code = codes.typed(typed)
    klass = session().scalar(select(TeachingClass).where(TeachingClass.join_code == code)) if code else None
    if klass is None:
        note_wrong(user)
        raise WrongClassCode()
    if policy.can_lead(user, klass):
        raise TeachesIt()
    require_going(klass)
    if _take_in(klass, user):
        auditlog.record("class.join", user, about=klass)
    return klass


def add_people(actor: User, klass: TeachingClass, people: Iterable[User]) -> int:
    """Puts people into the class and its run; returns how many were not in it before. Raises ClassEnded, TeachesIt."""
    policy.require_lead(actor, klass)
    require_going(klass)
    wanted = {person.id: person for person in people}
    if any(policy.can_lead(person, klass) for person in wanted.values()):
        raise TeachesIt()
    added = [person for person in wanted.values() if _take_in(klass, person)]
    if added:
        auditlog.record("class.add_people", actor, about=klass, details={"people": len(added)})
    return len(added)


def remove(actor: User, klass: TeachingClass, person: User) -> None:
    """Takes somebody out; what they did is kept, and they can come back. Raises NotInClass."""
    policy.require_lead(actor, klass)
    _let_go(klass, person)
    auditlog.record("class.remove", actor, about=klass, details={"person": str(person.uuid)})


def leave(user: User, klass: TeachingClass) -> None:
    """The person leaves by themselves; what they did is kept. Raises NotInClass."""
    _let_go(klass, user)
    auditlog.record("class.leave", user, about=klass)


def renew_code(actor: User, klass: TeachingClass) -> str:
    """A new code; the one before opens nothing any more. Raises ClassEnded."""
    policy.require_lead(actor, klass)
    require_going(klass)
    klass.join_code = codes.new_join_code()
    session().flush()
    auditlog.record("class.code", actor, about=klass)
    return klass.join_code


def close_code(actor: User, klass: TeachingClass) -> None:
    """Nobody joins by code until there is a new one."""
    policy.require_lead(actor, klass)
    klass.join_code = None
    session().flush()
    auditlog.record("class.code_closed", actor, about=klass)


def set_group(actor: User, klass: TeachingClass, person: User, group: str, seen: str) -> None:
    """Puts somebody into a group, or with an empty name out of it.

    `seen` is the group the teacher saw; raises RosterChanged when a colleague was faster, NotInClass, Invalid.
    """
    policy.require_lead(actor, klass)
    member = _member(klass, person)
    if member.group_name != seen:
        raise RosterChanged()
    member.group_name = _sound_group(group)
    session().flush()


def split(actor: User, klass: TeachingClass, groups: int, seed: int, seen: str) -> None:
    """Divides everybody into so many groups by lot, sizes at most one apart; the same seed gives the same groups.

    `seen` is the `state_of` the roster that the teacher looked at; raises RosterChanged, Invalid.
    """
    policy.require_lead(actor, klass)
    members = members_of(klass, for_update=True)
    if state_of(members) != seen:
        raise RosterChanged()
    if not 1 <= groups <= min(MOST_GROUPS, max(1, len(members))):
        problem = _l("Choose from 1 to %(most)s groups.", most=min(MOST_GROUPS, max(1, len(members))))
        raise Invalid({"groups": [problem]})
    for member, number in zip(members, deal(len(members), groups, seed), strict=True):
        member.group_name = str(number)
    session().flush()
    auditlog.record("class.split", actor, about=klass, details={"groups": groups, "seed": seed})


def deal(people: int, groups: int, seed: int) -> list[int]:
    """The number of a group, from 1, for each of `people`: by lot, balanced, and always the same for one seed."""
    numbers = [place % groups + 1 for place in range(people)]
    random.Random(seed).shuffle(numbers)  # noqa: S311  groups of a class are no secret
    return numbers


def members_of(klass: TeachingClass, *, for_update: bool = False) -> list[ClassMember]:
    """Everybody in the class now, in the order they came."""
    query = select(ClassMember).where(ClassMember.class_id == klass.id, ClassMember.left_at.is_(None))
    query = query.order_by(ClassMember.id).execution_options(populate_existing=for_update)
    return list(session().scalars(query.with_for_update() if for_update else query))


def state_of(members: Sequence[ClassMember]) -> str:
    """A short text that changes with the people or their groups."""
    told = "|".join(f"{member.user_id}:{member.group_name}" for member in members)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _take_in(klass: TeachingClass, user: User) -> bool:
    """Whether the person was not in the class before."""
    member = _row(klass, user)
    if member is not None and member.left_at is None:
        return False
    if member is None:
        with suppress(IntegrityError), session().begin_nested():  # a second click made the row meanwhile
            session().add(ClassMember(class_id=klass.id, user_id=user.id, joined_at=clock.now()))
    else:
        member.joined_at, member.left_at, member.group_name = clock.now(), None, ""
    with suppress(AlreadyEnrolled):
        enrollment.enrol(user, klass.run.course, klass.run.key, by_class=True)
    session().flush()
    return True


def _let_go(klass: TeachingClass, user: User) -> None:
    member = _member(klass, user)
    member.left_at = clock.now()
    session().flush()
    if klass.run.kind == "spoc" and not _is_elsewhere(klass, user):
        with suppress(NotEnrolled):
            enrollment.leave(user, klass.run.course, klass.run.key)


def _is_elsewhere(klass: TeachingClass, user: User) -> bool:
    """Whether another class keeps the person in the run."""
    query = (
        select(ClassMember.id)
        .join(TeachingClass, TeachingClass.id == ClassMember.class_id)
        .where(TeachingClass.run_id == klass.run_id, ClassMember.user_id == user.id, ClassMember.left_at.is_(None))
    )
    return session().scalar(query.limit(1)) is not None


def _member(klass: TeachingClass, user: User) -> ClassMember:
    member = _row(klass, user)
    if member is None or member.left_at is not None:
        raise NotInClass()
    return member


def _row(klass: TeachingClass, user: User) -> ClassMember | None:
    query = select(ClassMember).where(ClassMember.class_id == klass.id, ClassMember.user_id == user.id)
    return session().scalar(query.with_for_update().execution_options(populate_existing=True))


def _sound_group(name: str) -> str:
    name = name.strip()
    if len(name) > GROUP_CHARS:
        raise Invalid({"group": [_l("A group has a name of at most %(chars)s characters.", chars=GROUP_CHARS)]})
    return name
