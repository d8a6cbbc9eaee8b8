"""Who uses a resource. Known higher up: those subjects register a provider with `tell_uses`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from courseware.resources.models import Resource


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a resource is used: a lesson, say. `version_num` is set where it pins a version; `copied_from` names the lesson it is a copy of.

    `is_public`: whether everybody may look at it."""

    title: str
    path: str
    where: str = ""
    unit: str = ""
    version_num: int | None = None
    opened_by: int | None = None
    copied_from: str = ""
    is_public: bool = True


Provider = Callable[[Sequence[int]], Mapping[int, Sequence[Use]]]


Counter = Callable[[Sequence[int]], Mapping[int, int]]


_providers: list[Provider] = []


_counters: list[Counter] = []


def tell_uses(provider: Provider, counter: Counter | None = None) -> None:
    """Registers who knows where resources are used: ids in, uses by resource id out; and how many, cheaper."""
    _providers.append(provider)
    if counter is not None:
        _counters.append(counter)


def where_used(resources: Sequence[Resource]) -> dict[int, list[Use]]:
    """The uses of each resource, by its id."""
    found: dict[int, list[Use]] = defaultdict(list)
    for provider in _providers:
        for resource_id, uses in provider([r.id for r in resources]).items():
            found[resource_id] += uses
    return found


def count_uses(ids: Sequence[int]) -> dict[int, int]:
    """How often each resource is used, by its id; 0 is left out."""
    counts: dict[int, int] = defaultdict(int)
    for counter in _counters if ids else ():
        for resource_id, count in counter(ids).items():
            counts[resource_id] += count
    return counts
