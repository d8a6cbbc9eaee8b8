"""The report as a Word document."""

from __future__ import annotations

from typing import Any, BinaryIO

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from courseware.monitoring.report.content import Report, Section

LATIN, CHINESE = "Calibri", "宋体"
MARGIN = Cm(1.8)


def write_docx(report: Report, out: BinaryIO) -> None:
    """Landscape A4; heads of tables are repeated on each page."""
    document = Document()
    _set_page(document)
    document.add_heading(report.title, 0)
    for line in report.lines:
        document.add_paragraph(line)
    for section in report.sections:
        _add(document, section)
    document.save(out)


def _set_page(document: Any) -> None:
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Cm(29.7), Cm(21.0)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    for name in ("Normal", "Title", "Heading 1"):
        style = document.styles[name]
        style.font.name = LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(kind), None)
        fonts.set(qn("w:eastAsia"), CHINESE)
    document.styles["Normal"].font.size = Pt(9)
    document.styles["Title"].font.size = Pt(20)


def _add(document: Any, section: Section) -> None:
    document.add_heading(section.title, 1)
    table = document.add_table(rows=1, cols=len(section.head))
    table.style = "Table Grid"
    _fill(table.rows[0], section.head, is_head=True)
    _repeat(table.rows[0])
    for row in section.rows:
        _fill(table.add_row(), row)
    if section.note:
        document.add_paragraph(section.note)


def _fill(row: Any, texts: tuple[str, ...], *, is_head: bool = False) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        cell.text = text
        if is_head:
            for run in cell.paragraphs[0].runs:
                run.font.bold = True


def _repeat(row: Any) -> None:
    """Word shows the row again at the top of each page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
