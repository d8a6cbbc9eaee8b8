from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable
from typing import Any

import pytest

from courseware.accounts.models import User
from courseware.core import clock
from courseware.progress.services import EventIn, record_events
from courseware.resources.models import Resource
from tests.resources.conftest import World, world

__all__ = ["Use", "World", "use", "world"]

Use = Callable[..., None]


@pytest.fixture
def use() -> Use:
    """`use(person, resource, seconds)`: the person reads it for so long."""

    def read(person: User, resource: Resource, seconds: float = 40, **more: Any) -> None:
        event = EventIn(uuidlib.uuid4(), "read", clock.now(), resource=resource.uuid, seconds=seconds, **more)
        assert [o.status for o in record_events(person, [event])] == ["accepted"]

    return read
