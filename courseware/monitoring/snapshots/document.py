"""The file of a snapshot: gzip over lines of JSON.

First a head (what, when, by which definitions, over which facts), then the figures, then the facts group by group,
last the seal: SHA-256 of all bytes before it, and their signature. Persons are numbers; a name that a roster holds
without an account goes in as a salted digest. Of the survey only counts go in: nothing tells who gave which answer.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from Crypto.PublicKey import ECC

from courseware.monitoring.definitions import BY_ID
from courseware.monitoring.facts import Facts, GivenFacts, RosterFact
from courseware.monitoring.indicators.satisfaction import in_counts, told
from courseware.monitoring.periods import Period
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.snapshots import signing
from courseware.monitoring.snapshots.encoding import decode, encode, group_types

FIRST_FORMAT, FORMAT = "keku-snapshot/1", "keku-snapshot/2"
"""Files of the first format hold each answer of the survey with the number of its person, and tell small groups."""
CHUNK = 1000
LONGEST_LINE = 64 * 1024 * 1024
LEFT_OUT = ("name", "display", "forecast")
"""What depends on the language of the reader, and what is no figure: not frozen."""

Figures = Sequence[Mapping[str, Any]]


class NoSnapshot(Exception):
    """A file that is no whole snapshot; `str()` says why."""


@dataclass(frozen=True)
class Seal:
    """What a file says of itself, the seal on it, and the digest of its bytes."""

    head: Mapping[str, Any]
    sealed_sha256: str
    sha256: str
    public_key: str
    signature: str


@dataclass(frozen=True)
class Snapshot(Seal):
    """A snapshot as read: its seal with its figures and facts."""

    figures: Figures
    facts: GivenFacts
    changed_groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Written:
    """A snapshot as written."""

    sha256: str
    public_key: str


def write(
    out: BinaryIO, facts: Facts, results: Sequence[IndicatorResult], about: Mapping[str, Any], key: ECC.EccKey
) -> Written:
    """Writes the facts, the figures counted from them and the seal. `about` names library, time and predecessor."""
    groups = {name: _items(encode(group)) for name, group in _sealed(facts).items()}
    digest = hashlib.sha256()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
        for line in _lines(_head(facts, groups, about), figures_of(results), groups):
            digest.update(line)
            packed.write(line)
        public = signing.public_key(key)
        seal = {"sha256": digest.hexdigest(), "public_key": public, "signature": signing.sign(key, digest.digest())}
        packed.write(_json({"seal": seal}))
    return Written(digest.hexdigest(), public)


def figures_of(results: Sequence[IndicatorResult]) -> list[dict[str, Any]]:
    """The figures without words of a language, as JSON gives them back."""
    plain = [{name: value for name, value in result.as_dict().items() if name not in LEFT_OUT} for result in results]
    found: list[dict[str, Any]] = json.loads(json.dumps(plain, default=str))
    return found


def read(source: BinaryIO) -> Snapshot:
    """Raises NoSnapshot for anything that `write` did not write whole."""
    with _in_words():
        groups: dict[str, list[Any]] = {name: [] for name in group_types()}
        seal, figures = _unpack(source, groups)
        changed = [name for name, items in groups.items() if _digest(items) != _sealed_digest(seal.head, name)]
        return Snapshot(**vars(seal), figures=figures, facts=_facts(seal.head, groups), changed_groups=changed)


def read_seal(source: BinaryIO) -> tuple[Seal, Figures]:
    """The seal and the figures without the facts, in little memory. Raises NoSnapshot."""
    with _in_words():
        return _unpack(source)


# --- writing


def _head(facts: Facts, groups: Mapping[str, list[Any]], about: Mapping[str, Any]) -> dict[str, Any]:
    period = facts.period
    return {
        "format": FORMAT, **about,
        "period": {"code": period.code, "kind": period.kind, "year": period.year, "start": encode(period.start), "end": encode(period.end)},
        "as_of": encode(facts.now), "baseline_at": encode(facts.baseline_at),
        "definitions": [{"id": d.id, "version": d.version, "threshold": d.threshold, "comparison": d.comparison} for d in BY_ID.values()],
        "groups": {name: {"items": len(items), "sha256": _digest(items)} for name, items in groups.items()},
    }  # fmt: skip


def _lines(head: Mapping[str, Any], figures: Figures, groups: Mapping[str, list[Any]]) -> Iterator[bytes]:
    yield _json(head)
    yield _json({"figures": figures})
    for name, items in groups.items():
        for at in range(0, len(items), CHUNK):
            yield _json({"group": name, "items": items[at : at + CHUNK]})


def _items(value: Any) -> list[Any]:
    assert isinstance(value, list)
    return value


def _sealed(facts: Facts) -> dict[str, Any]:
    """The groups as the file holds them: rosters without names or order, of the survey nothing but counts (decision 43)."""
    groups = {name: getattr(facts, name) for name in group_types()}
    return groups | {
        "rosters": _without_names(facts.rosters), "invited": frozenset(), "answers": (), "surveys": [told(facts)],
    }  # fmt: skip


def _without_names(rosters: Sequence[RosterFact]) -> list[RosterFact]:
    """A new salt each time: the same name is the same digest within a file and cannot be looked up.

    Sorted: the order of the list that a school sent would tell which number is whose.
    """
    salt = secrets.token_bytes(16)

    def digest(who: int | str) -> int | str:
        if isinstance(who, int):
            return who
        return "name:" + hashlib.blake2b(who.encode(), key=salt, digest_size=12).hexdigest()

    def sealed(people: Iterable[int | str]) -> tuple[int | str, ...]:
        return tuple(sorted(map(digest, people), key=str))

    return [replace(one, students=sealed(one.students), teachers=sealed(one.teachers)) for one in rosters]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _digest(items: list[Any]) -> str:
    digest = hashlib.sha256()
    for item in items:
        digest.update(_json(item))
    return digest.hexdigest()


# --- reading


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as problem:
        raise NoSnapshot("This is no snapshot, or it was cut off.") from problem
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise NoSnapshot(f"This snapshot cannot be read: {problem}") from problem


def _unpack(source: BinaryIO, groups: dict[str, list[Any]] | None = None) -> tuple[Seal, Figures]:
    """The seal and the figures; the facts go into `groups`, where they are wanted."""
    digest, seal, head, figures = hashlib.sha256(), None, None, None
    with gzip.GzipFile(fileobj=source) as packed:
        while line := packed.readline(LONGEST_LINE):
            if seal is not None:
                raise ValueError("something stands behind the seal")
            found = json.loads(line)
            if "seal" in found:
                seal = found["seal"]
                continue
            digest.update(line)
            if "group" in found:
                if groups is not None:
                    groups[found["group"]].extend(found["items"])
            elif "figures" in found:
                figures = found["figures"]
            else:
                head = found
    if head is None or head.get("format") not in (FIRST_FORMAT, FORMAT) or figures is None or seal is None:
        raise EOFError
    _require_sense(head, figures)
    return Seal(head, seal["sha256"], digest.hexdigest(), seal["public_key"], seal["signature"]), figures


def _require_sense(head: Mapping[str, Any], figures: Figures) -> None:
    """Raises ValueError where it is not said whose figures these are, by which definitions, or which is which."""
    if not isinstance(head["library"]["code"], str) or not isinstance(head["period"]["code"], str):
        raise ValueError("it does not say which library and period it holds")
    if not all(isinstance(given, dict) and {"id", "version"} <= given.keys() for given in head["definitions"]):
        raise ValueError("its definitions have no id or no version")
    if not all(isinstance(figure, dict) and "id" in figure for figure in figures):
        raise ValueError("its figures have no id")


def _sealed_digest(head: Mapping[str, Any], name: str) -> str:
    """What the head says of a group; one that did not exist when the file was written has to be empty."""
    known = head["groups"].get(name)
    return str(known["sha256"]) if known else _digest([])


def _facts(head: Mapping[str, Any], groups: Mapping[str, list[Any]]) -> GivenFacts:
    about = head["period"]
    period = Period(
        str(about["kind"]), int(about["year"]),
        dt.datetime.fromisoformat(about["start"]), dt.datetime.fromisoformat(about["end"]),
    )  # fmt: skip
    baseline = dt.datetime.fromisoformat(head["baseline_at"]) if head["baseline_at"] else None
    known = {name: decode(groups[name], kind) for name, kind in group_types().items()}
    facts = GivenFacts(period, dt.datetime.fromisoformat(head["as_of"]), baseline, **known)
    return replace(facts, surveys=(in_counts(facts, smallest=1),)) if head["format"] == FIRST_FORMAT else facts
