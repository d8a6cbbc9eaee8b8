"""Pages: the warm paper slide, the dark title, the full drawing. Logical size 640 by 360."""

from functools import lru_cache

from PIL import Image, ImageChops

from .canvas import ACCENT, INK, INK_2, PAPER, RULE, STAGE, WARM, Canvas
from .scenes import SCENES
from .script import Section

VIEW = (640.0, 360.0)
PANEL = (332.0, 112.0, 272.0, 152.0)
"""Where the moving drawing stands on a split slide: x, y, width, height."""
BAR = (36.0, 4.0, 5.0)
"""The moving mark beside the line being spoken: x, inset, width."""


def picture(
    scene: str,
    t: float,
    v: int,
    size: tuple[int, int],
    tone: object = STAGE,
    labels: bool = True,
    view: tuple[float, float] = (320, 180),
) -> Image.Image:
    """One moment of a drawing."""
    canvas = Canvas(size, PAPER if tone is PAPER else STAGE, view, labels)
    SCENES[scene](canvas, t, v)
    return canvas.finish()


def fold(
    c: Canvas, words: str, size: float, width: float, most: int = 3, serif: bool = False, marks: float = 0.65
) -> list[str]:
    """Text in lines no wider than the width: Latin words stay whole, a line may end early at a mark in its last part."""
    lines, line = [], ""
    for part in _parts(words):
        if line and c.width_of(line + part, size, serif) > width:
            cut = max(line.rfind(mark) for mark in "：，、—") + 1
            cut = cut if cut > len(line) * (0.4 if serif else marks) else len(line)
            lines.append(line[:cut].rstrip())
            line = (line[cut:] + part).lstrip()
        else:
            line += part
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return lines


def _parts(words: str) -> list[str]:
    """Single Chinese characters, whole Latin words, closing marks kept with what they close."""
    parts: list[str] = []
    for char in words:
        joins = parts and (
            char in "，。；：！？、）》”%°"
            or (char.isascii() and char != " " and parts[-1][-1].isascii() and parts[-1][-1] != " ")
        )
        if joins:
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def row_boxes(section: Section) -> list[tuple[float, float]]:
    """Top and height of every line on a split or quiz slide."""
    step = 52.0 if section.layout == "split" else 38.0
    top = 98.0 if section.layout == "split" else 130.0
    return [(top + n * step, step) for n in range(len(shown_lines(section)))]


def shown_lines(section: Section) -> tuple[str, ...]:
    """The lines that fit."""
    return section.lines[:4] if section.layout == "split" else section.lines[:5]


def paper(section: Section, course: str, size: tuple[int, int], fine: int = 2) -> Canvas:
    """The empty slide: paper, course, title, note."""
    c = Canvas(size, PAPER, VIEW, background=WARM, fine=fine)
    c.rect(0, 0, 640, 5, ACCENT)
    c.text(36, 28, course, 11.5, ACCENT, "lm")
    c.line([(36, 342), (604, 342)], RULE, 1)
    if section.note:
        wide = c.width_of(section.note, 12) + 20
        c.rect(604 - wide, 17, wide, 23, "#fbf0d9", "#8a5a00", 4, 1)
        c.text(604 - wide / 2, 28, section.note, 12, "#8a5a00")
    return c


def split_slide(section: Section, course: str, size: tuple[int, int], fine: int = 2) -> Image.Image:
    """Title and lines left; the drawing goes into PANEL."""
    c = paper(section, course, size, fine)
    for n, words in enumerate(fold(c, section.title, 27, 568, 1, True)):
        c.text(36, 66 + n * 30, words, 27, INK, "lm", serif=True)
    for (top, height), words in zip(row_boxes(section), shown_lines(section), strict=True):
        for n, part in enumerate(told := fold(c, words, 19, 264, 2)):
            c.text(52, top + height / 2 + (n - (len(told) - 1) / 2) * 23, part, 19, INK, "lm")
    x, y, w, h = PANEL
    c.rect(x - 3, y - 3, w + 6, h + 6, "#ffffff", RULE, 6, 1)
    return c.finish()


def quiz_slide(section: Section, course: str, size: tuple[int, int], answered: bool) -> Image.Image:
    """A question with its options; the answer comes in the second half."""
    c = paper(section, course, size)
    c.rect(36, 50, 62, 24, ACCENT, r=4)
    c.text(67, 62, "想一想", 14, "#ffffff")
    for n, words in enumerate(fold(c, section.title, 20, 560, 2, True)):
        c.text(36, 92 + n * 25, words, 20, INK, "lm", serif=True)
    rows = shown_lines(section)
    right = rows[-1].split("：")[0].removeprefix("答案 ") if rows else ""
    for (top, height), words in zip(row_boxes(section), rows[:-1], strict=False):
        hit = answered and words.startswith(f"{right}  ")
        c.rect(46, top + 4, 558, height - 8, "#e5f1ea" if hit else "#ffffff", "#25704a" if hit else RULE, 5, 1)
        c.text(60, top + height / 2, fold(c, words, 15, 530, 1)[0], 15, "#25704a" if hit else INK, "lm")
    if answered and rows:
        for n, words in enumerate(fold(c, rows[-1], 14, 568, 2)):
            c.text(36, 302 + n * 19, words, 14, "#25704a", "lm")
    return c.finish()


@lru_cache(maxsize=4)
def shade(size: tuple[int, int]) -> Image.Image:
    """Dark on the left, clear on the right: lays a title on a drawing."""
    ramp = Image.new("L", (64, 1))
    for x in range(64):
        ramp.putpixel((x, 0), round(236 * max(0.0, 1 - max(0, x - 22) / 34)))
    return ramp.resize(size, Image.Resampling.BICUBIC)


def cover_slide(section: Section, course: str, size: tuple[int, int], t: float) -> Image.Image:
    """The title over the drawing of the topic."""
    back = picture(section.scene, t, section.variation, size, labels=False, view=(320, 180))
    aside = round(size[0] * 0.14)
    margin = back.crop((0, 0, 1, size[1])).resize((aside, size[1]))
    back = ImageChops.offset(back, aside, 0)
    back.paste(margin, (0, 0))
    c = Canvas(size, STAGE, VIEW, fine=1)
    c.image.paste(Image.composite(Image.new("RGB", size, "#0f2c39"), back, shade(size)))
    _cover_text(c, section, course)
    return c.finish()


def _cover_text(c: Canvas, section: Section, course: str) -> None:
    c.rect(36, 92, 44, 4, "#f2b24a")
    c.text(36, 74, course, 14, "#cfe2e8", "lm")
    lines = fold(c, section.title, 31, 330, 3, True)
    for n, words in enumerate(lines):
        c.text(36, 128 + n * 42, words, 31, "#ffffff", "lm", serif=True)
    below = 128 + len(lines) * 42
    for n, words in enumerate(fold(c, " · ".join(section.lines), 14, 320, 3)):
        c.text(36, below + n * 22, words, 14, "#cfe2e8", "lm")
    c.text(36, 336, "示例课件 · 人物单位均为虚构", 11, "#8fb9c8", "lm")
    if section.note:
        c.text(604, 28, section.note, 13, "#f2b24a", "rm")


def wide_picture(section: Section, size: tuple[int, int], t: float) -> Image.Image:
    """The drawing over the whole picture, its edges drawn out to both sides; the foot is left for words."""
    wide, high = round(size[0] * 0.86), round(size[1] * 0.86)
    drawing = picture(section.scene, t, section.variation, (wide, high))
    left = (size[0] - wide) // 2
    whole = Image.new("RGB", size, "#0c1f28")
    for x, at in ((0, 0), (wide - 1, left + wide)):
        edge = drawing.crop((x, 0, x + 1, high))
        whole.paste(edge.resize((left if at == 0 else size[0] - at, high)), (at, 0))
    whole.paste(drawing, (left, 0))
    return whole


def full_slide(section: Section, size: tuple[int, int], t: float) -> Image.Image:
    """The drawing with a strip of words below."""
    c = Canvas(size, STAGE, VIEW, fine=1)
    c.image.paste(wide_picture(section, size, t))
    strip(c, section)
    return c.finish()


def strip(c: Canvas, section: Section) -> None:
    """Title and lines under a drawing."""
    c.rect(0, 306, 640, 54, "#0c1f28")
    c.rect(24, 318, 4, 30, "#f2b24a")
    c.text(38, 326, fold(c, section.title, 17, 420, 1)[0], 17, "#ffffff", "lm")
    c.text(38, 347, fold(c, " · ".join(section.lines), 12.5, 560, 1)[0], 12.5, "#a9cbd6", "lm")
    if section.note:
        c.text(616, 326, section.note, 13, "#f2b24a", "rm")


def slide_page(section: Section, course: str, size: tuple[int, int], number: str = "") -> Image.Image:
    """A still slide with its drawing, for PDF, PPTX and thumbnails."""
    if section.layout == "cover":
        return cover_slide(section, course, size, 0.62)
    page = split_slide(section, course, size)
    k = size[0] / VIEW[0]
    x, y, w, h = PANEL
    drawing = panel_picture(section, 0.62, (round(w * k), round(h * k)))
    page.paste(drawing, (round(x * k), round(y * k)))
    c = Canvas(size, PAPER, VIEW, fine=1)
    c.image.paste(page)
    for top, height in row_boxes(section):
        c.rect(BAR[0], top + 13, BAR[2], height - 26, ACCENT, r=2)
    c.text(604, 351, number, 10, INK_2, "rm")
    return c.finish()


def panel_picture(section: Section, t: float, size: tuple[int, int]) -> Image.Image:
    """The drawing of a split slide, at the size of its panel."""
    return picture(section.scene, t, section.variation, size)
