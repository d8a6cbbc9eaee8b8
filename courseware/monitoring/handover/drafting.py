"""The form in which people write a mapping: a line for each column of theirs, three empty ones below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from courseware.monitoring.handover.mapping import Field, FieldMap, faults_of
from courseware.monitoring.handover.records import FIELDS
from courseware.monitoring.handover.words import FIELD_WORDS

EMPTY_LINES, MOST_LINES = 3, 200


@dataclass(frozen=True, slots=True)
class Line:
    """One column of theirs as written: `codes` are lines like "video = V9"."""

    name: str = ""
    ours: str = ""
    value: str = ""
    codes: str = ""
    is_required: bool = False

    def as_field(self) -> Field:
        """The column; lines of codes that say nothing are left out (`faults` names them)."""
        pairs = [one.split("=", 1) for one in self.codes.splitlines() if "=" in one]
        codes = {word.strip(): code.strip() for word, code in pairs}
        return Field(self.name, self.ours, self.value, codes or None, self.is_required)

    def faults(self) -> list[str]:
        """The lines of codes that say nothing."""
        return [
            _("“%(name)s”: the line “%(line)s” is no code. Write: our word = their code.", name=self.name, line=one.strip())
            for one in self.codes.splitlines() if one.strip() and not all(part.strip() for part in one.partition("="))
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping as it stands in the form."""

    name: str
    rows: str
    lines: Sequence[Line]

    @property
    def shown(self) -> list[Line]:
        """The lines of the form, with empty ones to go on."""
        return [*self.lines, *[Line()] * EMPTY_LINES]

    def mapping(self) -> FieldMap:
        """What it says."""
        return FieldMap(self.rows, [line.as_field() for line in self.lines])

    def faults(self) -> list[str]:
        """Everything that is wrong with it, a sentence each."""
        mapping = self.mapping()
        return [*faults_of(mapping.rows, mapping.fields), *(fault for line in self.lines for fault in line.faults())]


def empty_draft(rows: str) -> Draft:
    """A beginning: all our fields under our own names."""
    return Draft("", rows, [Line(str(FIELD_WORDS[name]), name) for name in FIELDS[rows]])


def draft_of(name: str, mapping: FieldMap) -> Draft:
    """A kept mapping in the form."""
    lines = [
        Line(f.name, f.ours, f.value, "\n".join(f"{word} = {code}" for word, code in (f.values or {}).items()), f.is_required)
        for f in mapping.fields
    ]  # fmt: skip
    return Draft(name, mapping.rows, lines)


def draft_from(form: Mapping[str, str]) -> Draft:
    """What was sent: lines in which nothing is written are dropped, that is how a column is taken out."""
    lines = [_line(form, number) for number in range(MOST_LINES) if f"name-{number}" in form]
    return Draft(
        form.get("title", "").strip(), form.get("rows", ""), [line for line in lines if line.name or line.value]
    )


def _line(form: Mapping[str, str], number: int) -> Line:
    name, ours, value, codes = (form.get(f"{part}-{number}", "").strip() for part in ("name", "from", "value", "codes"))
    return Line(name, ours, value, codes, f"required-{number}" in form)
