"""Groups so small that what they answered would tell who said it."""

from __future__ import annotations

from collections.abc import Mapping

SMALLEST = 5


def too_small(sizes: Mapping[str, int], smallest: int = SMALLEST) -> set[str]:
    """The groups that are not told: those under `smallest`, and as many of the next ones as hide them.

    Whoever knows the whole takes the others away from it: what is left has to be two groups and `smallest` answers.
    A group without any answer hides nothing.
    """
    hidden = {name for name, size in sizes.items() if 0 < size < smallest}
    others = sorted((name for name, size in sizes.items() if size >= smallest), key=lambda name: sizes[name])
    while hidden and others and (len(hidden) == 1 or sum(sizes[name] for name in hidden) < smallest):
        hidden.add(others.pop(0))
    return hidden
