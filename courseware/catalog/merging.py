"""Two people changed one lesson: what one of them changed goes into what the other saved, thing by thing, field by field.

Plain values, no database. An item is a dict with a `key` and the fields below, as the board sends it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, TypeVar

FIELDS = ("kind", "segment", "title", "text", "url", "minutes", "resource", "pinned", "required")
GONE = "gone"

Item = Mapping[str, Any]
Items = Sequence[Item]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Clash:
    """Both changed `field` of the thing with `key`, each to something else; GONE: one changed what the other took out."""

    key: str
    field: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What comes of it. Where there are clashes, `items` follows whom the caller preferred."""

    items: list[dict[str, Any]]
    clashes: list[Clash]


def merge(base: Items, mine: Items, theirs: Items, *, prefer_mine: bool = False) -> Merged:
    """Three-way: what changed from `base` to `mine`, applied to `theirs`.

    Things that only one side added, took out, moved or changed go through. The order is theirs, with what I added or
    moved standing behind the thing it stands behind in mine.
    """
    old, own, other = _by_key(base), _by_key(mine), _by_key(theirs)
    kept: dict[str, dict[str, Any]] = {}
    clashes: list[Clash] = []
    for key in dict.fromkeys([*other, *own]):
        item, found = _one(key, old.get(key), own.get(key), other.get(key), prefer_mine=prefer_mine)
        clashes += found
        if item is not None:
            kept[key] = item
    return Merged([kept[key] for key in _order(list(old), list(own), list(other), kept)], clashes)


def _by_key(items: Items) -> dict[str, dict[str, Any]]:
    return {str(item["key"]): _plain(item) for item in items}


def _plain(item: Item) -> dict[str, Any]:
    """Comparable: no None, no rows, nothing but the fields."""
    words = {name: str(item.get(name) or "") for name in FIELDS if name not in ("minutes", "required")}
    required = item.get("required")
    return {
        "key": str(item["key"]), **words, "minutes": int(item.get("minutes") or 0),
        "required": True if required is None else bool(required),
    }  # fmt: skip


def _one(
    key: str, old: Item | None, own: Item | None, other: Item | None, *, prefer_mine: bool
) -> tuple[dict[str, Any] | None, list[Clash]]:
    """What becomes of one thing; None when it is gone."""
    if own is not None and other is not None:
        return _fields(key, old or other, own, other, prefer_mine=prefer_mine)
    left = own or other
    if old is None or left is None:  # added by one side, or taken out by both
        return (dict(left) if left is not None else None), []
    if left == old:  # taken out by one side, untouched by the other
        return None, []
    stays = prefer_mine == (own is not None)
    return (dict(left) if stays else None), [Clash(key, GONE)]


def _fields(key: str, old: Item, own: Item, other: Item, *, prefer_mine: bool) -> tuple[dict[str, Any], list[Clash]]:
    item, clashes = dict(other), []
    for name in FIELDS:
        if own[name] in (old[name], other[name]):
            continue
        is_clash = other[name] != old[name]
        clashes += [Clash(key, name)] if is_clash else []
        if prefer_mine or not is_clash:
            item[name] = own[name]
    return item, clashes


def _order(old: list[str], own: list[str], other: list[str], kept: Mapping[str, Any]) -> list[str]:
    order = [key for key in other if key in kept]
    mine = [key for key in own if key in kept]
    moved = set(moved_keys([key for key in old if key in own], [key for key in own if key in old]))
    for at, key in enumerate(mine):
        if key in moved or key not in other:
            order = [each for each in order if each != key]
            order.insert(_place(order, mine[:at]), key)
    return order


def _place(order: list[str], earlier: list[str]) -> int:
    """Behind the nearest earlier thing that stands in `order`."""
    return next((order.index(key) + 1 for key in reversed(earlier) if key in order), 0)


def moved_keys(before: Sequence[Key], now: Sequence[Key]) -> Iterator[Key]:
    """What changed its place among the things of both lists."""
    blocks = SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks()
    kept = {key for block in blocks for key in now[block.b : block.b + block.size]}
    return (key for key in now if key not in kept)
