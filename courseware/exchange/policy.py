"""Who may take a course along, what may leave the house, and who may bring courses in (R27)."""

from __future__ import annotations

from courseware.catalog import policy as catalog
from courseware.core.roles import Actor
from courseware.exchange.models import CourseImport, CoursePackage
from courseware.libraries.models import Course
from courseware.resources.interop import LICENCE_URLS

OPEN_LICENCES = frozenset(LICENCE_URLS)  # licences whose text lets anybody pass an unchanged copy on


def can_take(actor: Actor | None, course: Course) -> bool:
    """Everybody signed in takes an open course under an open licence along; of other courses their team does.

    Guests look and learn here; files leave the house with people who have an account (as downloads do).
    """
    if actor is None or not catalog.can_see_course(actor, course):
        return False
    return is_open(course) or catalog.can_build(actor, course)


def is_open(course: Course) -> bool:
    """Whether the course itself is published, marked open, and under a licence that lets it be passed on."""
    return leaves_freely(course.published_at is not None, course.is_open, course.licence)


def leaves_freely(is_published: bool, is_marked_open: bool, licence: str) -> bool:
    """As is_open, for callers that hold columns of the course and no row."""
    return is_published and is_marked_open and licence in OPEN_LICENCES


def may_leave(licence: str) -> bool:
    """Whether a resource under `licence` may lie in a package.

    A permission given to this library ("for use here") is none to pass copies on, whoever asks.
    """
    return licence in OPEN_LICENCES


def audience_of(actor: Actor, course: Course) -> str:
    """ "team" for people who build the course: their package also holds questions with answers; else "open"."""
    return "team" if catalog.can_build(actor, course) else "open"


def can_fetch(actor: Actor | None, package: CoursePackage) -> bool:
    """Whoever may take the course along; a package of the team is for the team."""
    if not can_take(actor, package.course) or actor is None:
        return False
    return package.audience == "open" or catalog.can_build(actor, package.course)


def can_import(actor: Actor | None, course: Course) -> bool:
    """Whoever builds the course."""
    return catalog.can_build(actor, course)


def can_see_import(actor: Actor | None, incoming: CourseImport) -> bool:
    """Whoever builds the course it came into."""
    return can_import(actor, incoming.course)
