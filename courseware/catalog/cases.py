"""Reading the review of lessons: what waits, one case, what came back. Queries never grow with rows."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from courseware.accounts.models import User
from courseware.catalog import policy
from courseware.catalog.models import (
    Activity,
    Lesson,
    LessonCase,
    LessonDecision,
    LessonEditor,
    LessonReviewer,
    LessonVersion,
)
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.libraries.models import Course, Library
from courseware.review import policy as review_policy
from courseware.review.queries import LEVEL, LEVEL_BEFORE, OWN, ROLE, UNIT
from courseware.review.queries.waiting import SOON

PAGE = 30


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What is listed: `state` open or decided, `mine` only what the reader may decide (or decided)."""

    state: str = "open"
    mine: bool = True
    text: str = ""
    library: str = ""
    course: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case. `blocked` says why the reader may not decide it, in the words of the resource queue."""

    case: LessonCase
    blocked: str
    now: dt.datetime

    @property
    def due(self) -> str:
        """late, soon (within a day) or later; empty once decided."""
        if self.case.state != "open":
            return ""
        left = self.case.due_at - self.now
        return "late" if left < dt.timedelta() else "soon" if left < SOON else "later"

    @property
    def decision(self) -> LessonDecision | None:
        """The last decision."""
        return self.case.decisions[-1] if self.case.decisions else None


def queue(
    actor: Actor, filters: CaseFilters | None = None, after: str | None = None, limit: int = PAGE
) -> Page[CaseRow]:
    """Cases, those due first; decided ones newest first. The page after the case number `after`."""
    chosen = filters or CaseFilters()
    version = joinedload(LessonCase.version).lazyload(LessonVersion.activities)
    query = select(LessonCase).join(LessonCase.lesson).options(*_parts(), version).limit(limit + 1)
    for condition in _conditions(actor, chosen):
        query = query.where(condition)
    is_open = chosen.state == "open"
    order = (LessonCase.due_at, LessonCase.id) if is_open else (LessonCase.id.desc(),)
    last = session().get(LessonCase, int(after)) if after and after.isdecimal() else None
    if last is not None:
        same_time = and_(LessonCase.due_at == last.due_at, LessonCase.id > last.id)
        query = query.where(or_(LessonCase.due_at > last.due_at, same_time) if is_open else LessonCase.id < last.id)
    found = session().scalars(query.order_by(*order)).unique().all()
    rows = _rows(actor, found[:limit])
    return Page(rows, str(rows[-1].case.id) if len(found) > limit else None)


def counts(actor: Actor) -> dict[str, int]:
    """How many wait for this reader, for anybody, are late for the reader, were decided by them. One query."""
    waiting, mine = LessonCase.state == "open", _decidable(actor)
    decided = select(LessonDecision.case_id).where(LessonDecision.reviewer_id == actor.id)
    row = session().execute(
        select(
            func.count().filter(waiting & mine), func.count().filter(waiting),
            func.count().filter(waiting & mine & (LessonCase.due_at < clock.now())),
            func.count().filter(LessonCase.id.in_(decided)),
        ).select_from(LessonCase).join(Lesson, Lesson.id == LessonCase.lesson_id)
    ).one()  # fmt: skip
    return dict(zip(("mine", "all", "late", "decided"), row, strict=True))


def next_open(actor: Actor, other_than: LessonCase | None = None) -> LessonCase | None:
    """The case due first that the reader may decide."""
    query = select(LessonCase).join(LessonCase.lesson).where(LessonCase.state == "open", _decidable(actor))
    query = query.where(LessonCase.id != other_than.id) if other_than is not None else query
    return session().scalar(query.order_by(LessonCase.due_at, LessonCase.id).limit(1))


def case_of(case_uuid: uuidlib.UUID, actor: Actor | None) -> CaseRow:
    """One case with all of both versions, for those who may see it; raises NotFound."""
    query = select(LessonCase).where(LessonCase.uuid == case_uuid).options(*_parts(), *_contents())
    case = session().scalars(query).unique().one_or_none()
    if case is None or actor is None or not policy.can_see_case(actor, case):
        raise NotFound()
    return _rows(actor, [case])[0]


def newer_than(case: LessonCase) -> LessonCase | None:
    """The open case that took the place of one that ended."""
    if case.state == "open":
        return None
    query = select(LessonCase).where(LessonCase.lesson_id == case.lesson_id, LessonCase.id > case.id)
    return session().scalar(query.where(LessonCase.state == "open").order_by(LessonCase.id.desc()).limit(1))


def history_of(lesson: Lesson, limit: int = 20) -> Sequence[LessonCase]:
    """Decided cases of the lesson, newest first, with their decisions."""
    query = select(LessonCase).where(LessonCase.lesson_id == lesson.id, LessonCase.decisions.any())
    parts = (joinedload(LessonCase.version).lazyload(LessonVersion.activities), *_decisions())
    return session().scalars(query.options(*parts).order_by(LessonCase.id.desc()).limit(limit)).unique().all()


def last_case(lesson: Lesson) -> LessonCase | None:
    """The newest case of the lesson with its decisions: what the board tells its owner."""
    query = select(LessonCase).where(LessonCase.lesson_id == lesson.id)
    parts = (joinedload(LessonCase.submitted_by), *_decisions())
    return session().scalar(query.options(*parts).order_by(LessonCase.id.desc()).limit(1))


def _conditions(actor: Actor, filters: CaseFilters) -> Iterable[ColumnElement[bool]]:
    if filters.state == "open":
        yield LessonCase.state == "open"
        if filters.mine:
            yield _decidable(actor)
    else:
        decided = select(LessonDecision.case_id)
        yield LessonCase.id.in_(decided.where(LessonDecision.reviewer_id == actor.id) if filters.mine else decided)
    if filters.library:
        yield Lesson.course_id.in_(select(Course.id).join(Library).where(Library.code == filters.library))
    if filters.course:
        yield Lesson.course_id.in_(select(Course.id).where(Course.code == filters.course))
    if filters.level:
        yield LessonCase.level == filters.level
    if filters.text.strip():
        yield Lesson.title.icontains(filters.text.strip(), autoescape=True)


def _decidable(actor: Actor) -> ColumnElement[bool]:
    """What R35 and R37 leave to the reader: their level, no own work, not the level after one's own."""
    edited = select(LessonEditor.version_id).where(LessonEditor.user_id == actor.id)
    before = select(LessonDecision.case_id).where(
        LessonDecision.reviewer_id == actor.id,
        LessonDecision.case_id == LessonCase.id,
        LessonDecision.level == LessonCase.level - 1,
    )
    named = select(LessonReviewer.case_id).where(
        LessonReviewer.user_id == actor.id, LessonReviewer.case_id == LessonCase.id, LessonReviewer.level == LessonCase.level
    )  # fmt: skip
    barred = false() if actor.unit_id is None else LessonCase.barred_unit_id == actor.unit_id
    return and_(
        or_(LessonCase.asked_role.in_(review_policy.roles_of(actor)), LessonCase.id.in_(named)),
        or_(LessonCase.barred_unit_id.is_(None), not_(barred)),
        Lesson.owner_id != actor.id, LessonCase.submitted_by_id != actor.id,
        LessonCase.version_id.not_in(edited), LessonCase.id.not_in(before),
    )  # fmt: skip


def _rows(actor: Actor, cases: Sequence[LessonCase]) -> list[CaseRow]:
    edited, now = _edited_by(actor, [case.version_id for case in cases]), clock.now()
    return [CaseRow(case, _blocked(actor, case, edited), now) for case in cases]


def _edited_by(actor: Actor, version_ids: Sequence[int]) -> set[int]:
    query: Select[int] = select(LessonEditor.version_id).where(LessonEditor.version_id.in_(version_ids))
    return set(session().scalars(query.where(LessonEditor.user_id == actor.id))) if version_ids else set()


def _blocked(actor: Actor, case: LessonCase, edited: set[int]) -> str:
    if actor.id in (case.submitted_by_id, case.lesson.owner_id) or case.version_id in edited:
        return OWN
    if not review_policy.can_review(actor):
        return ROLE
    if policy.is_barred(actor, case):
        return UNIT
    if policy.took_level_before(actor, case):
        return LEVEL_BEFORE
    return "" if policy.may_take_level(actor, case) else LEVEL


def _decisions() -> tuple[ExecutableOption, ...]:
    return (selectinload(LessonCase.decisions).joinedload(LessonDecision.reviewer).lazyload(User.grants),)


def _parts() -> tuple[ExecutableOption, ...]:
    lesson = joinedload(LessonCase.lesson)
    return (
        lesson.joinedload(Lesson.course).joinedload(Course.library), lesson.joinedload(Lesson.owner),
        joinedload(LessonCase.submitted_by),
        *_decisions(),
    )  # fmt: skip


def _contents() -> tuple[ExecutableOption, ...]:
    activity = (joinedload(Activity.resource), joinedload(Activity.pinned_version))
    return (
        joinedload(LessonCase.version).selectinload(LessonVersion.activities).options(*activity),
        joinedload(LessonCase.base_version).selectinload(LessonVersion.activities).options(*activity),
        joinedload(LessonCase.rules),
    )
