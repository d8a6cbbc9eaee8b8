"""The progress board as a sheet: the columns and figures of the screen, for the whole class."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from courseware.bulk.export import plain, safe
from courseware.catalog.queries import contents_of
from courseware.classes import words
from courseware.classes.models import TeachingClass
from courseware.classes.queries.board import DONE, NONE, PART, Line, all_lines

Cells = list[Any]


def sheet_of(klass: TeachingClass) -> tuple[Cells, list[Cells]]:
    """Heads, and a line for everybody in the class."""
    lessons = [lesson.title for lesson in contents_of(klass.run.course).lessons]
    heads = [
        _("Name"), _("Number"), _("Study group"), _("Done"), _("Required"), _("Per cent"), _("Minutes"), _("Points learned"),
        _("Last seen"), _("Warnings"), *lessons,
    ]  # fmt: skip
    return heads, [_cells(line) for line in all_lines(klass)]


def as_xlsx(heads: Sequence[Any], lines: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet; the head stays in view."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.append([safe(head) for head in heads])
    for line in lines:
        sheet.append([safe(plain(cell)) for cell in line])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(line: Line) -> Cells:
    states = {DONE: _("completed"), PART: _("begun"), NONE: ""}
    member = line.member
    return [
        member.name, member.number, member.group, line.done, line.required, line.percent, line.minutes, line.points,
        plain(line.last_seen), "；".join(words.sentence(warning) for warning in line.warnings),
        *(states[cell] for cell in line.cells),
    ]  # fmt: skip
