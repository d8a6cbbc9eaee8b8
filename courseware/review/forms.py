"""What a reviewer sends: a verdict for each dimension, a class, a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from courseware.resources.change import MINOR, SUBSTANTIVE
from courseware.review.models import DIMENSIONS

NOTE_CHARS = 2000
PASS, FAIL = "pass", "fail"

DIMENSION_NAMES = {
    "political": _l("Political soundness"), "scientific": _l("Scientific soundness"),
    "applicability": _l("Applicability"), "norms": _l("Norms"),
}  # fmt: skip

DIMENSION_HELP = {
    "political": _l("right orientation, nothing unlawful"),
    "scientific": _l("terms, data and demonstration are right"),
    "applicability": _l("fits the course standard and the learners"),
    "norms": _l("name, format, marks, rights"),
}


@dataclass(slots=True)
class CaseForm:
    """The form of a case as it was sent; what was typed stays in it when it comes back."""

    verdicts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    note: str = ""
    decided_class: str | None = None
    is_evidence_accepted: bool = False
    decision: str = ""
    level: int | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> CaseForm:
        """Reads what a browser sent; unknown words count as not given."""
        chosen, level = given.get("decided_class", ""), given.get("level", "")
        return cls(
            verdicts={d: given[f"verdict-{d}"] for d in DIMENSIONS if given.get(f"verdict-{d}") in (PASS, FAIL)},
            notes={d: given.get(f"note-{d}", "").strip()[:NOTE_CHARS] for d in DIMENSIONS},
            note=given.get("note", "").strip()[:NOTE_CHARS],
            decided_class=chosen if chosen in (SUBSTANTIVE, MINOR) else None,
            is_evidence_accepted=bool(given.get("is_evidence_accepted")), decision=given.get("decision", ""),
            level=int(level) if level.isdecimal() else None,
        )  # fmt: skip

    def as_verdicts(self) -> dict[str, tuple[bool, str]]:
        """The verdicts as services take them; a note of a passed dimension is kept as well."""
        return {d: (word == PASS, self.notes.get(d, "")) for d, word in self.verdicts.items()}
