"""What is different between two versions of a lesson, told by the keys of its activities. Reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courseware.catalog.merging import moved_keys
from courseware.catalog.models import Activity

ADDED, REMOVED, CHANGED, MOVED, SAME = "added", "removed", "changed", "moved", "same"
COMPARED = (
    "kind", "segment", "title", "text", "url", "minutes", "resource_id", "pinned_version_id", "is_required",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One activity before and now. `fields` names what differs, where it is on both sides."""

    kind: str
    old: Activity | None
    new: Activity | None
    fields: tuple[str, ...] = ()

    @property
    def activity(self) -> Activity:
        """The activity as it is now, or as it was where it is gone."""
        found = self.new or self.old
        assert found is not None
        return found


def compare_activities(before: Sequence[Activity], now: Sequence[Activity]) -> list[Change]:
    """Every activity of both versions in the order of `now`; those taken out stand where they stood.

    An activity that only changed its place among those kept is moved; one with other contents is changed.
    """
    old, new = {a.key: a for a in before}, {a.key: a for a in now}
    moved = set(moved_keys([a.key for a in before if a.key in new], [a.key for a in now if a.key in old]))
    found = [_change(old.get(a.key), a, a.key in moved) for a in now]
    for at, gone in enumerate(before):
        if gone.key not in new:
            found.insert(_place(found, before[:at]), Change(REMOVED, gone, None))
    return found


def _change(old: Activity | None, new: Activity, is_moved: bool) -> Change:
    if old is None:
        return Change(ADDED, None, new)
    fields = tuple(name for name in COMPARED if getattr(old, name) != getattr(new, name))
    return Change(CHANGED if fields else MOVED if is_moved else SAME, old, new, fields)


def _place(found: Sequence[Change], earlier: Sequence[Activity]) -> int:
    """After the nearest earlier activity that is shown already."""
    places = {change.activity.key: at for at, change in enumerate(found)}
    return next((places[a.key] + 1 for a in reversed(earlier) if a.key in places), 0)
