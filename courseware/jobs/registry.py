"""Who does which job, and who follows which outbox topic. Subjects register here and know nothing of the engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from courseware.jobs.models import Job, OutboxEntry

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

    @property
    def life(self) -> int:
        """How often the job was begun from nothing before: 0 the first time."""
        ...

    def step(self, name: str, work: Callable[[], T], span: tuple[float, float] | None = None) -> T:
        """Runs `work` once; after a crash its result (plain JSON values) is remembered and not computed again.

        `work` opens its own `unit_of_work()` when it writes, as late and as short as it can: progress is written
        beside it, and SQLite has one writer. `span` says from where to where it takes the percentage of the job.
        """
        ...

    def progress(self, percent: float, text: str) -> None:
        """Tells people how far it is: 0-100 and what is happening."""
        ...

    def step_progress(self, percent: float) -> None:
        """Tells how far the step that runs now is, 0-100; the job's percentage follows by the span of the step."""
        ...

    def cancelled(self) -> bool:
        """Whether a person asked to stop; the handler then raises JobCancelled when convenient. Raises JobLost."""
        ...

    def confirm(self) -> None:
        """Raises JobLost when another worker has taken the job over: to be asked before something is published."""
        ...

    def give_way(self, priority: int | None = None) -> None:
        """Between steps: sets the job's own urgency, and ends its turn while somebody with more urgency waits.

        Raises JobYielded, which the handler lets pass: the job goes on later at its first unfinished step.
        """
        ...


class JobCancelled(Exception):
    """Raised by a handler that stopped because it was asked to."""


class JobYielded(Exception):
    """The turn of a job is over, the job is not."""


class JobLost(Exception):
    """Another worker has the job: whoever still works on it stops and says nothing about it any more."""


Handler = Callable[[JobRun], dict[str, Any] | None]
Follower = Callable[[Sequence[OutboxEntry]], None]
Ending = Callable[[Job], None]


@dataclass(frozen=True, slots=True)
class Traits:
    """How jobs of a kind are treated; see `handler`."""

    keeps_steps: bool = False
    alone: bool = False
    is_quick: bool = False
    ended: Ending | None = None


handlers: dict[str, Handler] = {}
traits: dict[str, Traits] = {}
followers: dict[str, Follower] = {}
starters: list[Callable[[], None]] = []
rounds: list[tuple[Callable[[], None], dt.timedelta]] = []


def handler(
    kind: str, *, keeps_steps: bool = False, alone: bool = False, is_quick: bool = False, ended: Ending | None = None
) -> Callable[[Handler], Handler]:
    """Registers the function that does jobs of `kind`.

    `keeps_steps`: finished steps are remembered from try to try, and by every worker. `alone`: a worker does one of them
    at a time, whatever its slots. `is_quick`: it has a lane of its own, and no film holds it up. `ended` hears of each job that failed or was cancelled for good, in the transaction
    that writes it, also where no handler ran: of a job that was cancelled while it waited, or that lost its workers.
    """

    def register(function: Handler) -> Handler:
        handlers[kind] = function
        traits[kind] = Traits(keeps_steps, alone, is_quick, ended)
        return function

    return register


def quick_kinds() -> list[str]:
    """The kinds that have a lane of their own."""
    return [kind for kind, known in traits.items() if known.is_quick]


def traits_of(kind: str) -> Traits:
    """How jobs of `kind` are treated."""
    return traits.get(kind, Traits())


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
