"""The teaching team of a course, across units: who is in it, as what, in which order."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import RoleGrant, Unit, User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog.changing import need, touch_course
from courseware.catalog.errors import InTeamAlready, LeaderStays
from courseware.core.database import session
from courseware.core.errors import Invalid, NotFound
from courseware.core.roles import Role
from courseware.libraries import services as libraries
from courseware.libraries.models import TEAM_ROLES, Course

MOST = 40
FOUND = 8
Members = list[tuple[User, str]]


def add_member(actor: User, course: Course, person: User, role: str) -> None:
    """Takes a teacher of any unit into the team, last in order; a new leader takes the place of the old one, who teaches on.

    Raises NotAllowed, InTeamAlready, Invalid.
    """
    members = _members(actor, course)
    if any(known.id == person.id for known, _ in members):
        raise InTeamAlready(name=person.name)
    if not person.has_role(Role.TEACHER) or person.closed_at is not None:
        raise Invalid({"person": [_l("Only people with a teacher's account can be in a team.")]})
    if len(members) >= MOST:
        raise Invalid({"person": [_l("A team has 40 people at most.")]})
    _keep(actor, course, [*members, (person, role)], role, person)


def change_role(actor: User, course: Course, person: User, role: str) -> None:
    """Another role for a member. Raises NotAllowed, NotFound, LeaderStays for a leader without a successor."""
    members = _members(actor, course)
    was = _role_of(members, person)
    if was == "leader" and role != "leader":
        raise LeaderStays()
    _keep(actor, course, [(known, role if known.id == person.id else old) for known, old in members], role, person)


def remove_member(actor: User, course: Course, person: User) -> None:
    """Takes a person out of the team; their lessons stay theirs. Raises NotAllowed, NotFound, LeaderStays."""
    members = _members(actor, course)
    if _role_of(members, person) == "leader":
        raise LeaderStays()
    _keep(actor, course, [(known, role) for known, role in members if known.id != person.id])


def move_member(actor: User, course: Course, person: User, step: int) -> None:
    """One place up (-1) or down (1); the leader stays first. Raises NotAllowed, NotFound."""
    members = _members(actor, course)
    _role_of(members, person)
    place = next(n for n, (known, _) in enumerate(members) if known.id == person.id)
    moved = members.pop(place)
    members.insert(max(0, min(place + step, len(members))), moved)
    _keep(actor, course, members)


def find_people(actor: User, course: Course, text: str) -> Sequence[User]:
    """At most eight teachers, of any unit, whose name or unit holds `text`; nobody for less than one character."""
    need(policy.can_lead(actor, course))
    if not text.strip():
        return ()
    words = text.strip()
    query = (
        select(User)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(User.closed_at.is_(None), User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role == Role.TEACHER)))
        .where(User.id.not_in([member.user_id for member in course.team]))
        .where(User.name.contains(words, autoescape=True) | Unit.name.contains(words, autoescape=True))
        .options(joinedload(User.unit))
        .order_by(User.name, User.id)
        .limit(FOUND)
    )
    return session().scalars(query).unique().all()


def _members(actor: User, course: Course) -> Members:
    need(policy.can_lead(actor, course))
    return [(member.user, member.role) for member in course.team]


def _role_of(members: Members, person: User) -> str:
    role = next((role for known, role in members if known.id == person.id), None)
    if role is None:
        raise NotFound()
    return role


def _keep(actor: User, course: Course, members: Members, role: str = "", person: User | None = None) -> None:
    if role and role not in TEAM_ROLES:
        raise Invalid({"role": [_l("Choose a role.")]})
    if role == "leader" and person is not None:
        members = [(known, "teacher" if old == "leader" and known.id != person.id else old) for known, old in members]
    libraries.set_team(course, members)
    touch_course(course)
    session().flush()
    auditlog.record("course.team", actor, about=course, details={"people": len(members)})
