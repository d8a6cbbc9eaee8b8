"""Who does which job, and who follows which outbox topic. Subjects register here and know nothing of the engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from courseware.jobs.models import OutboxEntry

T = TypeVar("T")


class JobRun(Protocol):
    """What a handler sees of the job it does."""

    @property
    def payload(self) -> dict[str, Any]:
        """What was asked for."""
        ...

    @property
    def job_uuid(self) -> str:
        """The job's own uuid: a good name for a work folder."""
        ...

    def step(self, name: str, work: Callable[[], T]) -> T:
        """Runs `work` once; after a crash its result (plain JSON values) is remembered and not computed again.

        `work` opens its own `unit_of_work()` when it writes, as late and as short as it can: progress is written
        beside it, and SQLite has one writer.
        """
        ...

    def progress(self, percent: float, text: str) -> None:
        """Tells people how far it is: 0-100 and what is happening."""
        ...

    def cancelled(self) -> bool:
        """Whether a person asked to stop; the handler then raises JobCancelled when convenient."""
        ...


class JobCancelled(Exception):
    """Raised by a handler that stopped because it was asked to."""


Handler = Callable[[JobRun], dict[str, Any] | None]
Follower = Callable[[Sequence[OutboxEntry]], None]

handlers: dict[str, Handler] = {}
quick: set[str] = set()
followers: dict[str, Follower] = {}
starters: list[Callable[[], None]] = []
rounds: list[tuple[Callable[[], None], dt.timedelta]] = []


def handler(kind: str, *, is_quick: bool = False) -> Callable[[Handler], Handler]:
    """Registers the function that does jobs of `kind`. Quick ones have a lane of their own: no film holds them up."""

    def register(function: Handler) -> Handler:
        handlers[kind] = function
        if is_quick:
            quick.add(kind)
        return function

    return register


def follower(topic: str) -> Callable[[Follower], Follower]:
    """Registers the function that reads outbox entries of `topic`, in batches, at least once each."""

    def register(function: Follower) -> Follower:
        followers[topic] = function
        return function

    return register


def at_start(function: Callable[[], None]) -> Callable[[], None]:
    """Registers what a worker does once before it takes work."""
    starters.append(function)
    return function


def every(pause: dt.timedelta) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Registers what each worker does when it starts and again after each `pause`: tidying that may run twice at once."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        rounds.append((function, pause))
        return function

    return register
