"""The indexer that follows the outbox.

The index is disposable: everything in it is read from the database here and can be read again at any time.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

from sqlalchemy import ColumnElement, select, true

from courseware.assessment.models import Question
from courseware.catalog.models import Lesson
from courseware.core import events
from courseware.core.database import session
from courseware.discovery.documents import documents_for
from courseware.discovery.engine import engine
from courseware.feedback.models import Rating
from courseware.jobs import registry
from courseware.jobs import services as jobs
from courseware.jobs.models import OutboxEntry
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library
from courseware.resources.models import Resource, ResourcePoint
from search.documents import Batch, SearchDocument
from search.engine import IndexUnavailable, WriterBusy

TOPIC = "search"
BATCH = 200

Uuids = Iterable[uuidlib.UUID]
_INDEXED = (("course", Course), ("point", Point), ("lesson", Lesson), ("question", Question), ("resource", Resource))


@events.content_changed.connect
def _tell_indexer(_sender: Any, *, kind: str, uuid: uuidlib.UUID) -> None:
    jobs.tell(TOPIC, kind, uuid)


@registry.follower(TOPIC)
def follow(entries: Sequence[OutboxEntry]) -> None:
    """Brings the index up to date with what the entries name; doing it twice changes nothing."""
    wanted: dict[str, set[uuidlib.UUID]] = defaultdict(set)
    for entry in entries:
        wanted[entry.kind].add(uuidlib.UUID(entry.key))
    wanted["resource"] |= _resources_of_points(wanted["point"])
    try:
        for library in wanted.pop("library", ()):
            _follow_library(library)
        engine().apply(batch_of(wanted))
    except IndexUnavailable:
        rebuild_index()


def _follow_library(uuid: uuidlib.UUID) -> None:
    """The library opened or closed: all that lies in it may be found now, or no longer; some hundred at a time."""
    for kind, model in _INDEXED:
        for uuids in _uuids(model, _of_library(model, uuid)):
            engine().apply(batch_of(defaultdict(set, {kind: set(uuids)})))


def _of_library(model: Any, uuid: uuidlib.UUID) -> ColumnElement[bool]:
    number = select(Library.id).where(Library.uuid == uuid).scalar_subquery()
    if hasattr(model, "library_id"):
        return cast("ColumnElement[bool]", model.library_id == number)
    return cast("ColumnElement[bool]", model.course_id.in_(select(Course.id).where(Course.library_id == number)))


@registry.at_start
def ensure_index() -> None:
    """A worker that finds no usable index builds it before anything else."""
    try:
        engine().status()
    except IndexUnavailable:
        with suppress(WriterBusy):  # another worker, or a person, is at it
            rebuild_index()


def rebuild_index() -> int:
    """Builds the index anew from the database, beside the live one; returns how many documents it holds."""
    return engine().rebuild(all_documents()).documents


def batch_of(wanted: dict[str, set[uuidlib.UUID]]) -> Batch:
    """What has to go and what has to come for the things named."""
    documents = [d for kind, uuids in wanted.items() if uuids for d in documents_for(kind, uuids)]
    present = {document.id for document in documents}
    named = {f"{kind}:{uuid}" for kind, uuids in wanted.items() for uuid in uuids}
    return Batch(
        upserts=tuple(documents),
        deletes=tuple(sorted(named - present)),
        delete_groups=tuple(f"resource:{uuid}" for uuid in sorted(wanted["resource"], key=str)),
    )


def all_documents() -> Iterator[SearchDocument]:
    """Everything that may be found, read in batches, for a rebuild."""
    for kind, model in _INDEXED:
        for uuids in _uuids(model, true()):
            yield from documents_for(kind, uuids)


def _uuids(model: Any, wanted: ColumnElement[bool]) -> Iterator[list[uuidlib.UUID]]:
    """Those that are wanted, `BATCH` at a time."""
    query, last = select(model.id, model.uuid).where(wanted).order_by(model.id).limit(BATCH), 0
    while rows := session().execute(query.where(model.id > last)).all():
        yield [row.uuid for row in rows]
        last = rows[-1].id


def _resources_of_points(uuids: Uuids) -> set[uuidlib.UUID]:
    """A new alias of a point has to find the resources that teach it."""
    wanted = list(uuids)
    if not wanted:
        return set()
    query = select(Resource.uuid).join(ResourcePoint).join(Point, Point.id == ResourcePoint.point_id)
    return set(session().scalars(query.where(Point.uuid.in_(wanted), Resource.is_live)))


def tell_of_ratings(since: dt.datetime) -> int:
    """Has resources read again that were rated since; returns how many."""
    query = (
        select(Resource.uuid).join(Rating, Rating.resource_id == Resource.id).where(Rating.rated_at >= since).distinct()
    )
    found = list(session().scalars(query.where(Resource.is_live)))
    for uuid in found:
        jobs.tell(TOPIC, "resource", uuid)
    return len(found)
