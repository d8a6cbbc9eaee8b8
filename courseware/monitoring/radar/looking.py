"""Asks addresses one after another, politely: one question a second to a host, eight hosts at a time, answers kept at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from courseware.core.unit_of_work import unit_of_work
from courseware.monitoring.radar import links
from courseware.monitoring.radar.asking import Answer

HOSTS_AT_ONCE, PAUSE_S, MOST = 8, 1.0, 5_000

Ask = Callable[[str], Answer]


@dataclass
class Looked:
    """What a look came to. `silent`: asked, but nothing is concluded, because nobody at all answered."""

    asked: int = 0
    silent: int = 0
    _held: list[tuple[int, Answer]] = field(default_factory=list)
    _has_network: bool = False

    def take(self, answers: Sequence[tuple[int, Answer]]) -> list[tuple[int, Answer]]:
        """The answers to keep now. Silence is held back until some server has spoken: else this site has no way out."""
        self.asked += len(answers)
        self._has_network = self._has_network or any(answer.has_spoken for _id, answer in answers)
        ready = [*self._held, *answers]
        self._held = [] if self._has_network else [one for one in ready if one[1].outcome == "silent"]
        self.silent = len(self._held)
        return ready if self._has_network else [one for one in ready if one[1].outcome != "silent"]


def look(ask: Ask, tell: Callable[[int], bool], pause_s: float = PAUSE_S) -> Looked:
    """Asks every address that is due, at most 5,000. `tell` hears how many were asked and says whether to go on.

    Where nobody at all answered, silence proves nothing: those addresses stay as they were and are due the next time.
    """
    looked, seen = Looked(), set[int]()
    with ThreadPoolExecutor(HOSTS_AT_ONCE) as pool:
        while len(seen) < MOST and tell(looked.asked):
            began, wanted = time.monotonic(), links.due(HOSTS_AT_ONCE, seen)
            if not wanted:
                break
            seen.update(key for key, _address in wanted)
            answers = list(zip((key for key, _ in wanted), pool.map(ask, (a for _, a in wanted)), strict=True))
            _keep(looked.take(answers))
            time.sleep(max(0.0, pause_s - (time.monotonic() - began)))
    return looked


def _keep(answers: Sequence[tuple[int, Answer]]) -> None:
    with unit_of_work():
        for key, answer in answers:
            links.note(key, answer)
