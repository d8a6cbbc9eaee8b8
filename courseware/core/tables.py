"""Sheets from outside: csv, xlsx and JSON lines, in the encodings people here send.

UTF-8, GB 18030 and UTF-16 are told apart. What a file is shows in its content, not in its name. Rows keep the
line number a person sees in their own program. Of formulas the result is taken; a cell merged downwards stands in each
of its lines; lines above the one that names the columns are left aside.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from courseware.core.errors import Invalid

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITERS = (",", "\t", ";", "，")
SEPARATORS = ";；、|\n"
BROKEN = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")
LOCKED = "EncryptedPackage".encode("utf-16-le")
HEADER_WITHIN = 10
MERGED = re.compile(rb'<mergeCell\s+ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
FORMULA = re.compile(rb"<f[ >/]")

csv.field_size_limit(4 * 1024 * 1024)


class TableUnreadable(Invalid):
    """The file as a whole cannot be read."""

    code = "table_unreadable"
    message = _l("%(name)s cannot be read: %(reason)s")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, its values by column name, and what is wrong with the line itself."""

    number: int
    values: Mapping[str, Any]
    problem: Any = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one field of one row: a `reason` for machines, a sentence for people."""

    row: int
    field: str
    reason: str
    sentence: Any

    def as_dict(self) -> dict[str, Any]:
        """For JSON answers."""
        return {"row": self.row, "field": self.field, "reason": self.reason, "message": str(self.sentence)}


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do. With problems nothing was written."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    dry_run: bool = False
    problems: list[RowProblem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON answers."""
        counts = {name: getattr(self, name) for name in ("rows", "created", "updated", "unchanged", "dry_run")}
        return {**counts, "errors": [problem.as_dict() for problem in self.problems]}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows with the columns that are known, and the names of those that are not."""

    rows: list[Row]
    columns: frozenset[str]
    unknown: list[str]


def read_table(path: Path, columns: Mapping[str, str] | None = None) -> list[Row]:
    """Every row of the file. `columns` maps other spellings of a column to its name ({"名称": "name"}).

    Raises TableUnreadable for what is no table at all; a broken line becomes a Row with a problem.
    """
    known = columns or {}
    return [Row(row.number, _renamed(row.values, known), row.problem) for row in _rows(path, _names(known))]


def read_sheet(path: Path, columns: Mapping[str, str], limit: int) -> Sheet:
    """As `read_table`, with nothing kept of columns that `columns` does not know.

    Raises TableUnreadable also when no column is known, or when there are more than `limit` rows.
    """
    known, names = frozenset(columns.values()), _names(columns)
    rows: list[Row] = []
    seen: dict[str, None] = {}
    for row in _rows(path, names):
        seen.update(dict.fromkeys(row.values))
        values = {name: value for name, value in _renamed(row.values, columns).items() if name in known}
        rows.append(Row(row.number, values, row.problem))
        if len(rows) > limit:
            raise _unreadable(path.name, _l("it has more than %(limit)s lines. Divide it.", limit=limit))
    if seen and not names & set(seen):
        heads = ", ".join(list(seen)[:6])
        raise _unreadable(path.name, _l("no column is known. The first line reads: %(heads)s", heads=heads))
    found = frozenset(columns.get(name, name) for name in seen)
    return Sheet(rows, found & known, [name for name in seen if name not in names])


def _names(columns: Mapping[str, str]) -> frozenset[str]:
    return frozenset(columns) | frozenset(columns.values())


def _renamed(values: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    return {known.get(column, column): value for column, value in values.items()}


def _rows(path: Path, names: frozenset[str]) -> Iterator[Row]:
    content = _content(path)
    if content.startswith(ZIP):
        return _read_xlsx(path, content, names)
    text = decode(path.name, content)
    if text.lstrip()[:1] in ("{", "["):
        return _read_json(path, text)
    return _read_csv(path, text, names)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path.name, _l("there is no such file.")) from error
    if not content.strip():
        raise _unreadable(path.name, _l("it is empty."))
    if content.startswith(OLD_EXCEL) and LOCKED in content:
        raise _unreadable(path.name, _l("it is protected by a password. Save it without one."))
    if content.startswith(OLD_EXCEL):
        raise _unreadable(path.name, _l("it is an old Excel file (.xls). Save it as .xlsx or .csv."))
    return content


def _unreadable(name: str, reason: Any) -> TableUnreadable:
    return TableUnreadable(name=name, reason=reason)


def decode(name: str, content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 (with or without mark) or GB 18030; raises TableUnreadable."""
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff")
    raise _unreadable(name, _l("it is no text in UTF-8, GB 18030 or UTF-16, and no xlsx sheet."))


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    head = content[:4096]
    if head[1::2].count(0) > len(head) // 8:
        return ("utf-16-le",)
    if head[0::2].count(0) > len(head) // 8:
        return ("utf-16-be",)
    return ("utf-8", "gb18030")


def _read_csv(path: Path, text: str, names: frozenset[str]) -> Iterator[Row]:
    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from _with_header(path, ((reader.line_num, cells) for cells in reader), names)
    except csv.Error as error:
        raise _unreadable(path.name, _l("line %(line)s is no valid CSV.", line=reader.line_num)) from error


def _read_xlsx(path: Path, content: bytes, names: frozenset[str]) -> Iterator[Row]:
    try:
        yield from _with_header(path, _xlsx_lines(content, _unread_columns(content, names)), names)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, OSError, ValueError, SyntaxError) as error:
        raise _unreadable(path.name, _l("it is no xlsx sheet, or it is damaged.")) from error


Unread = tuple[int, frozenset[str]]  # below this line, cells of these columns are passed over


def _unread_columns(content: bytes, names: frozenset[str]) -> Unread:
    """Columns with a head that nobody asks for: a sheet of 300 columns costs what its known ones cost."""
    for number, cells in zip(range(1, 10 * HEADER_WITHIN), _cells(content, data_only=True), strict=False):
        heads = [_column(cell) if cell is not None else "" for cell in cells]
        if not names.isdisjoint(heads):
            return number, frozenset(
                get_column_letter(at) for at, head in enumerate(heads, 1) if head and head not in names
            )
    return 0, frozenset()


def _xlsx_lines(content: bytes, unread: Unread) -> Iterator[tuple[int, list[Any]]]:
    """The cells by line: results of formulas (one without a result stays as it is written), merged cells filled in."""
    merged, has_formulas = _oddities(content)
    lines = _cells(content, data_only=True, unread=unread)
    raw = _cells(content, data_only=False, unread=unread) if has_formulas else None
    held: dict[int, tuple[int, Any]] = {}  # by column: until which line a merged value stands
    for number, cells in enumerate(lines, start=1):
        values = _with_formulas(cells, next(raw, ())) if raw is not None else list(cells)
        for column, (last, value) in held.items():
            if number <= last and column < len(values):
                values[column] = value
        for column, last in merged.get(number, ()):
            held[column] = (last, values[column] if column < len(values) else None)
        yield number, values


class _SheetParser(WorkSheetParser):
    """Reads what openpyxl reads, and leaves cells alone that nobody asks for."""

    unread: Unread = (0, frozenset())

    def parse_row(self, row: Any) -> Any:
        """The cells of one line that are asked for."""
        head, columns = self.unread
        if not columns or self.row_counter < head:
            return super().parse_row(row)
        kept, last = [], ""
        for cell in row:
            letters = cell.get("r", "").rstrip("0123456789")
            last = letters if letters in columns else last
            if letters not in columns:
                kept.append(cell)
        row[:] = kept
        number, cells = super().parse_row(row)
        # The line stays as long as it was written: a head without a cell is another thing than an empty cell.
        return number, [*cells, {"column": column_index_from_string(last), "value": None}] if last else cells


def _cells(content: bytes, *, data_only: bool, unread: Unread = (0, frozenset())) -> Iterator[tuple[Any, ...]]:
    """The values of the first sheet, line by line; what a file says of its own size is not believed."""
    book: Any = load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
    sheet: Any = book.worksheets[0]
    dates = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
    with sheet._get_source() as source:
        parser = _SheetParser(source, sheet._shared_strings, data_only=data_only, epoch=book.epoch, **dates)
        parser.unread = unread
        last = 0
        for number, cells in parser.parse():
            yield from (() for _ in range(last + 1, number))
            last = max(last, number)
            yield _in_places(cells)


def _in_places(cells: list[dict[str, Any]]) -> tuple[Any, ...]:
    values: list[Any] = [None] * max((cell["column"] for cell in cells), default=0)
    for cell in cells:
        values[cell["column"] - 1] = cell["value"]
    return tuple(values)


def _with_formulas(results: tuple[Any, ...], written: tuple[Any, ...]) -> list[Any]:
    return [
        cell if result is None and isinstance(cell, str) and cell.startswith("=") else result
        for result, cell in zip(results, (*written, *[None] * (len(results) - len(written))), strict=False)
    ]


def _oddities(content: bytes) -> tuple[dict[int, list[tuple[int, int]]], bool]:
    """Of the first sheet: (column, last line) of cells merged downwards by their first line; whether it has formulas."""
    book: Any = load_workbook(io.BytesIO(content), read_only=True)
    merged: dict[int, list[tuple[int, int]]] = {}
    references: dict[bytes, None] = {}
    has_formulas, tail = False, b""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(book.worksheets[0]._worksheet_path) as xml:
        while chunk := xml.read(1 << 20):
            piece, tail = tail + chunk, chunk[-60:]
            references |= dict.fromkeys(MERGED.findall(piece))
            has_formulas = has_formulas or FORMULA.search(piece) is not None
    for reference in references:
        column, first, _last_column, last = (bound or 0 for bound in range_boundaries(reference.decode()))
        if last > first:
            merged.setdefault(first, []).append((column - 1, last))
    return merged, has_formulas


def _with_header(path: Path, lines: Iterable[tuple[int, Iterable[Any]]], names: frozenset[str]) -> Iterator[Row]:
    header: list[str] = []
    above: list[tuple[int, list[Any]]] = []
    for number, cells in lines:
        values = ["" if cell is None else cell.strip() if isinstance(cell, str) else cell for cell in cells]
        if not any(value != "" for value in values):
            continue
        if header:
            yield _row(number, header, values)
        elif not names or not names.isdisjoint(_column(value) for value in values):
            header = [_column(value) for value in values]
        else:
            above.append((number, values))
        if len(above) == HEADER_WITHIN and not header:
            break
    if not header and above:
        header, above = [_column(value) for value in above[0][1]], above[1:]
        yield from (_row(number, header, values) for number, values in above)
    if not header:
        raise _unreadable(path.name, _l("it has no header line."))


def _row(number: int, header: list[str], values: list[Any]) -> Row:
    extra = [value for value in values[len(header) :] if value != ""]
    problem = _l("This line has more cells than the header.") if extra else _problem_in(values)
    named = {name: value for name, value in zip(header, values, strict=False) if name}
    return Row(number, named, problem)


def _problem_in(values: list[Any]) -> Any:
    """What is wrong with a cell itself: a formula that was never worked out, or one that ended in an error."""
    for number, value in enumerate(values, start=1):
        if not isinstance(value, str) or value[:1] not in ("=", "#"):
            continue
        if value in BROKEN:
            return _l("Column %(column)s holds %(value)s.", column=get_column_letter(number), value=value)
        if value.startswith("="):
            return _l(
                "Column %(column)s holds a formula without a result. Open the sheet, save it, and send it again.",
                column=get_column_letter(number),
            )
    return None


def _column(value: Any) -> str:
    return "_".join(str(value).strip().casefold().split())


def _read_json(path: Path, text: str) -> Iterator[Row]:
    if text.lstrip().startswith("["):
        yield from _read_json_list(path, text)
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _json_row(number, line)


def _read_json_list(path: Path, text: str) -> Iterator[Row]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path.name, _l("it is no valid JSON.")) from error
    for number, item in enumerate(items, start=1):
        yield _object_row(number, item)


def _json_row(number: int, line: str) -> Row:
    try:
        return _object_row(number, json.loads(line))
    except (ValueError, RecursionError):
        return Row(number, {}, _l("This line is no valid JSON."))


def _object_row(number: int, item: Any) -> Row:
    if isinstance(item, dict):
        return Row(number, {_column(name): value for name, value in item.items()})
    return Row(number, {}, _l("This line is no JSON object."))


def text_of(values: Mapping[str, Any], *names: str) -> str:
    """The first of the columns that holds something, as text; numbers lose a trailing ".0" that Excel adds."""
    for name in names:
        value = values.get(name)
        if value not in (None, "", []):
            return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    return ""


def list_of(values: Mapping[str, Any], *names: str) -> list[str] | None:
    """A list from a JSON list, or from text divided by ; ； 、 or |. None where no such column is there."""
    for name in names:
        if name in values:
            return _parts(values[name])
    return None


def _parts(value: Any) -> list[str]:
    if value is None:
        return []
    given = value if isinstance(value, list) else _split(str(value), SEPARATORS.__contains__)
    return [part for part in (str(item).strip() for item in given) if part]


def _split(text: str, is_separator: Callable[[str], bool]) -> list[str]:
    return "".join("\n" if is_separator(letter) else letter for letter in text).split("\n")
