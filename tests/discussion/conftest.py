from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.world import World, make_world


@pytest.fixture
def world(app: Any) -> World:
    return make_world()
