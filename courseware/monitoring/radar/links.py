"""Keeps which addresses stand where in what is published, and how they answered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import selectinload

from courseware.accounts.mailing import settings
from courseware.accounts.models import User
from courseware.catalog.models import Activity, Lesson, LessonVersion
from courseware.core import clock
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.libraries.models import Course, Library
from courseware.monitoring import policy
from courseware.monitoring.radar import pace
from courseware.monitoring.radar.addresses import addresses_in, host_of
from courseware.monitoring.radar.asking import Answer
from courseware.monitoring.radar.models import DEAD, ExternalLink, LinkPlace
from courseware.resources.models import Resource, ResourceVersion

LOOK, LATER = "monitoring.links", 8
TEXT_CHARS, CHUNK = 200_000, 500
Place = tuple[int | None, int | None]
"""(resource, lesson): one of them."""


def is_on() -> bool:
    """Whether this site looks at links outside: only where an operator says that there is a way out."""
    return settings().is_on("link_check")


def ask_for_a_look(actor: User | None = None) -> Job | None:
    """Asks the worker to look at external links, once a day, or again because a person says so; None where it is off.

    Raises NotAllowed for a person who keeps no figures.
    """
    if actor is not None and not policy.can_open_monitor(actor):
        raise NotAllowed()
    if not is_on():
        return None
    day = clock.now().astimezone(REPORTING_ZONE).date()
    job = jobs.enqueue(LOOK, f"links:{day}", {}, priority=jobs.SOON if actor else LATER)
    if actor is not None and job.state == "done":
        jobs.requeue(job)
    return job


def count() -> int:
    """How many addresses are known."""
    return session().scalar(select(func.count()).select_from(ExternalLink)) or 0


def collect(library: Library, own_host: str = "") -> int:
    """Reads what is published and writes down which addresses stand where; returns how many there are.

    An address of this site itself (`own_host`) is no external one. New ones are due at once.
    """
    found: dict[str, set[Place]] = defaultdict(set)
    for place, texts in _texts(library.id):
        for address in addresses_in("\n".join(filter(None, texts))):
            if host_of(address) != own_host:
                found[address].add(place)
    ids = _ids(found)
    session().execute(delete(LinkPlace).where(LinkPlace.library_id == library.id))
    session().add_all(
        LinkPlace(link_id=ids[address], library_id=library.id, resource_id=resource, lesson_id=lesson)
        for address, places in sorted(found.items())
        for resource, lesson in sorted(places, key=str)
    )
    session().flush()
    return len(found)


def forget_unplaced() -> None:
    """Forgets addresses that stand nowhere any more."""
    session().execute(delete(ExternalLink).where(ExternalLink.id.not_in(select(LinkPlace.link_id))))


def due(limit: int, without: Iterable[int] = ()) -> list[tuple[int, str]]:
    """(id, address) of addresses to be asked now: those that wait longest, one of each host, none of `without`."""
    longest = (
        select(ExternalLink.host, func.min(ExternalLink.id).label("id"))
        .where(ExternalLink.next_at <= clock.now(), ExternalLink.id.not_in(list(without)))
        .group_by(ExternalLink.host)
        .subquery()
    )
    query = select(ExternalLink.id, ExternalLink.address).join(longest, longest.c.id == ExternalLink.id)
    return list(session().execute(query.order_by(ExternalLink.next_at, ExternalLink.id).limit(limit)).tuples().all())


def note(link_id: int, answer: Answer) -> None:
    """Keeps how an address answered. One that was forgotten meanwhile stays so."""
    link, now = session().get(ExternalLink, link_id), clock.now()
    if link is None:
        return
    record = pace.after(pace.Record(link.state, link.failures, link.failing_since, link.next_at), answer, now)
    link.state, link.failures, link.failing_since = record.state, record.failures, record.failing_since
    link.next_at, link.checked_at, link.answer, link.moved_to = record.next_at, now, answer.said, answer.moved_to


def dead_by_resource(library_id: int) -> dict[int, int]:
    """How many dead addresses each published resource names."""
    query = select(LinkPlace.resource_id, func.count()).join(ExternalLink, ExternalLink.id == LinkPlace.link_id)
    query = query.where(
        LinkPlace.library_id == library_id, LinkPlace.resource_id.is_not(None), ExternalLink.state == DEAD
    )
    return {key: n for key, n in session().execute(query.group_by(LinkPlace.resource_id)) if key is not None}


def links_of(library: Library, state: str = "") -> list[ExternalLink]:
    """The addresses of a library with their places, those in trouble first; of one state where `state` says so."""
    mine = select(LinkPlace.link_id).where(LinkPlace.library_id == library.id)
    query = select(ExternalLink).where(ExternalLink.id.in_(mine)).options(selectinload(ExternalLink.places))
    if state:
        query = query.where(ExternalLink.state == state)
    return list(session().scalars(query.order_by(ExternalLink.failures.desc(), ExternalLink.address)))


def sizes_of(library: Library) -> dict[str, int]:
    """How many addresses of a library there are in each state."""
    mine = select(LinkPlace.link_id).where(LinkPlace.library_id == library.id)
    query = select(ExternalLink.state, func.count()).where(ExternalLink.id.in_(mine)).group_by(ExternalLink.state)
    return dict(session().execute(query).tuples().all())


def looked_at(library: Library) -> dt.datetime | None:
    """When an address of the library was last asked."""
    mine = select(LinkPlace.link_id).where(LinkPlace.library_id == library.id)
    return session().scalar(select(func.max(ExternalLink.checked_at)).where(ExternalLink.id.in_(mine)))


def _texts(library_id: int) -> Iterator[tuple[Place, Sequence[str]]]:
    """What people wrote and published: descriptions, bodies, sources; introductions and activities of lessons."""
    body = func.substr(ResourceVersion.body, 1, TEXT_CHARS)
    query: Any = select(Resource.id, Resource.description, Resource.source, body)
    query = query.join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
    query = query.where(Resource.library_id == library_id, Resource.is_live)
    for key, *texts in session().execute(
        query.where(_names_any(Resource.description, Resource.source, ResourceVersion.body))
    ):
        yield (key, None), texts
    lessons: Any = select(Lesson.id, LessonVersion.introduction, Activity.text, Activity.url)
    lessons = lessons.join(LessonVersion, LessonVersion.id == Lesson.published_version_id)
    lessons = lessons.join(Activity, Activity.version_id == LessonVersion.id, isouter=True)
    lessons = lessons.join(Course, Course.id == Lesson.course_id).where(Course.library_id == library_id)
    for key, *texts in session().execute(
        lessons.where(_names_any(LessonVersion.introduction, Activity.text, Activity.url))
    ):
        yield (None, key), texts


def _names_any(*columns: Any) -> Any:
    return or_(*(column.ilike("%http%://%") for column in columns))


def _ids(addresses: Iterable[str]) -> dict[str, int]:
    """The rows of addresses, made where there are none yet."""
    wanted = sorted(addresses)
    known: dict[str, int] = {}
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        query = select(ExternalLink.address, ExternalLink.id).where(ExternalLink.address.in_(some))
        known |= dict(session().execute(query).tuples().all())
    fresh = [ExternalLink(address=a, host=host_of(a), next_at=clock.now()) for a in wanted if a not in known]
    session().add_all(fresh)
    session().flush()
    return known | {link.address: link.id for link in fresh}
