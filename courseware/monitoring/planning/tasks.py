"""Giving out work that a figure asks for, taking it back, and seeing whether it was done."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.assessment.models import Question, QuestionPoint
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring.indicators.curriculum import MOVING
from courseware.monitoring.planning.errors import DueInThePast, NobodyToAsk, NothingChosen
from courseware.monitoring.planning.models import EVIDENCE, MEDIA, QUESTION, RESOURCE, UPDATE, USE, PlanTask
from courseware.monitoring.reminders import tell_of_tasks
from courseware.monitoring.rollups.tables import ResourceDay
from courseware.resources.models import Resource, ResourcePoint, ResourceVersion

NOTE_CHARS = 500
LISTED = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to be done, and who is asked; `assignee_id` None where nobody answers for it."""

    kind: str
    name: str
    assignee_id: int | None
    resource_id: int | None = None
    point_id: int | None = None
    course_id: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A task with the moment it was fulfilled; None while it is open."""

    task: PlanTask
    done_at: dt.datetime | None

    @property
    def is_late(self) -> bool:
        """Open, and its day is over in Shanghai."""
        due = self.task.due_on
        return self.done_at is None and due is not None and due < clock.now().astimezone(REPORTING_ZONE).date()


def assign(
    actor: User, library: Library, wanted: Sequence[Wanted], *, due_on: dt.date | None = None, note: str = ""
) -> list[PlanTask]:
    """Gives each thing to its person, by letter too where there is a mail server; what is given and open stays as it is.

    Raises NotAllowed, NothingChosen, NobodyToAsk, DueInThePast.
    """
    policy.require_monitor(actor, library)
    _check(wanted, due_on)
    given = {_about(one.task) for one in standings(library) if one.done_at is None}
    made = [_task(actor, library, w, due_on, note[:NOTE_CHARS]) for w in wanted if _about(w) not in given]
    session().add_all(made)
    session().flush()
    for task in made:
        auditlog.record("plan.assign", actor, about=task, details={"kind": task.kind})
    tell_of_tasks(made)
    return made


def drop(actor: User, uuid: uuidlib.UUID) -> PlanTask:
    """Takes a task back; it stays in the log. Raises NotFound, NotAllowed."""
    task = session().scalar(select(PlanTask).where(PlanTask.uuid == uuid, PlanTask.dropped_at.is_(None)))
    if task is None:
        raise NotFound()
    policy.require_monitor(actor, task.library)
    task.dropped_at = clock.now()
    auditlog.record("plan.drop", actor, about=task)
    return task


def standings(library: Library) -> list[Standing]:
    """The newest 200 tasks of a library that were not taken back, open ones first, then by day."""
    return _standings(select(PlanTask).where(PlanTask.library_id == library.id))


def tasks_of(person: User) -> list[Standing]:
    """What a person is asked to do and has not done."""
    return [one for one in _standings(select(PlanTask).where(PlanTask.assignee_id == person.id)) if not one.done_at]


def _check(wanted: Sequence[Wanted], due_on: dt.date | None) -> None:
    if not wanted:
        raise NothingChosen()
    unasked = next((w for w in wanted if w.assignee_id is None), None)
    if unasked is not None:
        raise NobodyToAsk(name=unasked.name)
    if due_on is not None and due_on < clock.now().astimezone(REPORTING_ZONE).date():
        raise DueInThePast(day=due_on.isoformat())


def _task(actor: User, library: Library, wanted: Wanted, due_on: dt.date | None, note: str) -> PlanTask:
    return PlanTask(
        library_id=library.id, kind=wanted.kind, resource_id=wanted.resource_id, point_id=wanted.point_id,
        course_id=wanted.course_id, assignee_id=wanted.assignee_id, assigned_by_id=actor.id, assigned_at=clock.now(),
        due_on=due_on, note=note, reasons=list(wanted.reasons),
    )  # fmt: skip


def _about(thing: Wanted | PlanTask) -> tuple[str, int | None, int | None, int | None]:
    return thing.kind, thing.resource_id, thing.point_id, thing.course_id if thing.kind == QUESTION else None


def _standings(query: Select[Any]) -> list[Standing]:
    load = (
        joinedload(PlanTask.resource), joinedload(PlanTask.point), joinedload(PlanTask.course),
        joinedload(PlanTask.assignee), joinedload(PlanTask.library),
    )  # fmt: skip
    query = query.where(PlanTask.dropped_at.is_(None)).order_by(PlanTask.id.desc()).limit(LISTED)
    tasks = session().scalars(query.options(*load)).all()
    done = _done([task.id for task in tasks])
    return sorted((Standing(task, done.get(task.id)) for task in tasks), key=_order)


def _order(one: Standing) -> tuple[bool, dt.date, int]:
    return one.done_at is not None, one.task.due_on or dt.date.max, -one.task.id


def _done(ids: Iterable[int]) -> dict[int, dt.datetime]:
    """When each task was fulfilled: by what was published, or used, after it was given."""
    wanted = list(ids)
    found: dict[int, dt.datetime] = {}
    for query in (_revised(), _proven(), _asked(), _taught(), _shown(), _used()):
        rows = session().execute(query.where(PlanTask.id.in_(wanted)).group_by(PlanTask.id)).tuples()
        found |= dict(rows.all())
    return found


def _revised() -> Any:
    since = ResourceVersion.published_at >= PlanTask.assigned_at
    query = select(PlanTask.id, func.min(ResourceVersion.published_at))
    query = query.join(ResourceVersion, ResourceVersion.resource_id == PlanTask.resource_id)
    return query.where(PlanTask.kind == UPDATE, since, ResourceVersion.decided_class == "substantive")


def _proven() -> Any:
    query = select(PlanTask.id, func.max(ResourceVersion.published_at)).join(
        Resource, Resource.id == PlanTask.resource_id
    )
    query = query.join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
    return query.where(PlanTask.kind == EVIDENCE, ResourceVersion.is_evidence_accepted)


def _asked() -> Any:
    query = select(PlanTask.id, func.min(Question.published_at))
    query = query.join(QuestionPoint, QuestionPoint.point_id == PlanTask.point_id)
    query = query.join(Question, Question.id == QuestionPoint.question_id)
    is_live = Question.published_at.is_not(None) & Question.withdrawn_at.is_(None)
    return query.where(PlanTask.kind == QUESTION, is_live, Question.course_id == PlanTask.course_id)


def _taught() -> Any:
    return _of_point(func.min(Resource.first_published_at)).where(PlanTask.kind == RESOURCE, Resource.is_live)


def _shown() -> Any:
    query = _of_point(func.min(Resource.first_published_at)).where(PlanTask.kind == MEDIA, Resource.is_live)
    return query.where(Resource.type.in_(sorted(MOVING)))


def _used() -> Any:
    query = _of_point(func.min(ResourceDay.used_at)).join(ResourceDay, ResourceDay.resource_id == Resource.id)
    return query.where(PlanTask.kind == USE, ResourceDay.used_at >= PlanTask.assigned_at)


def _of_point(moment: Any) -> Any:
    """Tasks about a point with each resource that teaches it."""
    query = select(PlanTask.id, moment).join(ResourcePoint, ResourcePoint.point_id == PlanTask.point_id)
    return query.join(Resource, Resource.id == ResourcePoint.resource_id)
