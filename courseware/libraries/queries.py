"""Reading libraries: the list, one library, its plan, its courses. Queries never grow with rows."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from courseware.accounts.models import Unit
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.libraries import policy
from courseware.libraries.models import (
    COURSE_KINDS,
    HOST,
    PARTICIPANT,
    Course,
    Library,
    LibraryUnit,
    Major,
    PolicyDocument,
    TrainingPlan,
    UnitTask,
)
from courseware.libraries.plans import read_plan


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """A library in the list."""

    library: Library
    first_host: Unit | None
    units: int
    courses: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A unit of a library with its tasks (R4); a participant without any is shown as such."""

    member: LibraryUnit
    tasks: Sequence[UnitTask]

    @property
    def unit(self) -> Unit:
        """The unit itself."""
        return self.member.unit


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """All that the page of a library shows from this subject."""

    library: Library
    members: Sequence[MemberRow]
    plan: TrainingPlan | None
    plan_versions: Sequence[TrainingPlan]
    documents: Sequence[PolicyDocument]
    courses: Sequence[Course]

    @property
    def hosts(self) -> list[MemberRow]:
        """Host units, the first host first."""
        return sorted((m for m in self.members if m.member.role == HOST), key=lambda m: not m.member.is_first_host)

    @property
    def participants(self) -> list[MemberRow]:
        """Participating units."""
        return [m for m in self.members if m.member.role == PARTICIPANT]

    def courses_by_kind(self) -> list[tuple[str, list[Course]]]:
        """Courses under their kind, in the order of the kinds; kinds without a course are left out."""
        groups: dict[str, list[Course]] = defaultdict(list)
        for course in self.courses:
            groups[course.kind].append(course)
        return [(kind, groups[kind]) for kind in COURSE_KINDS if kind in groups]


def library_by_code(code: str, actor: Actor | None = None) -> Library:
    """The library; raises NotFound when there is none or the actor may not know of it."""
    library = session().scalar(
        select(Library)
        .where(Library.code == code)
        .options(selectinload(Library.served_majors), selectinload(Library.members))
    )
    if library is None or not policy.can_see(actor, library):
        raise NotFound()
    return library


def find_library(code: str) -> Library | None:
    """The library of that code for commands and imports, published or not."""
    return session().scalar(select(Library).where(Library.code == code))


def all_libraries() -> Sequence[Library]:
    """Every library by its code, for commands and jobs."""
    return session().scalars(select(Library).order_by(Library.code)).all()


def list_libraries(actor: Actor | None = None) -> list[LibraryRow]:
    """The libraries the actor may see, by code, with units and published courses counted."""
    libraries = session().scalars(
        select(Library)
        .order_by(Library.code)
        .options(selectinload(Library.members), selectinload(Library.served_majors))
    )
    counts = _published_courses()
    return [
        LibraryRow(library, _first_host(library), len(library.members), counts.get(library.id, 0))
        for library in libraries
        if policy.can_see(actor, library)
    ]


def _first_host(library: Library) -> Unit | None:
    return next((member.unit for member in library.members if member.is_first_host), None)


def _published_courses() -> dict[int, int]:
    rows = session().execute(
        select(Course.library_id, func.count()).where(Course.published_at.is_not(None)).group_by(Course.library_id)
    )
    return {row[0]: row[1] for row in rows}


def library_page(code: str, actor: Actor | None, plan_version: str | None = None) -> LibraryPage:
    """The page of a library; the plan is the one in force, or the version asked for. Raises NotFound."""
    library = library_by_code(code, actor)
    versions = plan_versions(library)
    return LibraryPage(
        library=library,
        members=_members(library),
        plan=_pick_plan(versions, plan_version),
        plan_versions=versions,
        documents=policy_documents(library),
        courses=courses_of(library),
    )


def plan_versions(library: Library) -> Sequence[TrainingPlan]:
    """Published versions of the training plan, the newest first."""
    return (
        session()
        .scalars(
            select(TrainingPlan)
            .where(TrainingPlan.library_id == library.id, TrainingPlan.published_at.is_not(None))
            .order_by(TrainingPlan.valid_from.desc(), TrainingPlan.published_at.desc(), TrainingPlan.id.desc())
        )
        .all()
    )


def plan_in_force(library: Library, at: dt.datetime | None = None) -> TrainingPlan | None:
    """The plan published by `at` (now) that begins last; M9 is counted against it."""
    moment = at or clock.now()
    known = [p for p in plan_versions(library) if p.published_at is not None and p.published_at <= moment]
    return _pick_plan(known, None, moment)


def _pick_plan(
    versions: Sequence[TrainingPlan], wanted: str | None, at: dt.datetime | None = None
) -> TrainingPlan | None:
    """The version named; else the newest already valid; else the one that becomes valid next."""
    if wanted is not None:
        found = next((plan for plan in versions if plan.version == wanted), None)
        if found is None:
            raise NotFound()
        return found
    today = (at or clock.now()).astimezone(clock.REPORTING_ZONE).date()
    return next((p for p in versions if p.valid_from <= today), versions[-1] if versions else None)


def policy_documents(library: Library) -> Sequence[PolicyDocument]:
    """The rules a library gave itself, by kind and date (R61)."""
    return (
        session()
        .scalars(
            select(PolicyDocument)
            .where(PolicyDocument.library_id == library.id)
            .order_by(PolicyDocument.kind, PolicyDocument.dated_on.desc())
        )
        .all()
    )


def _members(library: Library) -> list[MemberRow]:
    tasks: dict[int, list[UnitTask]] = defaultdict(list)
    for task in session().scalars(
        select(UnitTask)
        .where(UnitTask.library_id == library.id)
        .options(joinedload(UnitTask.owner))
        .order_by(UnitTask.due_on, UnitTask.id)
    ):
        tasks[task.unit_id].append(task)
    return [MemberRow(member, tasks[member.unit_id]) for member in library.members]


def units_without_tasks(library: Library) -> list[Unit]:
    """Participating units that took nothing on (R4)."""
    return [row.unit for row in _members(library) if row.member.role == PARTICIPANT and not row.tasks]


def courses_of(library: Library, *, published_only: bool = False) -> Sequence[Course]:
    """The register of a library in its order, with teams loaded."""
    query = select(Course).where(Course.library_id == library.id).options(selectinload(Course.team))
    if published_only:
        query = query.where(Course.published_at.is_not(None))
    return session().scalars(query.order_by(Course.seq, Course.id)).all()


def course_by_uuid(uuid: uuidlib.UUID) -> Course:
    """A course with its library and team; raises NotFound."""
    course = session().scalar(
        select(Course).where(Course.uuid == uuid).options(joinedload(Course.library), selectinload(Course.team))
    )
    if course is None:
        raise NotFound()
    return course


def course_by_code(library: Library, code: str) -> Course | None:
    """A course of the register by its code."""
    return session().scalar(select(Course).where(Course.library_id == library.id, Course.code == code))


def major_by_code(code: str) -> Major | None:
    """A programme of study by its official code."""
    return session().scalar(select(Major).where(Major.code == code))


def majors() -> Sequence[Major]:
    """All majors by code."""
    return session().scalars(select(Major).order_by(Major.code)).all()


def units_by_key(keys: Sequence[str]) -> dict[str, Unit]:
    """Units by their keys: who signed a plan."""
    return {unit.key: unit for unit in session().scalars(select(Unit).where(Unit.key.in_(list(keys))))} if keys else {}


@dataclass(frozen=True, slots=True)
class Gap:
    """What R9 misses: a course of the plan that is not in the register, or not yet published."""

    code: str
    name: str
    is_core: bool
    is_registered: bool


def plan_gaps(library: Library, at: dt.datetime | None = None) -> list[Gap]:
    """Core and foundation courses of the plan in force that no published course stands for (R9, M9)."""
    plan = plan_in_force(library, at)
    if plan is None:
        return []
    known = {course.code: course for course in courses_of(library)}
    moment = at or clock.now()

    def is_built(code: str) -> bool:
        course = known.get(code)
        return course is not None and course.published_at is not None and course.published_at <= moment

    return [
        Gap(row.code, row.name, row.is_core, row.code in known)
        for row in read_plan(plan.content).courses
        if row.kind in ("core", "foundation") and not is_built(row.code)
    ]


def units() -> Sequence[Unit]:
    """All units by name, for choosing one."""
    return session().scalars(select(Unit).order_by(Unit.name)).all()
