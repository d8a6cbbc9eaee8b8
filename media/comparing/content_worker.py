"""What a reader sees of documents; runs apart (`media/apart.py`), for no parser here is trusted with a foreign file.

`read FILE EXTENSION` gives what a reader sees of a document: pages or slides with their text, pictures, cells.
`look OLD NEW PAIRS` draws pages of two PDFs and tells for each pair (i:j,…) which share of the new page differs,
finely and by more than scanning does.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from media.document_worker import READERS, Harvest, check_archive, read_plain, shapes_of, xml_member
from media.errors import DocumentError

MAX_PAGES = 1000
MAX_CHARS = 1_500_000
MAX_PICTURES, PICTURE_SIDE, SMALL = 120, 128, 24
PAGE_WIDTH = 640
INK = 3.0  # standard deviation of a block from which something stands on it
PAGE_NOISE = 7.0  # mean gap of a block of 8 pixels that another renderer or font version leaves


class Content:
    """What is collected; `pages` hold text and numbers of pictures."""

    def __init__(self) -> None:
        self.pages: list[dict[str, Any]] = []
        self.pictures: list[dict[str, Any]] = []
        self.cells: list[str] = []
        self.chars = 0

    def page(self, text: str, pictures: list[int] | None = None) -> None:
        """One page, slide, or whole text."""
        kept = text[: max(0, MAX_CHARS - self.chars)].replace("\x00", "")
        self.chars += len(kept)
        self.pages.append({"text": kept, "pictures": pictures or []})

    def picture(self, image: Any) -> list[int]:
        """The number of a picture, small; nothing where it is too small to teach anything."""
        if len(self.pictures) >= MAX_PICTURES or min(image.size) < SMALL:
            return []
        image.draft("RGB", (PICTURE_SIDE * 2, PICTURE_SIDE * 2))
        small = image.convert("RGBA")
        small.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
        from PIL import Image

        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small.getchannel("A"))
        pixels = base64.b64encode(paper.tobytes()).decode()
        self.pictures.append({"width": paper.width, "height": paper.height, "rgb": pixels})
        return [len(self.pictures) - 1]

    def picture_from(self, data: bytes) -> list[int]:
        """The same from the bytes of a file; what Pillow cannot open is left out."""
        from PIL import Image

        with suppress(Exception):
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"))
            if image.width * image.height <= 64_000_000:
                return self.picture(image)
        return []


def read_pdf(path: Path, content: Content) -> None:
    """Pages with text layer and pictures."""
    import pypdfium2

    pdf = _pdf(path)
    if len(pdf) > MAX_PAGES:
        raise DocumentError("document_too_long", pages=len(pdf), limit=MAX_PAGES)
    for page in pdf:
        text = page.get_textpage().get_text_bounded()
        found: list[int] = []
        with suppress(pypdfium2.PdfiumError):
            for shown in page.get_objects(filter=[3], max_depth=3):  # 3: images
                if len(content.pictures) < MAX_PICTURES:
                    with suppress(Exception):
                        found += content.picture(shown.get_bitmap().to_pil())
        content.page(text, found)


def _pdf(path: Path) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as problem:
        raise PermissionError if "password" in str(problem).lower() else problem from None


def read_pptx(path: Path, content: Content) -> None:
    """Slides that are shown, without notes, dates, numbers and foot lines."""
    from pptx import Presentation

    check_archive(path)
    for slide in Presentation(str(path)).slides:
        if slide._element.get("show") == "0":
            continue
        texts: list[str] = []
        found: list[int] = []
        for shape in shapes_of(slide.shapes):
            texts += _shape_text(shape)
            if getattr(shape, "shape_type", None) == 13:
                with suppress(Exception):
                    found += content.picture_from(shape.image.blob)
        content.page("\n".join(texts), found)


def _shape_text(shape: Any) -> Iterator[str]:
    if shape.is_placeholder and int(shape.placeholder_format.type or 0) in (13, 15, 16):  # number, foot, date
        return
    if shape.has_text_frame:
        yield shape.text_frame.text
    elif getattr(shape, "has_table", False):
        yield from ("\t".join(cell.text for cell in row.cells) for row in shape.table.rows)


def read_docx(path: Path, content: Content) -> None:
    """The main story without hidden and deleted text, and the pictures it shows."""
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    root = xml_member(path, "word/document.xml")
    lines = []
    for paragraph in root.iter(f"{word}p"):
        runs = [r for r in paragraph.iter(f"{word}r") if r.find(f"{word}rPr/{word}vanish") is None]
        nodes = (node for r in runs for node in r.iter(f"{word}t", f"{word}tab"))
        lines.append("".join((node.text or "") if node.tag == f"{word}t" else "\t" for node in nodes))
    content.page("\n".join(lines), _pictures_of_zip(path, content, "word/media/", _embedded(path, root)))


def _embedded(path: Path, root: Any) -> list[str] | None:
    """Names of the pictures in the order they are shown; None where the relations cannot be read."""
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
    wanted = [node.get(relation) for node in root.iter() if node.get(relation)]
    try:
        targets = {node.get("Id"): node.get("Target") for node in xml_member(path, "word/_rels/document.xml.rels")}
    except Exception:
        return None if wanted else []
    return [f"word/{targets[name]}" for name in wanted if targets.get(name)]


def _pictures_of_zip(path: Path, content: Content, folder: str, names: list[str] | None = None) -> list[int]:
    from media.archives import open_archive, read_member

    found: list[int] = []
    with open_archive(path) as archive:
        for name in names if names is not None else sorted(n for n in archive.namelist() if n.startswith(folder)):
            with suppress(Exception):
                found += content.picture_from(read_member(archive, name, 64 << 20))
    return found


def read_open_document(path: Path, content: Content) -> None:
    """Paragraphs and headings; slides one by one; cells of sheets."""
    office = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
    text, drawn, table = office % "text", office % "drawing", office % "table"
    root = xml_member(path, "content.xml")

    def lines(node: Any) -> str:
        return "\n".join("".join(p.itertext()) for p in node.iter(f"{text}p", f"{text}h"))

    if cells := list(root.iter(f"{table}table-cell")) if path_is_sheet(root) else []:
        content.cells = [value for value in map(lines, cells) if value.strip()]
        return
    for page in list(root.iter(f"{drawn}page")) or [root]:
        content.page(lines(page))
    content.pages[0]["pictures"] = _pictures_of_zip(path, content, "Pictures/")


def path_is_sheet(root: Any) -> bool:
    """Whether an OpenDocument body is a spreadsheet."""
    return any(str(node.tag).endswith("}spreadsheet") for node in root.iter())


def read_xlsx(path: Path, content: Content) -> None:
    """Values of cells; a formula without a stored value counts as it is written."""
    from openpyxl import load_workbook

    check_archive(path)
    with path.open("rb") as shown, path.open("rb") as written:
        values, formulas = (load_workbook(f, read_only=True, data_only=d) for f, d in ((shown, True), (written, False)))
        for sheet, source in zip(values.worksheets, formulas.worksheets, strict=True):
            if sheet.sheet_state != "visible":
                continue
            rows = zip(sheet.iter_rows(values_only=True), source.iter_rows(values_only=True), strict=False)
            for row, written_row in rows:
                for value, formula in zip(row, written_row, strict=False):
                    _cell(content, value if value is not None else formula)
                if content.chars >= MAX_CHARS:
                    return


def _cell(content: Content, value: Any) -> None:
    if value is None or value == "":
        return
    text = f"{value:.12g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)
    content.cells.append(text)
    content.chars += len(text) + 1


def read_text(path: Path, content: Content, extension: str) -> None:
    """Text, web pages and captions, as the other reader gives them; tables in text as cells."""
    harvest = Harvest(MAX_CHARS)
    READERS.get(extension, read_plain)(path, harvest)
    text = "\n".join(harvest.pieces)
    if extension == "csv":
        import csv

        content.cells = [c for row in csv.reader(io.StringIO(text)) for c in row if c.strip()]
    else:
        content.page(text)


def read(path: Path, extension: str) -> dict[str, Any]:
    """What a reader sees."""
    content = Content()
    if extension in _READERS:
        _READERS[extension](path, content)
    else:
        read_text(path, content, extension)
    return {"pages": content.pages, "pictures": content.pictures, "cells": content.cells}


_READERS: dict[str, Callable[[Path, Content], None]] = {
    "pdf": read_pdf,
    "pptx": read_pptx,
    "docx": read_docx,
    "xlsx": read_xlsx,
    **dict.fromkeys(("odt", "odp", "ods"), read_open_document),
}


def look(old: Path, new: Path, pairs: str) -> dict[str, Any]:
    """For each pair of pages the share of blocks that differ at all, of those that a scan would not explain, and of those on
    which the new page shows anything.
    """
    import numpy as np

    from media.comparing.aligning import compare_blocks, resize

    pdfs = _pdf(old), _pdf(new)
    drawn: dict[tuple[int, int], Any] = {}

    def page(which: int, number: int) -> Any:
        if (which, number) not in drawn:
            sheet = pdfs[which][number]
            scale = min(PAGE_WIDTH / max(sheet.get_width(), 1), 2 * PAGE_WIDTH / max(sheet.get_height(), 1))
            picture = sheet.render(scale=scale, grayscale=True).to_numpy()
            drawn[which, number] = np.asarray(picture, dtype=np.float32).reshape(picture.shape[:2])
            for stale in [k for k in drawn if k[0] == which and abs(k[1] - number) > 4]:
                del drawn[stale]
        return drawn[which, number]

    shares = []
    for pair in pairs.split(","):
        i, j = map(int, pair.split(":"))
        a, b = page(0, i), page(1, j)
        blocks = compare_blocks(a if a.shape == b.shape else resize(a, *b.shape), b)
        fine = (blocks.gap > PAGE_NOISE) & ((blocks.likeness < 0.85) | (blocks.gap > 2 * PAGE_NOISE))
        coarse = (blocks.gap > 3 * PAGE_NOISE) & (blocks.likeness < 0.5)
        shares.append((float(fine.mean()), float(coarse.mean()), float((blocks.new_ink > INK).mean())))
    return {"shares": shares}


def answer(job: str, *arguments: str) -> dict[str, Any]:
    """Does one job. Raises anything on damaged input; PermissionError where a file is locked."""
    if job == "read":
        return read(Path(arguments[0]), arguments[1])
    return look(Path(arguments[0]), Path(arguments[1]), arguments[2])
