"""Reading what rules look at, and findings with the things their evidence names; fixed numbers of queries."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import Unit, User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.feedback.models import Rating
from courseware.libraries.models import Library
from courseware.monitoring.alerts.models import OPEN, Finding
from courseware.monitoring.alerts.rules import (
    LESSON,
    ORDINARY,
    PERSON,
    RESOURCE,
    ROSTER,
    CopyFact,
    MovieFact,
    RatingFact,
    RefusedUseFact,
    Traces,
)
from courseware.monitoring.models import Roster
from courseware.monitoring.periods import Period
from courseware.monitoring.queries.learned import Learned
from courseware.monitoring.queries.names import nameless
from courseware.monitoring.rosters.queries import list_sizes
from courseware.progress.days import start_of
from courseware.resources.fingerprints import Resemblance
from courseware.resources.models import Asset, CaptionTrack, Resource, ResourceVersion

IsNamed = Callable[[int | None], bool]
"""Whether the people of a unit may be named to whoever reads."""


def traces(library: Library, period: Period, now: dt.datetime) -> Traces:
    """What rules look at beside the facts of the figures, as known at `now`."""
    refused = _refused(library, period, now)
    return Traces(_copies(library), _movies(library), _ratings(library, period), refused, list_sizes(library.id))


def _copies(library: Library) -> list[CopyFact]:
    query = select(Resemblance).join(Resource, Resource.id == Resemblance.resource_id)
    rows = session().scalars(query.where(Resource.library_id == library.id, Resemblance.is_asked))
    return [CopyFact(r.resource_id, r.other_id, r.share, r.is_asked, r.answer) for r in rows]


def _movies(library: Library) -> list[MovieFact]:
    """Live videos whose pictures were measured."""
    captions = select(CaptionTrack.id).where(CaptionTrack.version_id == ResourceVersion.id)
    columns = (Resource.id, ResourceVersion.duration_s, Asset.facts, captions.exists())
    query = select(*columns).join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
    query = query.join(Asset, Asset.id == ResourceVersion.asset_id)
    query = query.where(Resource.library_id == library.id, Resource.is_live, Resource.type == "video")
    rows = session().execute(query.where(ResourceVersion.duration_s > 0)).all()
    return [
        MovieFact(key, length, measured["still_percent"], bool(measured.get("has_sound")), measured.get("peak_db"), bool(spoken))
        for key, length, measured, spoken in rows
        if measured and measured.get("still_percent") is not None
    ]  # fmt: skip


def _ratings(library: Library, period: Period) -> list[RatingFact]:
    columns = (Rating.resource_id, Rating.user_id, Rating.stars, Rating.rated_at)
    query = select(*columns).join(Resource, Resource.id == Rating.resource_id)
    query = query.where(Resource.library_id == library.id)
    inside = query.where(Rating.rated_at >= period.start, Rating.rated_at < period.end)
    return [RatingFact(*row) for row in session().execute(inside)]


def _refused(library: Library, period: Period, now: dt.datetime) -> list[RefusedUseFact]:
    """Use that is no person's learning, from the same sums as the figures: refused at intake, or judged beside others."""
    rows = Learned(library.id, period, now).uncredited()
    return [
        RefusedUseFact(user, why, events, seconds, start_of(first), start_of(last), resource)
        for user, resource, why, first, last, events, seconds in rows
        if why not in ORDINARY
    ]


def known(library: Library, period: Period) -> dict[tuple[str, str], Finding]:
    """The findings of a period by rule and subject."""
    query = select(Finding).where(Finding.library_id == library.id, Finding.period_code == period.code)
    return {(finding.rule, finding.about): finding for finding in session().scalars(query)}


def findings(library: Library, period: Period) -> list[Finding]:
    """The findings of a period: open ones first, the newest first among them."""
    query = select(Finding).where(Finding.library_id == library.id, Finding.period_code == period.code)
    rows = session().scalars(
        query.options(joinedload(Finding.decided_by)).order_by(Finding.found_at.desc(), Finding.id)
    )
    return sorted(rows, key=lambda f: (f.gone_at is not None, f.state != OPEN))


def finding_by_uuid(finding_uuid: uuidlib.UUID) -> Finding:
    """One finding with its library. Raises NotFound."""
    query = select(Finding).where(Finding.uuid == finding_uuid)
    found = session().scalar(query.options(joinedload(Finding.library), joinedload(Finding.decided_by)))
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One row of evidence looked up. `endpoint` with `uuid` as its `argument` leads to it where it has a page."""

    title: str
    note: str = ""
    at: dt.datetime | None = None
    value: float | None = None
    other: str = ""
    endpoint: str = ""
    uuid: uuidlib.UUID | None = None
    argument: str = "resource_uuid"


def lines(finding: Finding, is_named: IsNamed) -> list[Line]:
    """The kept rows of a finding, in four queries at most; people are named where `is_named` says so of their unit."""
    rows: Sequence[dict[str, Any]] = finding.rows
    resources = _by_id(
        Resource, _ids(rows, RESOURCE) | {r["other"] for r in rows if r.get("other") and r["kind"] != LESSON}
    )
    lessons, people = _by_id(Lesson, _ids(rows, LESSON)), _by_id(User, _ids(rows, PERSON))
    hidden = {key for key, person in people.items() if not is_named(person.unit_id)}
    lists = _by_id(Roster, _ids(rows, ROSTER))
    return [
        _roster_line(row, lists.get(row["id"]), is_named) if row["kind"] == ROSTER
        else _line(row, resources, lessons, people, hidden)
        for row in rows
    ]  # fmt: skip


def _ids(rows: Iterable[dict[str, Any]], kind: str) -> set[int]:
    return {row["id"] for row in rows if row["kind"] == kind}


def _line(
    row: dict[str, Any], resources: dict[int, Any], lessons: dict[int, Any], people: dict[int, Any], hidden: set[int]
) -> Line:
    at = dt.datetime.fromisoformat(row["at"]) if row.get("at") else None
    match row["kind"]:
        case "resource" if (resource := resources.get(row["id"])) is not None:
            other = resources.get(row.get("other") or 0)
            note = resource.author.name
            return Line(
                resource.title,
                note,
                at,
                row.get("value"),
                other.title if other else "",
                "resources.resource",
                resource.uuid,
            )
        case "lesson" if (lesson := lessons.get(row["id"])) is not None:
            return Line(lesson.title, "", at, row.get("value"), str(row.get("other") or 0), "", lesson.uuid)
        case "person" if (person := people.get(row["id"])) is not None:
            other = resources.get(row.get("other") or 0)
            unit = person.unit.name if person.unit else ""
            return Line(
                nameless() if row["id"] in hidden else person.name,
                unit,
                at,
                row.get("value"),
                other.title if other else "",
            )
        case _:
            return Line("—", "", at, row.get("value"))


def _roster_line(row: dict[str, Any], roster: Roster | None, is_named: IsNamed) -> Line:
    """A list of a school; it opens for those who may read it."""
    at, size = dt.datetime.fromisoformat(row["at"]), row.get("value")
    if roster is None:
        return Line("—", "", at, size)
    title, endpoint = f"{roster.unit.name} · {roster.census_on}", "monitoring_rosters.roster"
    opens = endpoint if is_named(roster.unit_id) else ""
    return Line(title, roster.filename, at, size, "", opens, roster.uuid, "roster_uuid")


def _by_id(model: Any, ids: Iterable[int]) -> dict[int, Any]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    query = select(model).where(model.id.in_(wanted))
    if model is Resource:
        query = query.options(joinedload(Resource.author))
    if model is Roster:
        query = query.options(joinedload(Roster.unit))
    return {row.id: row for row in session().scalars(query)}


def subjects(findings: Iterable[Finding], is_named: IsNamed) -> dict[int, str]:
    """The names in `about` by finding: an author, a unit, a resource, a person; one query for each kind.

    A person is named where `is_named` says so of the unit; authors stand beside their works anyway.
    """
    wanted = {finding.id: _about(finding) for finding in findings}
    rows = {kind: _by_id(model, {key for of, key in wanted.values() if of == kind}) for kind, model in NAMED.items()}
    return {
        finding: _subject(kind, row, is_named)
        for finding, (kind, key) in wanted.items()
        if (row := rows.get(kind, {}).get(key)) is not None
    }


def _subject(kind: str, row: Any, is_named: IsNamed) -> str:
    if kind == "person" and not is_named(row.unit_id):
        return nameless()
    return str(row.title if kind == "resource" else row.name)


NAMED: dict[str, Any] = {"author": User, "person": User, "unit": Unit, "resource": Resource}


def names_people(finding: Finding) -> bool:
    """Whether the finding itself is about one person: an author, or somebody who rated."""
    return _about(finding)[0] in ("author", "person")


def rows_about_people(finding: Finding) -> int:
    """How many rows of the finding, kept here, say something about a person; all of them where it is about one."""
    return len(finding.rows) if names_people(finding) else sum(row["kind"] == PERSON for row in finding.rows)


def _about(finding: Finding) -> tuple[str, int]:
    kind, key, *_rest = (*finding.about.split(":"), "")
    return kind, int(key) if key.isdigit() else 0
