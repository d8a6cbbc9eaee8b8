"""The report as a PDF for printing, Chinese in the font that every reader of PDF has."""

from __future__ import annotations

from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from courseware.monitoring.report.content import Report, Section

FONT = "STSong-Light"
MARGIN = 1.5 * cm
WIDTH = landscape(A4)[0] - 2 * MARGIN
GRID: Any = [
    ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#b9c2c6")),
    ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eaf1f2")),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


def write_pdf(report: Report, out: BinaryIO) -> None:
    """Landscape A4 with page numbers; heads of tables are repeated on each page."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    parts: list[Any] = [_text(report.title, 18), Spacer(1, 8), *(_text(line, 9) for line in report.lines)]
    for section in report.sections:
        parts += _section(section)
    template = SimpleDocTemplate(
        out, pagesize=landscape(A4), leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=report.title.splitlines()[0], lang="zh-CN",
    )  # fmt: skip
    template.build(parts, onFirstPage=_number, onLaterPages=_number)


def _section(section: Section) -> list[Any]:
    whole = sum(section.widths)
    widths = [WIDTH * share / whole for share in section.widths]
    rows = [[_text(cell, 8) for cell in row] for row in (section.head, *section.rows)]
    table = Table(rows, widths, repeatRows=1, style=GRID)
    note = [Spacer(1, 4), _text(section.note, 8)] if section.note else []
    return [Spacer(1, 14), _text(section.title, 13), Spacer(1, 4), table, *note]


def _text(text: str, size: int) -> Paragraph:
    style = ParagraphStyle(f"s{size}", fontName=FONT, fontSize=size, leading=size * 1.4, wordWrap="CJK")
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def _number(canvas: Any, template: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(landscape(A4)[0] - MARGIN, 0.8 * cm, str(canvas.getPageNumber()))
