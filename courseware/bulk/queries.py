"""Reading bulk work: the preview of an action, its effect on the figures, its items, the recent ones.

The preview judges all items in the database with the conditions that the services check one by one, so that it costs
the same for fifty resources and for thirty thousand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from courseware.accounts.models import User
from courseware.bulk.models import BulkAction, BulkItem
from courseware.core import clock
from courseware.core.database import session
from courseware.core.fractions import Ratio
from courseware.core.paging import Page
from courseware.jobs.models import Job
from courseware.libraries.models import Library
from courseware.resources import table
from courseware.resources.models import Resource, ResourcePoint, ResourceVersion

PAGE = 100
TEXT_LIKE = ("text", "image", "presentation")
CHANGED = ("done", "created", "updated")
RUNNING = ("audio", "video", "animation")
EDITABLE = ("draft", "returned")
READY = "ready"

Published = aliased(ResourceVersion)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the action would do: how many can, how many cannot by reason, what each field changes, what figures move."""

    total: int
    ready: int
    refused: Mapping[str, int]
    changes: Mapping[str, int] = field(default_factory=dict)
    effect: Sequence[Effect] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """A figure as it stands, and as it would stand. `now` and `then` are counts or ratios."""

    figure: str
    now: Ratio | int
    then: Ratio | int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an action is: items by outcome, and its job where it has one."""

    counts: Mapping[str, int]
    job: Job | None

    @property
    def refused(self) -> int:
        """What was refused."""
        return self.counts.get("refused", 0)

    @property
    def changed(self) -> int:
        """What the act changed and is not undone."""
        return sum(self.counts.get(outcome, 0) for outcome in CHANGED)


def preview(action: BulkAction) -> Preview:
    """The preview of a prepared action; a fixed number of queries, whatever the number of items."""
    verdict = _verdict(action).label("verdict")
    rows = session().execute(_judged(action, verdict, func.count()).group_by(verdict)).tuples().all()
    counts: dict[str, int] = dict(rows)
    refused = {code: number for code, number in sorted(counts.items()) if code != READY}
    return Preview(action.total, counts.get(READY, 0), refused, _changes(action), _effect(action))


def previewed(action: BulkAction, code: str = "", after: int = 0, limit: int = PAGE) -> Page[tuple[Resource, str]]:
    """The resources of a prepared action with their verdict, a page at a time; those refused with `code` alone."""
    verdict = _verdict(action)
    query = _judged(action, BulkItem.seq, Resource, verdict).options(
        joinedload(Resource.author), joinedload(Resource.course)
    )
    query = query.where(verdict == code) if code else query
    rows = session().execute(query.where(BulkItem.seq > after).order_by(BulkItem.seq).limit(limit + 1)).all()
    following = str(rows[limit - 1][0]) if len(rows) > limit else None
    return Page([(resource, found) for _seq, resource, found in rows[:limit]], following)


def standing(action: BulkAction) -> Standing:
    """How far the action is."""
    query = select(BulkItem.outcome, func.count()).where(BulkItem.action_id == action.id).group_by(BulkItem.outcome)
    counts = dict(session().execute(query).tuples().all())
    key = {"checking": "bulk.check", "undoing": "bulk.undo", "undone": "bulk.undo"}.get(action.state, "bulk.run")
    job = session().scalar(select(Job).where(Job.key == f"{key}:{action.uuid}"))
    return Standing(counts, job)


def items(
    action: BulkAction, outcomes: Sequence[str], after: int = 0, *, name: str = "", code: str = "", limit: int = PAGE
) -> Page[BulkItem]:
    """Items with one of `outcomes` in their order, narrowed to a field or a reason; a page at a time."""
    query = select(BulkItem).where(BulkItem.action_id == action.id, BulkItem.outcome.in_(outcomes))
    query = query.where(BulkItem.field == name) if name else query
    query = query.where(BulkItem.code == code) if code else query
    query = query.where(BulkItem.id > after).options(joinedload(BulkItem.resource)).order_by(BulkItem.id)
    rows = session().scalars(query.limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None)


def reasons(action: BulkAction, outcomes: Sequence[str]) -> list[tuple[str, str, int]]:
    """(field, code, how many) of what is wrong, the most frequent first."""
    query = select(BulkItem.field, BulkItem.code, func.count()).where(
        BulkItem.action_id == action.id, BulkItem.outcome.in_(outcomes), BulkItem.code != ""
    )
    rows = session().execute(query.group_by(BulkItem.field, BulkItem.code).order_by(func.count().desc(), BulkItem.code))
    return [(name, code, number) for name, code, number in rows]


def recent(library: Library, limit: int = 20) -> Sequence[BulkAction]:
    """The latest actions of a library that were begun, the newest first."""
    begun = (BulkAction.state != "prepared") | (BulkAction.act == "import")
    query = select(BulkAction).where(BulkAction.library_id == library.id, begun)
    parts = (joinedload(BulkAction.actor), joinedload(BulkAction.undone_by))
    return session().scalars(query.options(*parts).order_by(BulkAction.id.desc()).limit(limit)).all()


def person(user_id: int) -> User | None:
    """An account by its number."""
    return session().get(User, user_id)


# --- the verdict on one item -------------------------------------------------------------------------------------------


def _judged(action: BulkAction, *columns: Any) -> Select[Any]:
    query = table.join_parts(select(*columns)).join(BulkItem, BulkItem.resource_id == Resource.id)
    query = query.join(Published, Published.id == Resource.published_version_id, isouter=True)
    return query.where(BulkItem.action_id == action.id)


def _verdict(action: BulkAction) -> ColumnElement[str]:
    withdrawn = and_(Resource.published_version_id.is_not(None), Resource.is_live.is_(False))
    reviewed = table.Draft.state == "in_review"
    editable = table.Draft.state.in_(EDITABLE)
    match action.act:
        case "withdraw":
            return case((Resource.is_live.is_(True), READY), (withdrawn, "withdrawn"), else_="not_live")
        case "submit":
            return case(
                (reviewed, "in_review"), (withdrawn, "withdrawn"), (or_(table.Draft.id.is_(None), ~editable), "no_draft"),
                (table.is_incomplete(), "incomplete"), else_=READY,
            )  # fmt: skip
    under_review = and_(reviewed, Resource.is_live.is_(False))
    refused = [(withdrawn, "withdrawn"), (under_review, "in_review")]
    if action.values.get("tags_add"):
        refused.append((or_(table.Draft.id.is_(None), ~editable), "no_draft"))
    return case(*refused, else_=READY)


def _changes(action: BulkAction) -> dict[str, int]:
    """By field of an edit: in how many resources it would be another than now."""
    values = action.values
    plain: dict[str, Any] = {
        "course": Resource.course_id,
        "language": Resource.language,
        "difficulty": Resource.difficulty,
    }
    conditions = {name: column.is_distinct_from(values[name]) for name, column in plain.items() if name in values}
    if "licence" in values:
        conditions["licence"] = func.coalesce(Published.licence, table.Shown.licence).is_distinct_from(
            values["licence"]
        )
    if "points_add" in values:
        conditions["points_add"] = or_(*(~_has_point(point_id) for point_id in values["points_add"]))
    if "points_remove" in values:
        conditions["points_remove"] = or_(*(_has_point(point_id) for point_id in values["points_remove"]))
    if not conditions:
        return {}
    counted = [func.sum(case((condition, 1), else_=0)) for condition in conditions.values()]
    row = session().execute(_judged(action, *counted).where(_verdict(action) == READY)).one()
    return {name: number or 0 for name, number in zip(conditions, row, strict=True)}


def _has_point(point_id: int) -> ColumnElement[bool]:
    return exists().where(ResourcePoint.resource_id == Resource.id, ResourcePoint.point_id == point_id)


def _effect(action: BulkAction) -> list[Effect]:
    """M1, M2 and M3 as they stand and without what would be withdrawn; M4: how many of these count as new or revised.

    As the rules count at this moment, copies not merged; Monitor gives the figures themselves.
    """
    if action.act != "withdraw":
        return []
    mine = exists().where(BulkItem.action_id == action.id, BulkItem.resource_id == Resource.id)
    now, gone = _figures(action.library_id), _figures(action.library_id, mine)
    text, whole, original, live = (n - g for n, g in zip(now, gone, strict=True))
    return [
        Effect("M1.A", now[3], live), Effect("M2.A", Ratio(now[0], now[1]), Ratio(text, whole)),
        Effect("M3.A", Ratio(now[2], now[3]), Ratio(original, live)), Effect("M4", 0, _count_updates(action, mine)),
    ]  # fmt: skip


def _figures(library_id: int, only: ColumnElement[bool] | None = None) -> tuple[int, int, int, int]:
    long_enough = or_(Resource.type.not_in(RUNNING), Published.duration_s.is_(None), Published.duration_s >= 30)
    original = and_(Published.originality == "original", Published.is_evidence_accepted.is_(True))
    counted = (_sum(Resource.type.in_(TEXT_LIKE)), _sum(long_enough), _sum(original), func.count())
    query = select(*counted).select_from(Resource).join(Published, Published.id == Resource.published_version_id)
    query = query.where(Resource.library_id == library_id, Resource.is_live.is_(True))
    row = session().execute(query.where(only) if only is not None else query).one()
    return row[0] or 0, row[1] or 0, row[2] or 0, row[3] or 0


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=literal(0)))


def _count_updates(action: BulkAction, mine: ColumnElement[bool]) -> int:
    """How many of the chosen count in the yearly update rate of the running period: new, or revised in substance."""
    start = _period_start(action.library)
    revised = exists().where(
        ResourceVersion.resource_id == Resource.id, ResourceVersion.decided_class == "substantive",
        ResourceVersion.published_at >= start,
    )  # fmt: skip
    query = select(func.count()).select_from(Resource).where(mine, Resource.is_live.is_(True))
    return session().scalar(query.where(or_(Resource.first_published_at >= start, revised))) or 0


def _period_start(library: Library) -> Any:
    today = clock.now().astimezone(clock.REPORTING_ZONE).date()
    first = today.replace(month=library.period_start_month, day=1)
    first = first if first <= today else first.replace(year=first.year - 1)
    return clock.end_of_day(first - dt.timedelta(days=1))
