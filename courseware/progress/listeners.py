"""What learning does when something below changes."""

from __future__ import annotations

from typing import Any

from courseware.core import events
from courseware.progress.keeping import keep_begun
from courseware.resources.models import Resource, ResourceVersion


@events.resource_published.connect
def _keep_begun(_sender: Any, *, resource: Resource, version: ResourceVersion) -> None:
    """Learners who are half way through keep what they began."""
    keep_begun(resource, version)
