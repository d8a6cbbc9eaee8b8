"""A mapping of fields: what another platform calls what we have (R63).

What a national or provincial platform calls a field is for that platform to say: a mapping names our fields and theirs, as JSON.
Nothing official is invented here; a code that is not in the mapping is not written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from courseware.monitoring.errors import MappingUnusable
from courseware.monitoring.handover.records import FIELDS, Record


@dataclass(frozen=True, slots=True)
class Field:
    """A column of theirs: one of our fields, or the same value in every row; `values` puts their codes for our words.

    `is_required`: their platform refuses a row in which it is empty.
    """

    name: str
    ours: str = ""
    value: str = ""
    values: Mapping[str, str] | None = None
    is_required: bool = False

    def of(self, record: Record) -> Any:
        """What stands in the row. Raises MappingUnusable for a word of ours that has no code of theirs."""
        if not self.ours:
            return self.value
        if word := self.uncoded(record):
            raise MappingUnusable(problem=_("“%(name)s” has no code for “%(word)s”.", name=self.name, word=word))
        found = record[self.ours]
        return found if self.values is None or _is_empty(found) else self.values[str(found)]

    def uncoded(self, record: Record) -> str:
        """The word of ours for which no code is given; empty where there is one, or none is needed."""
        if not self.ours or self.values is None or _is_empty(record[self.ours]):
            return ""
        word = str(record[self.ours])
        return "" if word in self.values else word

    def lacks(self, record: Record) -> bool:
        """Whether a required column is empty in this row."""
        return self.is_required and _is_empty(record[self.ours] if self.ours else self.value)

    def as_dict(self) -> dict[str, Any]:
        """As JSON writes it: what is not said is left out."""
        told = {"name": self.name, "from": self.ours, "value": self.value, "values": dict(self.values or {})}
        return {name: said for name, said in told.items() if said} | ({"required": True} if self.is_required else {})


@dataclass(frozen=True, slots=True)
class FieldMap:
    """What the rows are (resources, courses or figures), and their fields in their order."""

    rows: str
    fields: Sequence[Field]

    def as_json(self) -> str:
        """What `read_mapping` reads again."""
        told = {"rows": self.rows, "fields": [field.as_dict() for field in self.fields]}
        return json.dumps(told, ensure_ascii=False, indent=1)


def read_mapping(text: str) -> FieldMap:
    """The mapping in a JSON text. Raises MappingUnusable, which says everything that is wrong with it."""
    try:
        told = json.loads(text)
    except ValueError as problem:
        raise MappingUnusable(problem=_("The file is no JSON (%(problem)s).", problem=str(problem))) from problem
    given = told.get("fields") if isinstance(told, dict) else None
    if not isinstance(given, list):
        raise MappingUnusable(problem=_("It has no list “fields”."))
    rows, fields = str(told.get("rows", "")), [_field(one) for one in given]
    if faults := faults_of(rows, fields):
        raise MappingUnusable(problem=" ".join(faults))
    return FieldMap(rows, fields)


def faults_of(rows: str, fields: Sequence[Field]) -> list[str]:
    """What is wrong with a mapping, a sentence for each fault; empty where it can be used."""
    if rows not in FIELDS:
        return [_("The rows have to be resources, courses or figures, not “%(rows)s”.", rows=rows)]
    if not fields:
        return [_("The mapping has no field yet.")]
    faults = [fault for number, field in enumerate(fields, 1) if (fault := _fault(rows, number, field))]
    names = [field.name for field in fields if field.name]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [*faults, *(_("The name “%(name)s” stands there twice.", name=name) for name in twice)]


def _fault(rows: str, number: int, field: Field) -> str:
    if not field.name:
        return _("Field %(n)s has no name.", n=number)
    if field.ours and field.ours not in FIELDS[rows]:
        return _("“%(name)s”: we have no field “%(ours)s” of %(rows)s.", name=field.name, ours=field.ours, rows=rows)
    if field.ours and field.value:
        return _("“%(name)s”: choose one of our fields or write a fixed value, not both.", name=field.name)
    if field.values and not field.ours:
        return _("“%(name)s”: codes need one of our fields whose words they stand for.", name=field.name)
    return ""


def _field(given: Any) -> Field:
    """Of one entry of the list; what is no entry becomes a field without a name, which is a fault."""
    if not isinstance(given, dict):
        return Field("")
    values = given.get("values")
    codes = {str(word): str(code) for word, code in values.items()} if isinstance(values, dict) and values else None
    return Field(
        str(given.get("name", "")), str(given.get("from", "")), str(given.get("value", "")), codes, given.get("required") is True
    )  # fmt: skip


def _is_empty(value: Any) -> bool:
    return value is None or value == ""
