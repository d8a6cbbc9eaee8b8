"""Documents for the labelled set, made by the libraries that make such files in offices."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from pathlib import Path
from typing import Any

from opencc import OpenCC
from PIL import Image

from tests.media.comparing.recordings import WORDS

VERBS = "检查 调整 记录 确认 比较 选择 设定 测量 观察 清理 固定 校准".split()
WHY = "以保证焊缝成形 以免发生碰撞 使参数保持稳定 并填写记录表 直到指示灯变绿 以减少飞溅 再进行下一步 并由教师复核".split()
PLAIN = (
    "the welding torch angle has an influence on how deep the arc goes into the plate and how the seam looks".split()
)


def prose(seed: int, paragraphs: int = 14) -> str:
    """Paragraphs of a work instruction."""
    dice = random.Random(seed)
    lines = []
    for number in range(paragraphs):
        sentences = (
            f"{dice.choice(VERBS)}{dice.choice(WORDS)}与{dice.choice(WORDS)}，数值为{dice.randrange(2, 900)}，{dice.choice(WHY)}。"
            for _ in range(5)
        )
        lines.append(f"{number + 1}. " + "".join(sentences))
    return "\n\n".join(lines)


def sections(text: str) -> list[str]:
    """Its paragraphs."""
    return text.split("\n\n")


def english(words: int) -> str:
    """Words of another language."""
    dice = random.Random(3)
    return " ".join(dice.choice(PLAIN) for _ in range(words))


def traditional(text: str) -> str:
    """Traditional characters, digits in full width."""
    return OpenCC("s2t").convert(text).translate({ord("0") + i: 0xFF10 + i for i in range(10)})


def pdf(
    path: Path, text: str, title: str = "", head: str = "", is_scan: bool = False, password: str | None = None
) -> Path:
    """Pages of 22 lines; `is_scan` leaves only pictures of the pages."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pageCompression=bool(title), encrypt=password)
    canvas.setTitle(title or "alt")
    lines = [
        part for line in text.split("\n") for part in re.findall(r".{1,34}(?<!\d)|.{1,34}|$", line)[: max(1, len(line))]
    ]
    for page, start in enumerate(range(0, len(lines), 22)):
        canvas.setFont("STSong-Light", 13)
        if head:
            canvas.drawString(72, 800, f"{head} 第 {page + 1} 页")
        for row, line in enumerate(lines[start : start + 22]):
            canvas.drawString(72, 760 - 31 * row, line)
        if head:
            canvas.drawString(290, 30, str(page + 1))
        canvas.showPage()
    canvas.save()
    path.write_bytes(_scanned(buffer.getvalue()) if is_scan else buffer.getvalue())
    return path


def _scanned(data: bytes) -> bytes:
    import pypdfium2
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in pypdfium2.PdfDocument(data):
        picture = ImageReader(page.render(scale=2).to_pil())
        canvas.setPageSize(page.get_size())
        canvas.drawImage(picture, 0, 0, *page.get_size())
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def blank_pdf(path: Path, pages: int) -> Path:
    """Pages on which nothing stands."""
    import pypdfium2

    pdf = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        pdf.new_page(300, 400)
    pdf.save(str(path))
    return path


def with_blank_pages(source: Path, path: Path, pages: int) -> Path:
    """The same with empty pages behind it."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(PdfReader(source))
    for _ in range(pages):
        writer.add_blank_page(300, 400)
    writer.write(str(path))
    return path


def locked_office(path: Path) -> Path:
    """What Office writes for a file with a password: a compound file whose directory names the encrypted package."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    head[30:32] = (9).to_bytes(2, "little")
    names = (
        name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", "EncryptionInfo", "EncryptedPackage")
    )
    path.write_bytes(bytes(head) + b"".join(names) + bytes(4096))
    return path


def docx(path: Path, text: str, pictures: tuple[Image.Image, ...] = (), runs: int = 1, hidden: str = "") -> Path:
    """A Word file; `runs` cuts each paragraph into so many runs, `hidden` is text nobody sees."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = "".join(f"<w:p>{_runs(line, runs)}</w:p>" for line in text.split("\n"))
    body += f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{hidden}</w:t></w:r></w:p>" if hidden else ""
    body += "".join(
        f'<w:p><w:r><w:drawing><blip r:embed="rId{n}"/></w:drawing></w:r></w:p>' for n in range(len(pictures))
    )
    links = "".join(f'<Relationship Id="rId{n}" Target="media/p{n}.png"/>' for n in range(len(pictures)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if runs == 1 else zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{word}" xmlns:r="{office}">{body}</w:document>')
        archive.writestr("word/_rels/document.xml.rels", f"<Relationships>{links}</Relationships>")
        for number, picture in enumerate(pictures):
            buffer = io.BytesIO()
            picture.save(buffer, "PNG")
            archive.writestr(f"word/media/p{number}.png", buffer.getvalue())
    return path


def _runs(line: str, count: int) -> str:
    size = max(1, -(-len(line) // count))
    return "".join(f"<w:r><w:t>{line[i : i + size]}</w:t></w:r>" for i in range(0, len(line), size))


def slide_text(seed: int) -> tuple[str, str]:
    """Heading and lines of a slide."""
    dice = random.Random(seed)
    term = ["".join(chr(0x4E00 + dice.randrange(3000)) for _ in range(6)) for _ in range(4)]
    lines = [
        f"{dice.choice(VERBS)}{term[n]}{dice.choice(WORDS)}，速度{dice.randrange(1, 99)}，{dice.choice(WHY)}"
        for n in range(4)
    ]
    return dice.choice(WORDS) + dice.choice(WORDS), "\n".join(lines)


def pptx(path: Path, slides: list[tuple[str, str]], is_wide: bool = False, notes: str = "", author: str = "") -> Path:
    """Slides with heading and text; another shape and other fonts when wide; notes for the speaker."""
    from pptx import Presentation
    from pptx.util import Cm, Pt

    deck = Presentation()
    if is_wide:
        deck.slide_width = Cm(33.8)
    for heading, text in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[5 if is_wide else 1])
        slide.shapes.title.text = heading
        frame = (
            slide.shapes.add_textbox(Cm(2), Cm(5), Cm(20), Cm(10)) if is_wide else slide.placeholders[1]
        ).text_frame
        frame.text = text
        frame.paragraphs[0].runs[0].font.size = Pt(30 if is_wide else 20)
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    deck.core_properties.author = author
    deck.save(str(path))
    return path


def table(seed: int) -> list[list[Any]]:
    """A heading and thirty rows of name, two numbers and their product."""
    dice = random.Random(seed)
    rows = [
        (f"{dice.choice(WORDS)}{dice.choice(VERBS)}{n * seed}", dice.randrange(100, 999), dice.randrange(2, 9))
        for n in range(1, 31)
    ]
    return [["名称", "数值", "件数", "合计"], *([name, value, count, value * count] for name, value, count in rows)]


def xlsx(path: Path, rows: list[list[Any]], formulas: bool = False, is_bold: bool = False) -> Path:
    """One sheet; with `formulas` the last column is computed and keeps its value."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Blatt")
    style = book.add_format({"bold": is_bold, "bg_color": "#ffeecc"} if is_bold else {})
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row[:3], style)
        if formulas and at:
            sheet.write_formula(at, 3, f"=B{at + 1}*C{at + 1}", style, row[3])
        else:
            sheet.write(at, 3, row[3], style)
    book.close()
    return path


def simulation() -> dict[str, str]:
    """A package with a page, scenarios, a script, settings and a library."""
    dice = random.Random(12)
    scenarios = [
        {
            "title": dice.choice(WORDS) + str(n),
            "text": f"{dice.choice(VERBS)}{dice.choice(WORDS)}，{dice.choice(WHY)}，再{dice.choice(VERBS)}{dice.choice(WORDS)}。",
        }
        for n in range(5)
    ]
    script = """
// starts the exercise
const stage = document.querySelector("#stage");
function begin(number) {
  const hint = "请先打开示教器，再选择坐标系。";  // shown first
  stage.textContent = hint + number;
  return { number: number, done: false };
}
"""
    page = "<!doctype html><html><head><title>示教</title></head><body><h1>示教器操作练习</h1><p>按正确的次序完成各步。</p><div id=stage></div></body></html>"
    return {
        "index.html": page,
        "main.js": script,
        "scenarios.json": json.dumps({"version": 1, "scenarios": scenarios}, ensure_ascii=False, indent=2),
        "config.json": json.dumps({"speed": 60, "volume": 3}),
        "lib/three.min.js": "var THREE={v:1};",
        "style.css": "body { margin: 0; }\n#stage { color: red; }\n",
    }


def minified(files: dict[str, str]) -> dict[str, str]:
    """What a packer does: no comments, few blanks."""
    small = dict(files)
    script = re.sub(r"(?m)//.*$", "", files["main.js"])
    small["main.js"] = re.sub(r"\s*([{}();,:=+])\s*", r"\1", re.sub(r"\s+", " ", script)).replace(";}", "}").strip()
    small["style.css"] = re.sub(r"\s*([{};:])\s*", r"\1", files["style.css"]).replace(";}", "}")
    small["scenarios.json"] = json.dumps(json.loads(files["scenarios.json"]), ensure_ascii=True, separators=(",", ":"))
    return small


def package(path: Path, files: dict[str, str], top: str = "", is_reversed: bool = False) -> Path:
    """A zip of the files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if is_reversed else zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, reverse=is_reversed):
            archive.writestr(
                zipfile.ZipInfo(top + name, (2024, 5, 6, 7, 8, 10) if is_reversed else (2025, 1, 1, 1, 1, 2)),
                files[name],
            )
    return path
