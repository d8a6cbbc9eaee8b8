"""What a report says, whichever file it is."""

from __future__ import annotations

import io
import re

from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader


def text_of_file(kind: str, data: bytes) -> str:
    """The words of a docx, pdf or xlsx without blanks."""
    if kind == "pdf":
        found = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    elif kind == "docx":
        document = Document(io.BytesIO(data))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        found = "\n".join([p.text for p in document.paragraphs] + cells)
    else:
        book = load_workbook(io.BytesIO(data))
        found = "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return re.sub(r"\s+", "", found)
