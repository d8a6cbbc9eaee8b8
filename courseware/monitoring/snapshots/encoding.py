"""Facts as plain JSON values and back, by the types their fields declare. A record is the list of its fields."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from courseware.monitoring.facts import GivenFacts

FRAME = ("period", "now", "baseline_at")
"""Fields of the facts that say what they are about; the others are groups."""


def group_types() -> dict[str, Any]:
    """The groups of facts in their order, each with its type."""
    return {name: hint for name, hint in _hints(GivenFacts).items() if name not in FRAME}


def encode(value: Any) -> Any:
    """A fact, or a collection of them, as JSON holds it; sets in rising order, so that equal facts are equal bytes."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return [encode(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return [[encode(key), encode(item)] for key, item in value.items()]
    if isinstance(value, frozenset | set):
        return sorted(encode(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(item) for item in value]
    return value


def decode(value: Any, kind: Any) -> Any:
    """What `encode` was given. Raises ValueError, TypeError or KeyError for what it never writes."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _decode_one_of(value, inner)
    if origin is tuple:
        return _decode_tuple(value, inner)
    if origin is frozenset:
        return frozenset(decode(item, inner[0]) for item in _list(value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {decode(key, inner[0]): decode(item, inner[1]) for key, item in _list(value)}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return [decode(item, inner[0]) for item in _list(value)]
    return _decode_plain(value, kind)


def _decode_plain(value: Any, kind: Any) -> Any:
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        return _record(value, kind)
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _record(value: Any, kind: type) -> Any:
    hints, given = list(_hints(kind).values()), _list(value)
    if not _fields_needed(kind) <= len(given) <= len(hints):
        raise ValueError(f"{kind.__name__} has {len(hints)} fields, not {len(given)}")
    return kind(*(decode(item, hint) for item, hint in zip(given, hints, strict=False)))


@lru_cache(maxsize=64)
def _fields_needed(kind: type) -> int:
    """Fields without a default: those behind them may have come after the file was written."""
    if not is_dataclass(kind):
        return len(_hints(kind)) - len(kind._field_defaults)  # type: ignore[attr-defined]
    return sum(field.default is MISSING and field.default_factory is MISSING for field in fields(kind))


def _decode_one_of(value: Any, kinds: tuple[Any, ...]) -> Any:
    if value is None and types.NoneType in kinds:
        return None
    for kind in (kind for kind in kinds if kind is not types.NoneType):
        try:
            return decode(value, kind)
        except (TypeError, ValueError):
            continue
    raise TypeError(f"{value!r} is none of {kinds}")


def _decode_tuple(value: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(decode(item, kinds[0]) for item in _list(value))
    return tuple(decode(item, kind) for item, kind in zip(_list(value), kinds, strict=True))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)} if is_dataclass(kind) else hints
