"""What a replay knows while it runs: the line at hand, and what the keys of the file stand for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from flask_babel import lazy_gettext as _l

from courseware.accounts.models import User
from courseware.core.clock import end_of_day
from courseware.demo.scenario_errors import BadLine, KeyUsed, UnknownKey
from courseware.resources.models import Asset, ResourceVersion

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """One action: its number in the file, what to do, when, and its fields."""

    number: int
    do: str
    at: dt.datetime
    fields: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        """A field that must be there; raises BadLine."""
        if self.fields.get(name) is None:
            raise BadLine(reason=_l("the field “%(name)s” is missing", name=name))
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A field that may be missing."""
        value = self.fields.get(name)
        return default if value is None else value

    def text(self, name: str, default: str | None = None) -> str:
        """A field as text."""
        return str(self[name] if default is None else self.get(name, default))

    def items(self, name: str) -> list[Any]:
        """A list field; missing means empty. Raises BadLine."""
        value = self.get(name, [])
        if not isinstance(value, list):
            raise BadLine(reason=_l("“%(name)s” is no list", name=name))
        return value

    def number_of(self, name: str, default: float | None = None) -> float:
        """A field as a number; raises BadLine."""
        value = self[name] if default is None else self.get(name, default)
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise BadLine(reason=_l("“%(name)s” is no number", name=name)) from error

    def optional_number(self, name: str) -> float | None:
        """A field as a number, or None where it is missing."""
        return None if self.get(name) is None else self.number_of(name)

    def moment(self, name: str) -> dt.datetime | None:
        """A time field; a date without time names the end of that day. None where it is missing."""
        value = self.get(name)
        if value is None:
            return None
        try:
            return end_of_day(dt.date.fromisoformat(value)) if len(value) == 10 else dt.datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise BadLine(reason=_l("“%(name)s” is no time in ISO 8601", name=name)) from error

    def day(self, name: str) -> dt.date:
        """A date field; raises BadLine."""
        try:
            return dt.date.fromisoformat(self.text(name)[:10])
        except ValueError as error:
            raise BadLine(reason=_l("“%(name)s” is no date", name=name)) from error


class Props(Protocol):
    """What a demonstration adds to a replay: real files in the place of strings, and what describes them."""

    def file_of(self, line: Line, author: User) -> Asset | None:
        """The stored file that the line's `content` stands for; None leaves the string."""
        ...

    def dress(self, line: Line, version: ResourceVersion) -> None:
        """Completes a draft before it is handed in."""
        ...


class Story:
    """The rows behind the keys. A key of a refused line stays unknown and stays used."""

    def __init__(self, base: Path | None, props: Props | None = None) -> None:
        self.base, self.props = base, props
        self._rows: dict[tuple[str, str], Any] = {}
        self._used: set[tuple[str, str]] = set()

    def claim(self, kind: type, line: Line) -> str:
        """The key that a line gives to a new row of `kind`; raises KeyUsed."""
        key = line.text("key")
        if (kind.__name__, key) in self._used:
            raise KeyUsed(key=key)
        return key

    def keep(self, row: T, key: str) -> T:
        """Remembers the row that `key` stands for."""
        name = type(row).__name__
        self._used.add((name, key))
        self._rows[name, key] = row
        return row

    def refuse(self, line: Line) -> None:
        """Remembers that the key of a refused line was used."""
        made = MADE.get(line.do)
        if made and line.get("key") is not None and (made, line.text("key")) not in self._rows:
            self._used.add((made, line.text("key")))

    def find(self, kind: type[T], key: Any) -> T:
        """The row of `kind` that an earlier line made; raises UnknownKey."""
        row = self.look(kind, key)
        if row is None:
            raise UnknownKey(key=str(key))
        return row

    def look(self, kind: type[T], key: Any) -> T | None:
        """The row of `kind`, or None."""
        return self._rows.get((kind.__name__, str(key)))

    def named(self, kind: type[T], line: Line, name: str) -> T:
        """The row that the field `name` of a line stands for; raises BadLine, UnknownKey."""
        return self.find(kind, line[name])

    def perhaps(self, kind: type[T], line: Line, name: str) -> T | None:
        """As `named`, or None where the field is missing."""
        return None if line.get(name) is None else self.named(kind, line, name)

    def all_named(self, kind: type[T], keys: Iterable[Any]) -> list[T]:
        """The rows behind a list of keys; raises UnknownKey."""
        return [self.find(kind, key) for key in keys]


MADE = {
    "unit": "Unit", "user": "User", "major": "Major", "library": "Library", "course": "Course", "point": "Point",
    "resource.publish": "Resource", "lesson.publish": "Lesson", "question.publish": "Question",
}  # fmt: skip
