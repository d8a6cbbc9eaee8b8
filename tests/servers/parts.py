"""Real parts that a machine may lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from tests.servers.shared import CannotRun

T = TypeVar("T")
NOT_RUN = "not run: "


def need(start: Callable[..., T], *arguments: Any) -> T:
    """A real part, or the reason why it cannot run here: a skip on a desk, a failure in CI."""
    try:
        return start(*arguments)
    except CannotRun as reason:
        pytest.skip(f"{NOT_RUN}{reason}")
