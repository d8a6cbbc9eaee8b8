"""M4 yearly update rate: new and substantively revised resources, each once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import Facts, NoteFact, ResourceFact
from courseware.monitoring.indicators.once import once
from courseware.monitoring.periods import Period
from courseware.monitoring.results import Tally
from courseware.monitoring.spans import counts_at_end, counts_at_start, is_live, stays

NOTE_REASONS = {"metadata": "metadata", "rename": "metadata", "transcode": "transcode", "reupload": "reupload"}
NEW, REVISED = "new", "revised"
FOUR_NEW = frozenset({"新技术", "新工艺", "新规范", "新标准"})


@dataclass
class Updates:
    """The sets of M4 in one period. Everything is a set of resources; events are never counted."""

    resources: Sequence[ResourceFact]
    notes: Iterable[NoteFact]
    period: Period
    moment: dt.datetime
    now: dt.datetime

    @classmethod
    def of(cls, facts: Facts, only: Callable[[ResourceFact], bool] = lambda _: True) -> Updates:
        """The sets of `facts`, over the resources for which `only` holds."""
        chosen = [r for r in facts.resources if only(r)]
        return cls(chosen, facts.notes, facts.period, facts.period.moment(facts.now), facts.now)

    @cached_property
    def by_id(self) -> dict[int, ResourceFact]:
        return {r.id: r for r in self.resources}

    @cached_property
    def at_start(self) -> set[int]:
        """P0."""
        return {r.id for r in self.resources if counts_at_start(r.spans, self.period.start, self.moment)}

    @cached_property
    def at_end(self) -> set[int]:
        """P1."""
        return {r.id for r in self.resources if counts_at_end(r.spans, self.moment, self.now)}

    @cached_property
    def born(self) -> set[int]:
        """First published in the period, whether they stayed or not."""
        return {r.id for r in self.resources if self._in_period(r.first_published_at)}

    @cached_property
    def changed(self) -> set[int]:
        """With a substantive published revision in the period."""
        return {r.id for r in self.resources if self._has_revision(r, "substantive")}

    @cached_property
    def counted(self) -> dict[int, str]:
        """N and R, each resource once. Parts of a split stand for their source."""
        found = dict.fromkeys(self.at_start & self.at_end & self.changed, REVISED)
        for resource in self.resources:
            if resource.id in self.born and self._is_new(resource):
                self._add_new(resource, found)
        return found

    @cached_property
    def excluded(self) -> dict[int, str]:
        """What looks like an update and is none: each resource once, by the first reason that fits."""
        reasons: dict[int, str] = {}
        for key, reason in self._candidates():
            if key not in self.counted and key not in self.parts:
                reasons.setdefault(key, reason)
        return reasons

    @cached_property
    def parts(self) -> dict[int, int]:
        """Resources split off in the period and the source they stand for."""
        return {r.id: source for r in self.resources if r.id in self.born and (source := self._source(r)) != r.id}

    @cached_property
    def duplicates(self) -> int:
        """Publications refused because their content was there already."""
        return sum(note.kind == "duplicate" and self._in_period(note.at) for note in self.notes)

    def count(self, kind: str) -> int:
        """The size of N or R."""
        return sum(reason == kind for reason in self.counted.values())

    def tagged(self) -> int:
        """How many of N and R carry one of the four new tags."""
        return sum(bool(FOUR_NEW & self._tags(self.by_id[key])) for key in self.counted if key in self.by_id)

    def _is_new(self, resource: ResourceFact) -> bool:
        """Stays, and either resembles nothing earlier, or its author has said how it stands to it."""
        return stays(resource.spans, self.moment, self.now) and not resource.is_unanswered_copy

    def _candidates(self) -> Iterable[tuple[int, str]]:
        yield from ((key, "unanswered_copy") for key in sorted(self.born) if self._waits_for_answer(key))
        yield from ((key, "new_then_withdrawn") for key in sorted(self.born))
        yield from ((key, "revised_then_withdrawn") for key in sorted(self.changed - self.at_end))
        yield from ((r.id, "minor") for r in self.resources if self._has_revision(r, "minor"))
        for reason in ("metadata", "transcode", "reupload"):
            yield from ((key, reason) for key in self._noted(reason))

    def _waits_for_answer(self, key: int) -> bool:
        resource = self.by_id[key]
        return resource.is_unanswered_copy and stays(resource.spans, self.moment, self.now)

    def _noted(self, reason: str) -> list[int]:
        return [
            note.resource_id for note in self.notes
            if note.resource_id in self.by_id and NOTE_REASONS.get(note.kind) == reason and self._in_period(note.at)
        ]  # fmt: skip

    def _add_new(self, resource: ResourceFact, found: dict[int, str]) -> None:
        source = self._source(resource)
        if source == resource.id or source in self.born:
            found.setdefault(source, NEW)
        elif source in self.at_start:
            found.setdefault(source, REVISED)

    def _source(self, resource: ResourceFact) -> int:
        """The resource at the head of the line of splits; the resource itself where there is none."""
        seen = {resource.id}
        above = self.by_id.get(resource.derived_from_id or 0)
        while above is not None and above.id not in seen:
            seen.add(above.id)
            resource, above = above, self.by_id.get(above.derived_from_id or 0)
        return resource.id

    def _has_revision(self, resource: ResourceFact, kind: str) -> bool:
        return any(v.decided_class == kind and self._in_period(v.published_at) for v in resource.versions)

    def _tags(self, resource: ResourceFact) -> set[str]:
        return {tag for v in resource.versions if self._in_period(v.published_at) for tag in v.tags}

    def _in_period(self, moment: dt.datetime | None) -> bool:
        return moment is not None and self.period.start <= moment < self.moment


@once
def updates_of(facts: Facts) -> Updates:
    """The sets of M4 of all resources."""
    return Updates.of(facts)


def m4_a(facts: Facts) -> Tally:
    """Over what was published at the start."""
    updates = updates_of(facts)
    tally = _tally(updates, updates.at_start)
    claimed = Ratio(len(updates.counted) + len(updates.excluded), len(updates.at_start))
    return replace(tally, parts=_parts(updates), claimed=claimed)


def m4_b(facts: Facts) -> Tally:
    """Over the resources at acceptance; n/a where no baseline is recorded."""
    at = facts.baseline_at
    baseline = {r.id for r in facts.resources if is_live(r.spans, at)} if at and at <= facts.now else set()
    return _tally(updates_of(facts), baseline)


def m4_c(facts: Facts) -> Tally:
    """Over what is published at the end."""
    updates = updates_of(facts)
    return _tally(updates, updates.at_end)


def _tally(updates: Updates, base: set[int]) -> Tally:
    counts: dict[str, int] = {}
    for reason in updates.excluded.values():
        counts[reason] = counts.get(reason, 0) + 1
    if updates.duplicates:
        counts["duplicate"] = updates.duplicates
    return Tally(
        updates.counted, excluded=updates.excluded, denominator=len(base), excluded_counts=counts, base_keys=tuple(base)
    )


def _parts(updates: Updates) -> dict[str, int | tuple[int, int]]:
    return {
        "new": updates.count(NEW),
        "revised": updates.count(REVISED),
        "withdrawn": len(updates.at_start - updates.at_end),
        "net": len(updates.at_end) - len(updates.at_start),
        "tagged": updates.tagged(),
    }
