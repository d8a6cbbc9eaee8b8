"""Lesson slides as PDF or PPTX.

Every page is a picture, so that it looks the same on machines without Chinese faces; the words lie unseen over it in
PDF and in the notes in PPTX, so that they can be searched, copied and read aloud.
"""

import io
from pathlib import Path

from PIL import Image
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas as Pdf

from .archive import settle
from .corpus import Change, Record, changes_until, corpus
from .documents import png_bytes
from .layout import slide_page
from .scenes import choose
from .script import Section, course_name, main_scene

PIXELS = (1600, 900)
PAGE = (960.0, 540.0)


def sections_of(resource: Record, lesson: Record, version: int) -> list[Section]:
    """The slides of this version."""
    made = []
    for n, slide in enumerate(lesson["slides"]):
        scene = choose([slide["title"] + " ".join(slide["bullets"]), lesson["title_zh"]], main_scene(resource, lesson))
        layout = "cover" if n == 0 else "split"
        made.append(Section(n, n + 1, layout, slide["title"], tuple(slide["bullets"]), scene, n))
    for change in changes_until(resource["key"], version):
        made = renewed(made, change)
    return made


def renewed(slides: list[Section], change: Change) -> list[Section]:
    """The stated share of the slides with new words and drawings; a minor change corrects one line."""
    count = max(1, round(change.share * len(slides))) if change.substantive else 1
    first = change.version % (len(slides) - count) + 1
    kept = slides[:]
    for n in range(first, min(len(slides), first + count)):
        old = slides[n]
        lines = (change.reason, *old.lines[:3]) if change.substantive else old.lines
        note = f"第 {change.version} 版更新" if change.substantive else f"勘误 {change.version}"
        kept[n] = Section(
            old.start_s,
            old.end_s,
            "split" if change.substantive else old.layout,
            old.title,
            lines,
            old.scene,
            old.variation + (change.version * 3 if change.substantive else 0),
            note,
        )
    return kept


def pages(slides: list[Section], course: str, size: tuple[int, int]) -> list[Image.Image]:
    """The slides drawn."""
    return [slide_page(s, course, size, f"{n} / {len(slides)}") for n, s in enumerate(slides, 1)]


def make_pdf(resource: Record, lesson: Record, version: int, out: Path, size: tuple[int, int] = PIXELS) -> Path:
    """The slides as PDF."""
    slides, course = sections_of(resource, lesson, version), course_name(lesson["course"])
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdf = Pdf(str(out), pagesize=PAGE, invariant=1)
    pdf.setTitle(resource["title_zh"])
    pdf.setAuthor(resource.get("author_name", ""))
    for slide, page in zip(slides, pages(slides, course, size), strict=True):
        pdf.drawImage(ImageReader(io.BytesIO(png_bytes(page, 128))), 0, 0, *PAGE)
        _unseen(pdf, [slide.title, *slide.lines, slide.note])
        pdf.showPage()
    pdf.save()
    return out


def _unseen(pdf: Pdf, lines: list[str]) -> None:
    """Words that are found and read but not drawn."""
    words = pdf.beginText(54, PAGE[1] - 100)
    words.setTextRenderMode(3)
    words.setFont("STSong-Light", 24)
    words.setLeading(62)
    for line in lines:
        words.textLine(line)
    pdf.drawText(words)


def make_pptx(resource: Record, lesson: Record, version: int, out: Path, size: tuple[int, int] = PIXELS) -> Path:
    """The slides as PPTX: pictures, with the words as titles off the page edge and in the notes."""
    slides, course = sections_of(resource, lesson, version), course_name(lesson["course"])
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    deck.core_properties.title = resource["title_zh"]
    for slide, page in zip(slides, pages(slides, course, size), strict=True):
        made = deck.slides.add_slide(deck.slide_layouts[5])
        if made.shapes.title is not None:
            made.shapes.title.text = slide.title
            made.shapes.title.top = -Inches(2)
        shown = made.shapes.add_picture(io.BytesIO(png_bytes(page, 128)), 0, 0, deck.slide_width, deck.slide_height)
        shown.name = slide.title
        notes = made.notes_slide.notes_text_frame
        if notes is not None:
            notes.text = "\n".join([slide.title, *slide.lines])
    deck.save(str(out))
    return settle(out)


def lesson_for(resource: Record, lesson: Record | None) -> Record:
    """The lesson a deck is made from; a deck without one is told from its own words."""
    found = lesson or corpus().lesson_of(resource)
    if found:
        return found
    slide = {"title": resource["title_zh"], "bullets": [resource.get("description_zh", "")]}
    return {"title_zh": resource["title_zh"], "course": resource.get("course", ""), "slides": [slide, slide, slide]}
