"""What learning does when something below changes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from courseware.core import events
from courseware.jobs import services as jobs
from courseware.libraries.models import Course
from courseware.progress.keeping import keep_begun
from courseware.resources.models import Resource, ResourceVersion


@events.resource_published.connect
def _keep_begun(_sender: Any, *, resource: Resource, version: ResourceVersion) -> None:
    """Learners who are half way through keep what they began."""
    keep_begun(resource, version)


@events.completion_changed.connect
def _recount(_sender: Any, *, course: Course) -> None:
    """Who has done enough by the new rule completes the course."""
    jobs.enqueue("progress.completions", f"completions:{course.uuid}:{uuid4().hex[:12]}", {"course": course.id})
