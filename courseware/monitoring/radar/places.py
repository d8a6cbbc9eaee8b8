"""Where addresses stand, looked up for a page: titles, owners, and where each opens."""

from __future__ import annotations

import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.libraries.models import CourseTeacher, Library
from courseware.libraries.services import LEADER
from courseware.monitoring.radar.models import ExternalLink, LinkPlace
from courseware.resources.models import Resource


@dataclass(frozen=True, slots=True)
class Spot:
    """A resource or a lesson, and who answers for it: the author, or the leader of the course."""

    kind: str
    uuid: uuidlib.UUID
    title: str
    owner: str


def of(library: Library, links: Iterable[ExternalLink]) -> dict[int, list[Spot]]:
    """The places of each address in this library, resources before lessons, the oldest first; two queries."""
    keys = [link.id for link in links]
    mine = (LinkPlace.library_id == library.id, LinkPlace.link_id.in_(keys))
    resources: Any = select(LinkPlace.link_id, Resource.uuid, Resource.title, User.name)
    resources = resources.join(Resource, Resource.id == LinkPlace.resource_id).join(User, User.id == Resource.author_id)
    leads = (CourseTeacher.course_id == Lesson.course_id) & (CourseTeacher.role == LEADER)
    lessons: Any = select(LinkPlace.link_id, Lesson.uuid, Lesson.title, User.name)
    lessons = lessons.join(Lesson, Lesson.id == LinkPlace.lesson_id).outerjoin(CourseTeacher, leads)
    lessons = lessons.outerjoin(User, User.id == CourseTeacher.user_id)
    found: dict[int, list[Spot]] = defaultdict(list)
    for kind, query, thing in (("resource", resources, Resource.id), ("lesson", lessons, Lesson.id)):
        for link_id, uuid, title, owner in session().execute(query.where(*mine).order_by(thing, User.id)):
            found[link_id].append(Spot(kind, uuid, title, owner or ""))
    return found
