"""Reads what speaks for revising each published resource of a library, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, cast, func, or_, select

from courseware.core.database import session
from courseware.feedback.models import ProblemReport, Rating
from courseware.monitoring.facts import Facts, ResourceFact, VersionFact
from courseware.monitoring.indicators.stock import distinct_published
from courseware.monitoring.indicators.updates import updates_of
from courseware.monitoring.indicators.use import users_by_resource
from courseware.monitoring.planning.route import Candidate
from courseware.monitoring.planning.standards import Standard, newest, standards_in, superseded
from courseware.monitoring.radar.links import dead_by_resource
from courseware.monitoring.radar.register import register
from courseware.monitoring.radar.rewinds import spots_of
from courseware.resources.models import Asset, Resource, ResourceVersion

SIGNS = ("GB", "JB/T", "JJ", "HG/T", "YD/T", "QC/T", "SJ/T", "DL/T", "IEC", "ISO")
TEXT_CHARS = 200_000


def read_candidates(library_id: int, facts: Facts) -> list[Candidate]:
    """The published resources of the library without an update in the period."""
    counted, users = updates_of(facts).counted, users_by_resource(facts)
    stars, reports, standards = _stars(library_id), _reports(library_id), _outdated(library_id)
    owners, dead, spots = _owners(library_id), dead_by_resource(library_id), spots_of(library_id)
    return [
        Candidate(
            resource.id, owners.get(resource.id, version.author_id), _changed_at(resource, version), len(users.get(resource.id, ())),
            *stars.get(resource.id, (None, 0)), reports.get(resource.id, 0), standards.get(resource.id, ()),
            dead.get(resource.id, 0), spots.get(resource.id, ()),
        )
        for resource, version in distinct_published(facts)[0]
        if resource.id not in counted
    ]  # fmt: skip


def _changed_at(resource: ResourceFact, shown: VersionFact) -> dt.datetime:
    """When its content last really changed: first publication or the last substantive revision."""
    real = [v.published_at for v in resource.versions if v.decided_class in ("new", "substantive")]
    return max(real, default=resource.first_published_at or shown.published_at)


def _owners(library_id: int) -> Mapping[int, int]:
    query = select(Resource.id, Resource.author_id).where(Resource.library_id == library_id, Resource.is_live)
    return dict(session().execute(query).tuples().all())


def _stars(library_id: int) -> dict[int, tuple[float | None, int]]:
    query = select(Rating.resource_id, func.avg(Rating.stars), func.count()).group_by(Rating.resource_id)
    query = query.join(Resource, Resource.id == Rating.resource_id).where(Resource.library_id == library_id)
    return {key: (float(mean), n) for key, mean, n in session().execute(query)}


def _reports(library_id: int) -> dict[int, int]:
    query = select(ProblemReport.resource_id, func.count()).where(ProblemReport.state == "open")
    query = query.join(Resource, Resource.id == ProblemReport.resource_id).where(Resource.library_id == library_id)
    return dict(session().execute(query.group_by(ProblemReport.resource_id)).tuples().all())


def _outdated(library_id: int) -> dict[int, tuple[tuple[str, str], ...]]:
    """Resources that name a standard which the register, or a newer year named anywhere in the library, makes an old one."""
    named: dict[int, set[Standard]] = defaultdict(set)
    for key, *texts in session().execute(_texts(library_id)):
        named[key] |= standards_in(" ".join(filter(None, texts)))
    told = register()
    known = newest([*(standard for standards in named.values() for standard in standards), *told.known])
    pairs = {key: superseded(standards, known, told) for key, standards in named.items()}
    return {key: tuple((str(old), str(new)) for old, new in found) for key, found in pairs.items() if found}


def _texts(library_id: int) -> Any:
    """Title, description, body and extracted text of what is live and may name a standard at all."""
    columns = (Resource.title, Resource.description, ResourceVersion.body, Asset.extracted_text)
    may_name = or_(*(column.contains(sign) for column in columns for sign in SIGNS))
    shown = [cast(func.substr(column, 1, TEXT_CHARS), String) for column in columns]
    query = select(Resource.id, *shown).join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
    query = query.join(Asset, Asset.id == ResourceVersion.asset_id, isouter=True)
    return query.where(Resource.library_id == library_id, Resource.is_live, may_name)
