"""What the pages of the course builder share: the course, its tabs, doing something and coming back with a sentence."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.catalog import policy
from courseware.core import clock
from courseware.core.errors import DomainError, Invalid, NotFound
from courseware.core.roles import Role
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course
from courseware.web.access import signed_in
from courseware.web.navigation import teach_nav
from courseware.web.requests import undo

TEACHERS = (Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)
LOCAL = "%Y-%m-%dT%H:%M"


def course_to_build(uuid: uuidlib.UUID) -> Course:
    """The course for people who build it or may offer lessons for it; raises NotFound."""
    course = libraries.course_by_uuid(uuid)
    if not policy.can_add_lesson(signed_in(), course):
        raise NotFound()
    return course


def draw(course: Course, template: str, **values: Any) -> str:
    """A page of the builder with its tabs, and what the person may do here."""
    person = signed_in()
    return render_template(
        template, course=course, tabs=_tabs(course, person), may_build=policy.can_build(person, course),
        may_teach=policy.can_teach(person, course), may_lead=policy.can_lead(person, course), side_nav=teach_nav(), **values,
    )  # fmt: skip


def attempt(act: Callable[[], object]) -> bool:
    """Does it, or says in a flash why not and undoes what was begun."""
    try:
        act()
    except Invalid as refusal:
        undo()
        for problem in (sentence for sentences in refusal.problems.values() for sentence in sentences):
            flash(str(problem), "error")
        if not refusal.problems:
            flash(refusal.sentence(), "error")
        return False
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
        return False
    return True


def back_to(course: Course, anchor: str | None = None, page: str = "catalog.builder") -> Response:
    """Back to a page of the builder."""
    return redirect(url_for(page, uuid=course.uuid, _anchor=anchor))


def uuid_of(text: str) -> uuidlib.UUID:
    """A uuid from a form; raises NotFound."""
    try:
        return uuidlib.UUID(text)
    except ValueError:
        raise NotFound() from None


def moment_of(text: str) -> dt.datetime | None:
    """What a datetime-local field says, as a time of Asia/Shanghai; None for an empty or broken one."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=clock.REPORTING_ZONE).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def local_moment(moment: dt.datetime | None) -> str:
    """A moment as a datetime-local field shows it, in Asia/Shanghai."""
    return f"{moment.astimezone(clock.REPORTING_ZONE):{LOCAL}}" if moment is not None else ""


def day_of(text: str) -> dt.date | None:
    """What a date field says; None for an empty or broken one."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _tabs(course: Course, person: User) -> Sequence[dict[str, str]]:
    tabs = [("builder", _("Outline"))]
    if policy.can_build(person, course) or policy.can_assist(person, course):
        tabs += [
            ("standard", _("Course standard")), ("team", _("Team")), ("terms", _("Rules and promise")), ("runs", _("Runs")),
        ]  # fmt: skip
    return [
        {"name": name, "label": label, "href": url_for(f"catalog.{name}", uuid=course.uuid)} for name, label in tabs
    ]
