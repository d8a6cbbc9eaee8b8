"""Images, thumbnails and course covers."""

from pathlib import Path

from PIL import Image

from .canvas import ACCENT, INK, INK_2, PAPER, RULE, STAGE, WARM, Canvas
from .corpus import DEFAULT_SCENES, Record, body_of, changes_until, corpus
from .documents import png_bytes
from .layout import VIEW, cover_slide, fold, full_slide, picture, slide_page
from .scenes import choose
from .script import Section, course_name, main_scene

SMALL = (640, 360)
COVER_SCENES = {
    "RP": "pick",
    "SI": "layout",
    "MT": "rv",
    "PL": "ladder",
    "OS": "twin",
    "MV": "detect",
    "EE": "motor",
    "TR": "steps",
}


def make_image(resource: Record, version: int, out: Path, size: tuple[int, int] = (1280, 720)) -> Path:
    """A labelled drawing on paper with its title and one sentence."""
    out.write_bytes(png_bytes(diagram(resource, version, size), 128))
    return out


def diagram(resource: Record, version: int, size: tuple[int, int]) -> Image.Image:
    """The drawing itself."""
    c = Canvas(size, PAPER, VIEW, background=WARM)
    c.rect(0, 0, 640, 4, ACCENT)
    c.text(28, 30, fold(c, resource["title_zh"], 21, 580, 1, True)[0], 21, INK, "lm", serif=True)
    c.rect(73, 51, 494, 279, "#ffffff", RULE, 5, 1)
    drawing = picture(main_scene(resource), 0.62, version - 1, (round(490 * c.k), round(275.6 * c.k)), PAPER)
    c.paste(drawing, 75, 53, 490, 275.6, 4)
    notes = [f"第 {x.version} 版：{x.reason}" for x in changes_until(resource["key"], version)]
    told = "；".join([resource.get("description_zh", ""), *notes])
    c.text(28, 346, fold(c, told, 12.5, 430, 1)[0], 12.5, INK_2, "lm")
    c.text(612, 346, course_name(resource.get("course", "")), 11, ACCENT, "rm")
    return c.finish()


def _section(resource: Record, layout: str, lines: tuple[str, ...] = ()) -> Section:
    title = resource["title_zh"].removeprefix("微课：").removesuffix("（教学课件）")
    return Section(0, 1, layout, title, lines, main_scene(resource), len(resource["key"]))


def _sound(resource: Record) -> Section:
    """A wave of its own for every recording."""
    minutes, seconds = divmod(int(resource.get("duration_s") or 0), 60)
    told = (f"音频 {minutes} 分 {seconds} 秒",)
    return Section(0, 1, "cover", resource["title_zh"], told, "voice", sum(map(ord, resource["key"])))


def poster(resource: Record, version: int) -> Image.Image:
    """The thumbnail: what kind of thing it is can be seen before a word is read."""
    kind, course = resource["type"], course_name(resource.get("course", ""))
    if kind == "text":
        return page_picture(resource, version)
    if kind == "image":
        return diagram(resource, version, SMALL)
    if kind == "audio":
        return cover_slide(_sound(resource), course, SMALL, 0.62)
    if kind in ("simulation", "animation"):
        word = "交互仿真" if kind == "simulation" else "动画"
        return full_slide(_section(resource, "full", (word, course)), SMALL, 0.62)
    if kind == "presentation":
        points = (corpus().lesson_of(resource) or {}).get("key_points_zh", [])
        return slide_page(_section(resource, "split", tuple(points)), course, SMALL)
    if kind == "other":
        return slide_page(_section(resource, "split", (resource.get("description_zh", ""),)), course, SMALL)
    return cover_slide(_section(resource, "cover"), course, SMALL, 0.62)


def page_picture(resource: Record, version: int) -> Image.Image:
    """A sheet of paper with the beginning of the text on it."""
    c = Canvas(SMALL, PAPER, VIEW, background="#ece8de")
    c.rect(74, 26, 500, 400, "#d8d2c4", r=4)
    c.rect(70, 20, 500, 400, "#ffffff", RULE, 4, 1)
    c.rect(70, 20, 6, 400, ACCENT)
    c.text(104, 58, course_name(resource.get("course", "")), 13, ACCENT, "lm")
    title = fold(c, resource["title_zh"], 26, 430, 2, True)
    for n, words in enumerate(title):
        c.text(104, 92 + n * 34, words, 26, INK, "lm", serif=True)
    top = 100 + len(title) * 34
    for n, words in enumerate(fold(c, body_of(resource, version), 16, 430, 9, marks=1)[:8]):
        c.text(104, top + n * 28, words, 16, INK_2, "lm")
    return c.finish()


def save_webp(image: Image.Image, out: Path) -> Path:
    """A picture for the web."""
    image.save(out, "WEBP", quality=82, method=4)
    return out


def make_cover(course: Record, out_dir: Path) -> Path:
    """The picture of a course: its drawing, without words, since the page says them."""
    out_dir.mkdir(parents=True, exist_ok=True)
    code = str(course["code"])
    scene = COVER_SCENES.get(code) or choose([course.get("name_zh", "")], DEFAULT_SCENES.get(code, "pick"))
    drawing = picture(scene, 0.62, 0, (960, 540), STAGE, labels=False)
    return save_webp(drawing, out_dir / f"cover-{code.lower()}.webp")
