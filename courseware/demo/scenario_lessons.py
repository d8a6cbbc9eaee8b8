"""Publishing lessons in a scenario."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog import services as catalog
from courseware.catalog.models import Lesson, Module
from courseware.core.database import session
from courseware.demo.scenario_story import Line, Story
from courseware.libraries.models import Course
from courseware.resources.models import Resource


def publish_lesson(story: Story, line: Line) -> None:
    """A lesson of resources and so many other activities, published by its owner.

    Nothing in it is required: in a scenario a course is completed by its own line, never by the way.
    """
    key = story.claim(Lesson, line)
    owner, items = story.named(User, line, "owner"), story.all_named(Resource, line.items("items"))
    made = catalog.create_lesson(owner, _module_of(story.named(Course, line, "course")), key, key=key)
    held: list[dict[str, Any]] = [{"kind": "resource", "resource": item, "required": False} for item in items]
    others = int(line.number_of("activities", 0))
    held += [{"kind": "discussion", "title": f"{n}", "required": False} for n in range(1, others + 1)]
    catalog.save_draft(owner, made, held)
    catalog.publish_lesson(owner, made)
    story.keep(made, key)


def _module_of(course: Course) -> Module:
    """The one module of a scenario's course. Made here: nobody in a scenario belongs to a teaching team."""
    module = session().scalar(select(Module).where(Module.course_id == course.id).limit(1))
    if module is None:
        module = Module(course_id=course.id, seq=1, title=course.name)
        session().add(module)
        session().flush()
    return module
