"""What learning does when something below changes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from courseware.accounts.models import User
from courseware.core import clock, events
from courseware.jobs import services as jobs
from courseware.libraries.models import Course
from courseware.progress.keeping import keep_begun
from courseware.progress.services import EventIn, record_events
from courseware.resources.models import Resource, ResourceVersion


@events.resource_published.connect
def _keep_begun(_sender: Any, *, resource: Resource, version: ResourceVersion) -> None:
    """Learners who are half way through keep what they began."""
    keep_begun(resource, version)


@events.signed_in.connect
def _note_sign_in(_sender: Any, *, user: User) -> None:
    """Who signs in has signed in (M11.B): the site says so, no client does."""
    record_events(user, [EventIn(uuid4(), "signed_in", clock.now())])


@events.completion_changed.connect
def _recount(_sender: Any, *, course: Course) -> None:
    """Who has done enough by the new rule completes the course."""
    jobs.enqueue("progress.completions", f"completions:{course.uuid}:{uuid4().hex[:12]}", {"course": course.id})
