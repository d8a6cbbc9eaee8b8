"""Rows about resources and their versions, with what was done to them in the period; lessons beside them (M1.B), years (M19)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.monitoring.periods import Period, previous
from courseware.monitoring.queries.ledger.rows import NO_CHANGE, Change, Entry, Row, by_id
from courseware.resources.models import LiveSpan, Resource, ResourceNote, ResourceVersion
from courseware.review.models import Decision, Submission


def resources(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Resources as the figure of `period` sees them."""
    lessons = {e.key[1] for e in entries if isinstance(e.key, tuple)}
    found = by_id(Resource, [e.key for e in entries if not isinstance(e.key, tuple)], joinedload(Resource.author))
    dates = _dates_of_acts([r.id for r in found.values()], period)
    titles = by_id(Lesson, lessons)
    return [
        _lesson_row(e, titles.get(e.key[1])) if isinstance(e.key, tuple) else _resource_row(e, found.get(e.key), dates)
        for e in entries
    ]


def years(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Simulations year by year (M19): each with what was done to it in that year."""
    found = by_id(Resource, [e.key[1] for e in entries], joinedload(Resource.author))
    ids: dict[int, list[int]] = defaultdict(list)
    for year, key in (e.key for e in entries if e.key[1] in found):
        ids[year].append(key)
    acts = {year: _dates_of_acts(keys, previous(period, period.year - year)) for year, keys in ids.items()}
    return [_year_row(e, found.get(e.key[1]), acts) for e in entries]


def _year_row(entry: Entry, resource: Resource | None, acts: dict[int, dict[int, _Act]]) -> Row:
    year = entry.key[0]
    return replace(_resource_row(entry, resource, acts.get(year, {})), kind="", year=year)


def versions(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Versions with their resource."""
    found = by_id(ResourceVersion, [e.key for e in entries], joinedload(ResourceVersion.resource))
    return [
        Row(e, v.resource.title, f"v{v.num}", v.resource.type, v.published_at, uuid=v.resource.uuid, course_id=v.resource.course_id, opens="resource", title_en=v.resource.title_en)
        if (v := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def _resource_row(entry: Entry, resource: Resource | None, acts: dict[int, _Act]) -> Row:
    if resource is None:
        return Row(entry, str(entry.key))
    act = acts[resource.id].about(entry.reason)
    return Row(
        entry, resource.title, f"{resource.external_id or resource.name} · {resource.author.name}".strip(" ·"), resource.type,
        act.at or resource.first_published_at, act.change, act.reason, act.decided_by, resource.uuid, resource.course_id,
        "resource", title_en=resource.title_en,
    )  # fmt: skip


def _lesson_row(entry: Entry, lesson: Lesson | None) -> Row:
    if lesson is None:
        return Row(entry, str(entry.key))
    return Row(
        entry,
        lesson.title,
        kind="lesson",
        at=lesson.first_published_at,
        uuid=lesson.uuid,
        course_id=lesson.course_id,
        opens="lesson",
    )


@dataclass(frozen=True, slots=True)
class _Act:
    """What was done to a resource in the period: the last revision, the last note, the last withdrawal."""

    at: dt.datetime | None = None
    change: Change = NO_CHANGE
    reason: str = ""
    decided_by: str = ""
    noted_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None

    def about(self, reason: str) -> _Act:
        """The part that explains why an entry stands where it stands."""
        match reason:
            case "new_then_withdrawn":
                return _Act(self.withdrawn_at)
            case "revised_then_withdrawn":
                return replace(self, at=self.withdrawn_at or self.at)
            case "revised" | "minor":
                return self
            case "metadata" | "transcode" | "reupload":
                return _Act(self.noted_at)
            case _:
                return _Act()


def _dates_of_acts(ids: Sequence[int], period: Period) -> dict[int, _Act]:
    latest = {v.resource_id: v for v in session().scalars(_revisions(ids, period))}
    gone, noted = _last(_withdrawals(ids)), _last(_notes(ids, period))
    deciders = _deciders([v.id for v in latest.values()])
    return {key: _act(latest.get(key), deciders, noted.get(key), gone.get(key)) for key in ids}


def _revisions(ids: Sequence[int], period: Period) -> Any:
    query = select(ResourceVersion).where(ResourceVersion.resource_id.in_(ids), ResourceVersion.num > 1)
    query = query.where(ResourceVersion.published_at >= period.start, ResourceVersion.published_at < period.end)
    return query.order_by(ResourceVersion.num)


def _withdrawals(ids: Sequence[int]) -> Any:
    query = select(LiveSpan.resource_id, LiveSpan.ended_at).where(LiveSpan.resource_id.in_(ids))
    return query.where(LiveSpan.ended_at.is_not(None)).order_by(LiveSpan.ended_at)


def _notes(ids: Sequence[int], period: Period) -> Any:
    query = select(ResourceNote.resource_id, ResourceNote.at).where(ResourceNote.resource_id.in_(ids))
    return query.where(ResourceNote.at >= period.start, ResourceNote.at < period.end).order_by(ResourceNote.at)


def _last(query: Any) -> dict[int, dt.datetime]:
    return dict(session().execute(query).tuples().all())


def _deciders(version_ids: Sequence[int]) -> dict[int, str]:
    """Who approved each version at the last level."""
    query = select(Submission.version_id, User.name).join(Decision, Decision.submission_id == Submission.id)
    query = query.join(User, User.id == Decision.reviewer_id).where(Decision.decision == "approve")
    rows = session().execute(query.where(Submission.version_id.in_(version_ids)).order_by(Decision.level))
    return dict(rows.tuples().all())


def _act(
    version: ResourceVersion | None,
    deciders: dict[int, str],
    noted_at: dt.datetime | None,
    withdrawn_at: dt.datetime | None,
) -> _Act:
    if version is None:
        return _Act(noted_at=noted_at, withdrawn_at=withdrawn_at)
    change, decided_by = _change_of(version.measured), deciders.get(version.id, "")
    return _Act(version.published_at, change, version.reason, decided_by, noted_at, withdrawn_at)


def _change_of(measured: dict[str, Any]) -> Change:
    share, seconds = measured.get("share"), measured.get("seconds")
    return Change(seconds or None, measured.get("new_chars") or None, share)
