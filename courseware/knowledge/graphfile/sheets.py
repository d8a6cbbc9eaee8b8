"""The graph as a workbook: six sheets, one fact a line, so that no name needs a sign that divides lists."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from courseware.core.tables import TableUnreadable, text_of
from courseware.knowledge.graphfile.model import Graph

# Names of sheets and columns as people write them, and as programs do.
SHEETS: dict[str, tuple[str, Mapping[str, str]]] = {
    "points": ("点", {"编号": "key", "名称": "name", "英文名称": "name_en", "类型": "kind", "课程": "course", "必修": "mandatory", "说明": "description"}),
    "aliases": ("别名", {"编号": "key", "别名": "alias"}),
    "edges": ("关系", {"关系": "kind", "先": "from", "后": "to"}),
    "posts": ("岗位", {"岗位": "name", "英文名称": "name_en", "职业编码": "code"}),
    "abilities": ("能力", {"岗位": "post", "能力": "name", "英文名称": "name_en"}),
    "needs": ("岗位与点", {"岗位": "post", "能力": "ability", "编号": "key"}),
}  # fmt: skip
ROWS_LIMIT, UNPACKED_LIMIT = 200_000, 200 * 1024 * 1024

Line = tuple[int, Mapping[str, str]]


def write_workbook(graph: Graph) -> bytes:
    """The graph as xlsx; every cell is text, also one that begins with an equals sign."""
    book = Workbook(write_only=True)
    for name, (title, columns) in SHEETS.items():
        sheet = book.create_sheet(title)
        sheet.append(list(columns))
        for row in _rows(graph, name):
            sheet.append([_text_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(graph: Graph, sheet: str) -> Iterable[Sequence[str]]:
    if sheet == "points":
        return (
            (key, p.name, p.name_en, p.kind, p.course, "1" if p.is_mandatory else "0", p.description)
            for key, p in sorted(graph.points.items())
        )
    if sheet == "aliases":
        return sorted(graph.aliases)
    if sheet == "edges":
        return [
            *(("prerequisite", *pair) for pair in sorted(graph.prerequisites)),
            *(("related", *pair) for pair in sorted(graph.related)),
        ]
    if sheet == "posts":
        return ((name, facts.name_en, facts.code) for name, facts in sorted(graph.posts.items()))
    if sheet == "abilities":
        return ((post, name, english) for (post, name), english in graph.abilities.items())
    return [*((post, "", key) for post, key in sorted(graph.needs)), *sorted(graph.takes)]


def _text_cell(sheet: Any, value: str) -> Any:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


def read_workbook(name: str, content: bytes) -> dict[str, list[Line]]:
    """The lines of the sheets that are known, by our names; raises TableUnreadable with what to do."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_LIMIT:
                raise unreadable(name, _l("it unpacks to more than is sensible."))
        book: Any = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        found = {key: list(_lines(name, book[title], columns)) for key, title, columns in _present(book)}
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        IndexError,
        OSError,
        ValueError,
        SyntaxError,
        TypeError,
        AttributeError,
    ) as error:
        raise unreadable(name, _l("it is no xlsx workbook, or it is damaged.")) from error
    if "points" not in found:
        raise unreadable(name, _l("it has no sheet “点”. Export the graph first to see how a file is built."))
    return found


def _present(book: Any) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    for key, (title, columns) in SHEETS.items():
        for wanted in (title, key):
            if wanted in book.sheetnames:
                yield key, wanted, columns
                break


def _lines(name: str, sheet: Any, columns: Mapping[str, str]) -> Iterator[Line]:
    rows = sheet.iter_rows(values_only=True)
    heads = [_head(cell, columns) for cell in next(rows, ())]
    for number, cells in enumerate(rows, start=2):
        if number > ROWS_LIMIT:
            raise unreadable(name, _l("it has more than %(limit)s lines. Divide it.", limit=ROWS_LIMIT))
        values = {head: cell for head, cell in zip(heads, cells, strict=False) if head}
        if any(value not in (None, "") for value in values.values()):
            yield number, {head: text_of(values, head) for head in values}


def _head(cell: Any, columns: Mapping[str, str]) -> str:
    text = str(cell or "").strip()
    return columns.get(text, text if text in columns.values() else "")


def unreadable(name: str, reason: Any) -> TableUnreadable:
    """The file as a whole is refused, with the reason."""
    return TableUnreadable(name=name or _("The file"), reason=reason)
