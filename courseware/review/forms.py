"""What a reviewer sends: a verdict for each dimension, a class, a decision; and the form of the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from courseware.resources.change import MINOR, SUBSTANTIVE
from courseware.review.models import DIMENSIONS, FLAGS
from courseware.review.rules import LEVELS_MOST, OFFERED, OWN_DIMENSIONS_MOST, Dimension, Level, Reference, Rules

NOTE_CHARS = 2000
PASS, FAIL = "pass", "fail"


@dataclass(slots=True)
class CaseForm:
    """The form of a case as it was sent; what was typed stays in it when it comes back."""

    keys: Sequence[str] = DIMENSIONS
    verdicts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    note: str = ""
    decided_class: str | None = None
    is_evidence_accepted: bool = False
    decision: str = ""
    level: int | None = None
    seen: int | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    kept_at: dt.datetime | None = None

    @classmethod
    def read(cls, given: Mapping[str, str], keys: Sequence[str] = DIMENSIONS, prefix: str = "") -> CaseForm:
        """Reads what a browser sent; unknown words count as not given. `prefix` tells cases of one page apart."""

        def of(name: str) -> str:
            return given.get(prefix + name, "")

        chosen = of("decided_class")
        return cls(
            keys, verdicts={d: of(f"verdict-{d}") for d in keys if of(f"verdict-{d}") in (PASS, FAIL)},
            notes={d: of(f"note-{d}").strip()[:NOTE_CHARS] for d in keys}, note=of("note").strip()[:NOTE_CHARS],
            decided_class=chosen if chosen in (SUBSTANTIVE, MINOR) else None,
            is_evidence_accepted=bool(of("is_evidence_accepted")), decision=of("decision"), level=_number(of("level")),
            seen=_number(of("seen")),
        )  # fmt: skip

    @classmethod
    def restored(cls, kept: Mapping[str, Any], kept_at: dt.datetime, keys: Sequence[str] = DIMENSIONS) -> CaseForm:
        """The form as it was kept unfinished (`as_kept`); dimensions that are no longer asked for stay out."""
        verdicts, notes = ({d: kept.get(name, {}).get(d, "") for d in keys} for name in ("verdicts", "notes"))
        return cls(
            keys, verdicts={d: word for d, word in verdicts.items() if word}, notes=notes, note=kept.get("note", ""),
            decided_class=kept.get("decided_class"), is_evidence_accepted=bool(kept.get("is_evidence_accepted")),
            seen=kept.get("seen"), kept_at=kept_at,
        )  # fmt: skip

    def as_kept(self) -> dict[str, Any]:
        """What is kept of an unfinished opinion, in plain values."""
        names = ("verdicts", "notes", "note", "decided_class", "is_evidence_accepted", "seen")
        return {name: getattr(self, name) for name in names}

    def as_verdicts(self) -> dict[str, tuple[bool, str]]:
        """The verdicts as services take them; a note of a passed dimension is kept as well."""
        return {d: (word == PASS, self.notes.get(d, "")) for d, word in self.verdicts.items()}

    @property
    def typed(self) -> list[tuple[str, str]]:
        """The notes that were written, by dimension; the general one has no dimension."""
        return [(d, text) for d, text in [*self.notes.items(), ("", self.note)] if text]

    @property
    def implied(self) -> str:
        """What the verdicts lead to where no decision was named: approve, return, or nothing yet."""
        if set(self.verdicts) != set(self.keys):
            return ""
        return "return" if FAIL in self.verdicts.values() else "approve"


def read_rules(given: MultiDict[str, str]) -> Rules:
    """The rules as a librarian sent them. Own dimensions keep their key by place, so that verdicts keep their meaning."""
    count = _number(given.get("levels", "")) or 0
    return Rules(
        levels=tuple(_read_level(given, number) for number in range(1, min(count, LEVELS_MOST) + 1)),
        dimensions=tuple(_read_dimensions(given)), same_unit=bool(given.get("same_unit")),
        experts={flag: ids for flag in FLAGS if (ids := _ids(given, f"expert-{flag}"))},
        references=tuple(_read_reference(line) for line in _lines(given.get("references", ""), 40)),
        words=tuple(_lines(given.get("words", ""), 500)), muted=tuple(m for m in given.getlist("muted") if m),
        confirm_hours=_number(given.get("confirm_hours", "")) or 0, lessons=bool(given.get("lessons")),
        standards=bool(given.get("standards")),
    )  # fmt: skip


def _read_level(given: MultiDict[str, str], number: int) -> Level:
    role = given.get(f"role-{number}", "")
    people = _ids(given, f"people-{number}") if role == "people" else ()
    name, days = given.get(f"name-{number}", "").strip(), _number(given.get(f"days-{number}", "")) or 0
    return Level(name, "" if role == "people" else role or "?", people, days)


def _read_dimensions(given: MultiDict[str, str]) -> list[Dimension]:
    offered = [Dimension(key) for key in OFFERED if key in given.getlist("dimension")]
    own = [(f"own-{n}", given.get(f"own-{n}", "").strip()) for n in range(1, OWN_DIMENSIONS_MOST + 1)]
    return [*offered, *(Dimension(key, name) for key, name in own if name)]


def _read_reference(line: str) -> Reference:
    title, _bar, url = line.partition("|")
    return Reference(title.strip(), url.strip())


def _lines(text: str, most: int) -> list[str]:
    lines = (line.strip()[:300] for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))[:most]


def _ids(given: MultiDict[str, str], name: str) -> tuple[int, ...]:
    return tuple(sorted({number for text in given.getlist(name) if (number := _number(text)) is not None}))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
