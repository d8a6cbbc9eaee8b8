"""Writing libraries: members within their limits, training plans, the register of courses (R1-R5, R9, R61).

`create_…` and `set_…` build and are for commands, imports and other subjects, which answer for their own
actor; functions whose last argument is the actor ask the policy themselves.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from courseware.accounts.models import VOCATIONAL_KINDS, Unit, User
from courseware.auditlog import services as auditlog
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.libraries import errors
from courseware.libraries.models import (
    HOST,
    PARTICIPANT,
    Course,
    CourseTeacher,
    Library,
    LibraryServedMajor,
    LibraryUnit,
    Major,
    PolicyDocument,
    TrainingPlan,
    UnitTask,
)
from courseware.libraries.naming import template_problem
from courseware.libraries.plans import plan_problems
from courseware.libraries.policy import require_manager

SERVED_MAJOR_LIMIT = 5
HOST_LIMIT = 3
LEADER = "leader"


def create_major(code: str, name: str, *, name_en: str = "") -> Major:
    """Adds a programme of study; raises CodeTaken when the code is known."""
    if session().scalar(select(Major.id).where(Major.code == code)):
        raise errors.CodeTaken(code=code)
    major = Major(code=code, name=name, name_en=name_en)
    session().add(major)
    session().flush()
    return major


def create_library(
    code: str,
    name: str,
    core_major: Major,
    *,
    hosts: Sequence[Unit],
    served_majors: Iterable[Major] = (),
    participants: Iterable[Unit] = (),
    baseline_at: dt.datetime | None = None,
    first_public_day: dt.date | None = None,
    published: bool = True,
    name_en: str = "",
    introduction: str = "",
    introduction_en: str = "",
    scope: str = "regional",
    naming_template: str | None = None,
    review_levels: int = 1,
    actor: Actor | None = None,
) -> Library:
    """Founds a library. The first of `hosts` is the first host (R1).

    Raises TooManyServedMajors, TooManyHosts, HostMustBeVocational, LibraryNeedsHost, CodeTaken, BadTemplate.
    """
    if session().scalar(select(Library.id).where(Library.code == code)):
        raise errors.CodeTaken(code=code)
    library = Library(
        code=code, name=name, name_en=name_en, core_major=core_major, baseline_at=baseline_at, scope=scope,
        first_public_day=first_public_day, introduction=introduction, introduction_en=introduction_en,
        review_levels=review_levels, published_at=clock.now() if published else None,
    )  # fmt: skip
    if naming_template:
        _check_template(naming_template)
        library.naming_template = naming_template
    session().add(library)
    session().flush()
    _found(library, hosts, participants, served_majors)
    auditlog.record("library.create", actor, about=library, details={"code": code})
    return library


def _found(
    library: Library, hosts: Sequence[Unit], participants: Iterable[Unit], served_majors: Iterable[Major]
) -> None:
    if not hosts:
        raise errors.LibraryNeedsHost()
    for unit in hosts:
        _join(library, unit, HOST)
    for unit in participants:
        _join(library, unit, PARTICIPANT)
    for major in served_majors:
        _serve(library, major)
    session().flush()


def set_naming_template(library: Library, template: str, actor: Actor | None) -> None:
    """Sets how resources of the library are named (R19); a job then looks at every name again.

    Raises BadTemplate with the sentence that says why, NotAllowed.
    """
    require_manager(actor, library)
    wanted, before = template.strip(), library.naming_template
    _check_template(wanted)
    if wanted == before:
        return
    library.naming_template = wanted
    session().flush()
    events.naming_changed.send("libraries", library=library)
    auditlog.record("library.naming", actor, about=library, details={"from": before, "to": wanted})


def _check_template(template: str) -> None:
    problem = template_problem(template)
    if problem is not None:
        raise errors.BadTemplate({"naming_template": [problem]})


def open_library(library: Library, actor: Actor | None) -> None:
    """Lets everybody see the library and what is published in it (SEC8). Open already: nothing changes. Raises NotAllowed."""
    _set_published(library, actor, clock.now() if library.published_at is None else library.published_at)


def close_library(library: Library, actor: Actor | None) -> None:
    """Leaves the library to its own people; nothing is lost, and opening it brings everything back. Raises NotAllowed.

    Whether a promise stands against it is asked by `catalog.promise.close_library`, which pages call.
    """
    _set_published(library, actor, None)


def _set_published(library: Library, actor: Actor | None, at: dt.datetime | None) -> None:
    require_manager(actor, library)
    if library.published_at == at:
        return
    library.published_at = at
    session().flush()
    auditlog.record("library.open" if at else "library.close", actor, about=library, details={"code": library.code})
    events.content_changed.send(__name__, kind="library", uuid=library.uuid)


def served_major_limit() -> int:
    """How many majors a library serves beside its core: 5, or 4 where the setting counts the core in (R1)."""
    includes_core = current_app.config["KEKU"].is_on("served_majors_include_core")
    return SERVED_MAJOR_LIMIT - 1 if includes_core else SERVED_MAJOR_LIMIT


def add_served_major(library: Library, major: Major, actor: Actor | None) -> None:
    """Lets the library serve `major`; raises TooManyServedMajors on the sixth (R1), MajorServedAlready."""
    require_manager(actor, library)
    _lock(library)
    _serve(library, major)
    session().flush()
    auditlog.record("library.add_major", actor, about=library, details={"major": major.code})


def remove_served_major(library: Library, major: Major, actor: Actor | None) -> None:
    """Ends the service; raises MajorInUse while courses of the library belong to `major`."""
    require_manager(actor, library)
    if major not in library.served_majors:
        raise NotFound()
    if session().scalar(select(Course.id).where(Course.library_id == library.id, Course.major_id == major.id).limit(1)):
        raise errors.MajorInUse(major=major.name)
    library.served_majors.remove(major)
    session().flush()
    auditlog.record("library.remove_major", actor, about=library, details={"major": major.code})


def _serve(library: Library, major: Major) -> None:
    if major is library.core_major or major in library.served_majors:
        raise errors.MajorServedAlready(major=major.name)
    limit = served_major_limit()
    if len(library.served_majors) >= limit:
        raise errors.TooManyServedMajors(limit=limit, library=library.name, major=major.name)
    library.served_majors.append(major)


def add_member(library: Library, unit: Unit, role: str, actor: Actor | None) -> LibraryUnit:
    """Lets a unit take part as "host" or "participant" (R1, R2).

    Raises TooManyHosts, HostMustBeVocational, MemberAlready.
    """
    require_manager(actor, library)
    _lock(library)
    member = _join(library, unit, role)
    auditlog.record("library.add_member", actor, about=library, details={"unit": unit.key, "role": role})
    return member


def remove_member(library: Library, unit: Unit, actor: Actor | None) -> None:
    """Ends the part of a unit; the first host stays (R3)."""
    require_manager(actor, library)
    member = next((m for m in library.members if m.unit_id == unit.id), None)
    if member is None:
        raise NotFound()
    if member.is_first_host:
        raise errors.LastHostStays(unit=unit.name)
    library.members.remove(member)
    session().delete(member)
    session().flush()
    auditlog.record("library.remove_member", actor, about=library, details={"unit": unit.key})


def name_first_host(library: Library, unit: Unit, actor: Actor | None) -> None:
    """Makes a host of the library its first host, in place of the present one (R3)."""
    require_manager(actor, library)
    hosts = [m for m in library.members if m.role == HOST]
    if unit.id not in {m.unit_id for m in hosts}:
        raise NotFound()
    for member in hosts:
        member.is_first_host = False
    session().flush()
    next(m for m in hosts if m.unit_id == unit.id).is_first_host = True
    session().flush()
    auditlog.record("library.first_host", actor, about=library, details={"unit": unit.key})


def _join(library: Library, unit: Unit, role: str) -> LibraryUnit:
    if any(member.unit_id == unit.id for member in library.members):
        raise errors.MemberAlready(unit=unit.name)
    hosts = sum(member.role == HOST for member in library.members)
    if role == HOST:
        _check_host(unit, hosts)
    member = LibraryUnit(
        unit=unit,
        unit_id=unit.id,
        role=role,
        is_first_host=role == HOST and hosts == 0,
        seq=len(library.members),
    )
    library.members.append(member)
    session().flush()
    return member


def _check_host(unit: Unit, hosts: int) -> None:
    if unit.kind not in VOCATIONAL_KINDS:
        raise errors.HostMustBeVocational(unit=unit.name)
    if hosts >= HOST_LIMIT:
        raise errors.TooManyHosts(limit=HOST_LIMIT, unit=unit.name)


def _lock(library: Library) -> None:
    """Two librarians at once must not pass a limit together."""
    session().execute(select(Library.id).where(Library.id == library.id).with_for_update())
    session().expire(library, ["served_majors", "members"])


def set_task(
    library: Library,
    unit: Unit,
    task: str,
    *,
    owner: User | None = None,
    due_on: dt.date | None = None,
    evidence: str = "",
) -> UnitTask:
    """Writes down what a participating unit took on (R4)."""
    row = UnitTask(
        library_id=library.id, unit_id=unit.id, owner_id=owner.id if owner else None,
        task=task, due_on=due_on, evidence=evidence,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def add_policy_document(library: Library, title: str, kind: str, version: str, dated_on: dt.date) -> PolicyDocument:
    """Registers a rule the library gave itself (R61)."""
    row = PolicyDocument(library_id=library.id, title=title, kind=kind, version=version, dated_on=dated_on)
    session().add(row)
    session().flush()
    return row


def publish_training_plan(
    library: Library, version: str, valid_from: dt.date, content: Mapping[str, Any], actor: Actor | None
) -> TrainingPlan:
    """Publishes a version of the training plan, which then stands; older ones stay readable (R5).

    Raises PlanVersionExists, and PlanIncomplete with every missing part.
    """
    require_manager(actor, library)
    problems = plan_problems(content)
    if problems:
        raise errors.PlanIncomplete(problems)
    known = select(TrainingPlan.id).where(TrainingPlan.library_id == library.id, TrainingPlan.version == version)
    if session().scalar(known):
        raise errors.PlanVersionExists(version=version)
    plan = TrainingPlan(
        library_id=library.id, version=version, valid_from=valid_from,
        content=copy.deepcopy(dict(content)), published_at=clock.now(),
    )  # fmt: skip
    session().add(plan)
    session().flush()
    auditlog.record("library.publish_plan", actor, about=plan, details={"library": library.code, "version": version})
    return plan


def create_course(
    library: Library,
    code: str,
    name: str,
    kind: str,
    major: Major,
    *,
    name_en: str = "",
    summary: str = "",
    summary_en: str = "",
    audience: str = "",
    theory_hours: int = 0,
    practice_hours: int = 0,
    semester: int | None = None,
    licence: str = "CC-BY-NC-SA-4.0",
    is_open: bool | None = None,
    is_in_plan: bool = True,
    actor: Actor | None = None,
) -> Course:
    """Adds a course to the register (R9), not yet published. Raises CodeTaken, MajorOfOtherLibrary."""
    _check_course(library, code, major)
    course = Course(
        library_id=library.id, code=code, name=name, kind=kind, major=major, name_en=name_en, summary=summary,
        summary_en=summary_en, audience=audience, theory_hours=theory_hours, practice_hours=practice_hours,
        semester=semester, licence=licence, is_in_plan=is_in_plan, seq=_next_course_seq(library),
        is_open=library.open_by_default if is_open is None else is_open,
    )  # fmt: skip
    session().add(course)
    session().flush()
    auditlog.record("course.create", actor, about=course, details={"code": code})
    events.content_changed.send(__name__, kind="course", uuid=course.uuid)
    return course


def _check_course(library: Library, code: str, major: Major) -> None:
    if session().scalar(select(Course.id).where(Course.library_id == library.id, Course.code == code)):
        raise errors.CodeTaken(code=code)
    served = select(LibraryServedMajor.major_id).where(
        LibraryServedMajor.library_id == library.id, LibraryServedMajor.major_id == major.id
    )
    if major.id != library.core_major_id and session().scalar(served) is None:
        raise errors.MajorOfOtherLibrary(major=major.name)


def _next_course_seq(library: Library) -> int:
    last = session().scalar(select(func.max(Course.seq)).where(Course.library_id == library.id))
    return 0 if last is None else last + 1


def set_team(course: Course, members: Sequence[tuple[User, str]]) -> None:
    """Replaces the teaching team by (user, role) pairs; exactly one role is "leader", who comes first.

    Raises TeamNeedsLeader.
    """
    if sum(role == LEADER for _, role in members) != 1:
        raise errors.TeamNeedsLeader()
    course.team.clear()
    session().flush()
    ordered = sorted(members, key=lambda pair: pair[1] != LEADER)
    course.team.extend(CourseTeacher(user=user, role=role, seq=seq) for seq, (user, role) in enumerate(ordered))
    session().flush()
    events.content_changed.send(__name__, kind="course", uuid=course.uuid)
