"""Text of documents; runs apart (`media/apart.py`), for no parser here is trusted with a foreign file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MEMBER_BYTES = 64 << 20


@dataclass
class Harvest:
    """Text collected up to a bound."""

    limit: int
    pages: int | None = None
    title: str = ""
    pieces: list[str] = field(default_factory=list)
    held: int = 0
    truncated: bool = False

    def add(self, text: str) -> bool:
        """Take a piece; False when the bound is reached and the reader should stop."""
        room = self.limit - self.held
        self.truncated = self.truncated or len(text) > room
        self.pieces.append(text[:room])
        self.held += min(len(text), room) + 1
        return not self.truncated

    def take(self, pieces: Iterator[str]) -> None:
        """Take pieces until they end or the bound is reached."""
        for piece in pieces:
            if piece.strip() and not self.add(piece.strip()):
                return


def read_pdf(path: Path, harvest: Harvest) -> None:
    """Text layer page by page; scanned pages give nothing."""
    from pypdf import PdfReader

    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise PermissionError
    harvest.pages = len(reader.pages)
    harvest.title = str((reader.metadata and reader.metadata.title) or "")
    harvest.take(page.extract_text() or "" for page in reader.pages)


def read_pptx(path: Path, harvest: Harvest) -> None:
    """Slides in order, with tables and speaker notes."""
    from pptx import Presentation

    check_archive(path)
    deck = Presentation(str(path))
    harvest.pages = len(deck.slides)
    harvest.title = str(deck.core_properties.title or "")
    for slide in deck.slides:
        harvest.take(_slide_text(slide))


def _slide_text(slide: Any) -> Iterator[str]:
    for shape in shapes_of(slide.shapes):
        if shape.has_text_frame:
            yield shape.text_frame.text
        elif getattr(shape, "has_table", False):
            yield from ("\t".join(cell.text for cell in row.cells) for row in shape.table.rows)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield slide.notes_slide.notes_text_frame.text


def shapes_of(shapes: Any) -> Iterator[Any]:
    """Shapes of a slide, those of groups one by one."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from shapes_of(shape.shapes)
        else:
            yield shape


def read_docx(path: Path, harvest: Harvest) -> None:
    """Paragraphs and table cells of the main story."""
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    root = xml_member(path, "word/document.xml")
    harvest.take(
        "".join(
            node.text or "" if node.tag == f"{word}t" else "\t" for node in paragraph.iter(f"{word}t", f"{word}tab")
        )
        for paragraph in root.iter(f"{word}p")
    )


def read_open_document(path: Path, harvest: Harvest) -> None:
    """Paragraphs and headings of any OpenDocument file."""
    text = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    page = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}page"
    root = xml_member(path, "content.xml")
    harvest.pages = sum(1 for _ in root.iter(page)) or None
    harvest.take("".join(node.itertext()) for node in root.iter(f"{text}p", f"{text}h"))


def xml_member(path: Path, member: str) -> Any:
    """The root of an XML file in an office file. Raises UnsafeFile: archive_bomb, archive_unsafe, damaged_archive."""
    from lxml import etree

    from media.archives import open_archive, read_member

    with open_archive(path) as archive:
        data = read_member(archive, member, MEMBER_BYTES)
    # no entities, no network, no external definitions: an office file needs none of them
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def check_archive(path: Path) -> None:
    """Raises UnsafeFile where unpacking would grow too large or leave the folder."""
    from media.archives import open_archive

    open_archive(path).close()


def read_xlsx(path: Path, harvest: Harvest) -> None:
    """Values of all sheets, a row a line."""
    from openpyxl import load_workbook

    check_archive(path)
    with path.open("rb") as stream:  # by name openpyxl takes only what ends in .xlsx, and stored files end in a hash
        book = load_workbook(stream, read_only=True, data_only=True)
        harvest.pages = len(book.sheetnames)
        harvest.title = str(book.properties.title or "")
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True)
            harvest.take("\t".join(str(value) for value in row if value is not None) for row in rows)


def read_html(path: Path, harvest: Harvest) -> None:
    """Visible text; scripts and styles are not text."""
    from media.markup import html_text

    text, harvest.title = html_text(_decoded(path))
    harvest.add(text)


def read_captions(path: Path, harvest: Harvest) -> None:
    """Spoken text without times."""
    from media.captions import parse_captions

    harvest.take(cue.text for cue in parse_captions(path.read_bytes()))


def read_plain(path: Path, harvest: Harvest) -> None:
    """The text as it stands; the first Markdown heading is its title."""
    text = _decoded(path)
    heading = next((line for line in text.split("\n", 50)[:50] if line.startswith("# ")), "")
    harvest.title = heading.lstrip("# ").strip()
    harvest.add(text)


def _decoded(path: Path) -> str:
    from media.text import decode_text

    with path.open("rb") as stream:
        text, encoding = decode_text(stream.read(MEMBER_BYTES))
    if not encoding:
        raise ValueError
    return text


READERS: dict[str, Callable[[Path, Harvest], None]] = {
    "pdf": read_pdf,
    "pptx": read_pptx,
    "docx": read_docx,
    "xlsx": read_xlsx,
    **dict.fromkeys(("odt", "odp", "ods"), read_open_document),
    "html": read_html,
    **dict.fromkeys(("vtt", "srt"), read_captions),
}


def answer(path: str, extension: str, max_chars: str) -> dict[str, Any]:
    """Text, pages and title of the document. Raises anything on damaged input; PermissionError where it is locked."""
    harvest = Harvest(int(max_chars))
    READERS.get(extension, read_plain)(Path(path), harvest)
    text = "\n".join(harvest.pieces).replace("\x00", "")
    return {"text": text, "pages": harvest.pages, "title": harvest.title, "truncated": harvest.truncated}
