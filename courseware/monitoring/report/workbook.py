"""The report as a workbook: one sheet a table, cells that are text and never formulas."""

from __future__ import annotations

from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from courseware.monitoring.report.content import Report, Section

LONGEST_NAME = 31
BARRED = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
WIDTH = 130


def write_xlsx(report: Report, out: BinaryIO) -> None:
    """First a sheet of what it is about, then one for each table."""
    book = Workbook(write_only=True)
    cover = book.create_sheet(_name(report.title))
    cover.column_dimensions["A"].width = WIDTH
    for line in (report.title, *report.lines):
        cover.append([_cell(cover, line)])
    for section in report.sections:
        _add(book, section)
    book.save(out)


def _add(book: Workbook, section: Section) -> None:
    sheet = book.create_sheet(_name(section.title))
    sheet.freeze_panes = "A2"
    whole = sum(section.widths)
    for number, share in enumerate(section.widths):
        sheet.column_dimensions[chr(ord("A") + number)].width = max(10, WIDTH * share / whole)
    sheet.append([_cell(sheet, text, is_bold=True) for text in section.head])
    for row in section.rows:
        sheet.append([_cell(sheet, text) for text in row])
    if section.note:
        sheet.append([_cell(sheet, section.note)])


def _cell(sheet: Any, text: str, *, is_bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # whatever it begins with, it is no formula
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=is_bold)
    return cell


def _name(title: str) -> str:
    return title.splitlines()[0].translate(BARRED)[:LONGEST_NAME]
