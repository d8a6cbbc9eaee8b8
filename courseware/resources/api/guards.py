"""Rights of programs on one resource, asked before anything that was sent is looked at."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor
from courseware.resources import queries
from courseware.resources.models import Resource
from courseware.web.api import needs_person

P = ParamSpec("P")
R = TypeVar("R")


def on_resource(may: Callable[[Actor | None, Resource], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Of a view with `resource_uuid`: SignInNeeded, NotFound or NotAllowed unless `may(person, resource)`."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            person = needs_person("write")
            if not may(person, queries.resource_by_uuid(uuidlib.UUID(str(kwargs["resource_uuid"])), person)):
                raise NotAllowed()
            return view(*args, **kwargs)

        return guarded

    return decorate
