"""What a snapshot proves: its seal is whole, and its figures follow from its facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO

from courseware.monitoring.definitions import BY_ID
from courseware.monitoring.indicators import registry
from courseware.monitoring.snapshots import document, signing
from courseware.monitoring.snapshots.document import Figures, NoSnapshot, Seal, Snapshot


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a figure that is not what the facts give."""

    id: str
    part: str
    stored: Any
    counted: Any


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `problem` is empty where the file is what its keeper sealed."""

    ok: bool
    problem: str = ""
    library: str = ""
    period: str = ""
    as_of: str = ""
    sha256: str = ""
    signed_by: str = ""
    is_signer_known: bool = False
    previous: str | None = None
    figures: int = 0
    differences: Sequence[Difference] = field(default_factory=tuple)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def check(source: BinaryIO, trusted: Collection[str] = ()) -> Report:
    """Reads, checks the seal, counts every figure again.

    `trusted`: fingerprints of the keys that may have signed it. Without any nobody knows whose the key is: the report
    says so in `is_signer_known`.
    """
    try:
        found = document.read(source)
    except NoSnapshot as problem:
        return Report(ok=False, problem=str(problem))
    counted = registry.count_all(found.facts, [d["id"] for d in found.head["definitions"]])
    differences = differences_of(found.figures, document.figures_of(counted))
    flaw = changed_facts(found) or broken_seal(found) or _strange_signer(found, trusted) or altered_rules(found)
    if not flaw and differences:
        flaw = other_rules(found) or f"{len({d.id for d in differences})} figures do not follow from the facts."
    return Report(
        ok=not flaw, problem=flaw, library=found.head["library"]["code"], period=found.head["period"]["code"],
        as_of=found.head["as_of"], sha256=found.sha256, signed_by=signing.fingerprint(found.public_key),
        is_signer_known=bool(trusted) and is_trusted(found, trusted),
        previous=found.head.get("previous"), figures=len(found.figures), differences=differences,
    )  # fmt: skip


def changed_facts(found: Snapshot) -> str:
    """A sentence where a group of facts is not the one that was sealed."""
    return f"The facts were changed after sealing: {', '.join(found.changed_groups)}." if found.changed_groups else ""


def broken_seal(found: Seal) -> str:
    """A sentence where the bytes or the signature are not those of the sealing."""
    if found.sha256 != found.sealed_sha256:
        return "The file was changed after sealing."
    if not signing.is_signed_by(found.public_key, found.signature, bytes.fromhex(found.sha256)):
        return "The signature does not belong to this file."
    return ""


def is_trusted(found: Seal, trusted: Collection[str]) -> bool:
    """Whether one of the keys with these fingerprints signed it, however they are spaced."""
    return _plain(signing.fingerprint(found.public_key)) in {_plain(key) for key in trusted}


def _strange_signer(found: Seal, trusted: Collection[str]) -> str:
    if not trusted or is_trusted(found, trusted):
        return ""
    return (
        f"Another key than the one of the library signed this file: {signing.fingerprint(found.public_key)} "
        f"instead of {' or '.join(trusted)}. Its figures are those of whoever holds that key, not of the library."
    )


def _plain(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()


def differences_of(stored: Figures, counted: Figures) -> tuple[Difference, ...]:
    """Part by part; a figure that only one side has differs as a whole."""
    left, right = ({figure["id"]: figure for figure in figures} for figures in (stored, counted))
    return tuple(
        difference
        for key in dict.fromkeys([*left, *right])
        for difference in _parts(key, left.get(key, {}), right.get(key, {}))
    )


def other_rules(found: Snapshot) -> str:
    """A sentence where the file was counted by definitions this program does not have."""
    mine = {d.id: d.version for d in BY_ID.values()}
    others = [d["id"] for d in found.head["definitions"] if mine.get(d["id"]) != d["version"]]
    return f"Counted by other versions of {', '.join(others)}: use the release of that time." if others else ""


def altered_rules(found: Snapshot) -> str:
    """A sentence where the file gives a definition another target than its version has: a verdict of its own making."""
    altered = [
        given["id"]
        for given in found.head["definitions"]
        if (mine := BY_ID.get(given["id"])) is not None
        and mine.version == given["version"]
        and (mine.comparison, mine.threshold) != (given.get("comparison"), given.get("threshold"))
    ]
    return f"The targets of {', '.join(altered)} in this file are not those of their version." if altered else ""


def _parts(key: str, stored: Mapping[str, Any], counted: Mapping[str, Any]) -> list[Difference]:
    names = dict.fromkeys([*stored, *counted])
    return [
        Difference(key, name, stored.get(name), counted.get(name))
        for name in names
        if stored.get(name) != counted.get(name)
    ]
