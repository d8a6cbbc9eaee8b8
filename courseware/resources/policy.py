"""Who may do what with a resource. Rights are checked here and in the services, never only in a page."""

from __future__ import annotations

from sqlalchemy import exists, select

from courseware.core.database import session
from courseware.core.roles import Actor, Role
from courseware.libraries import policy as libraries
from courseware.libraries.models import CourseTeacher, Library
from courseware.resources.models import Resource, ResourceVersion

STEWARDS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
STAFF = (Role.REVIEWER, *STEWARDS)


class Reader:
    """Anybody signed in who has no part in a resource: for what all such people are shown alike."""

    id = 0
    unit_id = None
    is_test = False

    def has_role(self, *roles: Role) -> bool:
        """None: what takes a role is not shown to everybody."""
        return False


def can_create(actor: Actor | None, library: Library) -> bool:
    """Teachers and stewards put resources into a library they may see; review decides what learners see."""
    return actor is not None and actor.has_role(Role.TEACHER, *STEWARDS) and libraries.can_see(actor, library)


def can_view(actor: Actor | None, resource: Resource) -> bool:
    """Everyone sees what is live in libraries they may see, and the course's team wherever it is; drafts and withdrawn
    resources are for authors and staff."""
    if resource.is_live and (libraries.can_see(actor, resource.library) or _is_on_team(actor, resource)):
        return True
    return _is_author_or_staff(actor, resource)


def can_view_version(actor: Actor | None, version: ResourceVersion) -> bool:
    """The published version is for all who may see the resource; other versions are for authors and staff."""
    resource = version.resource
    if resource.is_live and version.id == resource.published_version_id:
        return can_view(actor, resource)
    return _is_author_or_staff(actor, resource)


def can_read_version(actor: Actor | None, version: ResourceVersion) -> bool:
    """What was published once stays readable while its resource is live: lessons pin versions, and teachers compare them."""
    was_public = version.published_at is not None and version.resource.is_live
    return (was_public and can_view(actor, version.resource)) or can_view_version(actor, version)


def can_see_evidence(actor: Actor | None, resource: Resource) -> bool:
    """Evidence of rights is for authors, the course's team, reviewers and stewards."""
    return _is_staff(actor, resource) or can_edit(actor, resource)


def can_edit(actor: Actor | None, resource: Resource) -> bool:
    """Authors, the course's team and stewards edit drafts and metadata."""
    if actor is None:
        return False
    return _is_steward(actor, resource) or is_author(actor, resource) or _is_on_team(actor, resource)


def can_revise(actor: Actor | None, resource: Resource) -> bool:
    """Any teacher may propose a better version of what is live: it is reviewed like everything else."""
    if actor is None:
        return False
    is_reader = resource.is_live and actor.has_role(Role.TEACHER) and can_view(actor, resource)
    return is_reader or can_edit(actor, resource)


def can_submit(actor: Actor | None, resource: Resource) -> bool:
    """Whoever may edit the draft hands it in."""
    return can_edit(actor, resource)


def can_withdraw(actor: Actor | None, resource: Resource) -> bool:
    """The author, reviewers and stewards take a resource down, and put it back."""
    return actor is not None and (_is_staff(actor, resource) or actor.id == resource.author_id)


def can_download(actor: Actor | None, resource: Resource) -> bool:
    """Files leave the house only for people with an account (R42: guests browse and preview)."""
    return actor is not None and can_view(actor, resource)


def is_author(actor: Actor, resource: Resource) -> bool:
    """Whether the person wrote the resource or any version of it."""
    if isinstance(actor, Reader):
        return False
    if actor.id == resource.author_id:
        return True
    wrote = exists().where(ResourceVersion.resource_id == resource.id, ResourceVersion.author_id == actor.id)
    return bool(session().scalar(select(wrote)))


def _is_author_or_staff(actor: Actor | None, resource: Resource) -> bool:
    return actor is not None and (_is_staff(actor, resource) or is_author(actor, resource))


def _is_staff(actor: Actor | None, resource: Resource) -> bool:
    """Reviewers, who are called across units, and stewards."""
    return actor is not None and (actor.has_role(Role.REVIEWER) or _is_steward(actor, resource))


def _is_steward(actor: Actor, resource: Resource) -> bool:
    """Librarians and administrators; of a library that is not open only its own (SEC8)."""
    return actor.has_role(*STEWARDS) and libraries.can_see(actor, resource.library)


def _is_on_team(actor: Actor | None, resource: Resource) -> bool:
    if resource.course_id is None or actor is None or isinstance(actor, Reader):
        return False
    member = exists().where(CourseTeacher.course_id == resource.course_id, CourseTeacher.user_id == actor.id)
    return bool(session().scalar(select(member)))
