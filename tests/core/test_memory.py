"""What a web process loads at its start is not walked again by the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from courseware.core import memory


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_loaded_is_out_of_the_way_and_later_garbage_is_still_found() -> None:
    memory.settle()
    assert gc.get_freeze_count() > 10_000
    circle: list[object] = []
    circle.append(circle)
    del circle
    assert gc.collect() >= 1
