"""What a video, an animation or a recording says and shows, second by second."""

import re
from dataclasses import dataclass, replace

from .corpus import DEFAULT_SCENES, Change, Corpus, Record, changes_until, corpus
from .scenes import choose

SPEECH = 3.4
"""Characters a calm voice speaks in a second."""


@dataclass(frozen=True)
class Cue:
    """One caption."""

    start_s: float
    end_s: float
    zh: str
    en: str = ""


@dataclass(frozen=True)
class Section:
    """One picture on the screen, from a second to a second."""

    start_s: float
    end_s: float
    layout: str  # cover, split, full, quiz, stage
    title: str
    lines: tuple[str, ...]
    scene: str
    variation: int = 0
    note: str = ""


@dataclass(frozen=True)
class Range:
    """The seconds that teach a point."""

    point: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Script:
    """A whole recording."""

    title: str
    course: str
    duration_s: float
    sections: tuple[Section, ...]
    cues: tuple[Cue, ...]
    ranges: tuple[Range, ...]


@dataclass(frozen=True)
class Block:
    """A part of a script before it has a time."""

    layout: str
    title: str
    lines: tuple[str, ...]
    spoken: tuple[str, ...]
    point: str = ""

    @property
    def weight(self) -> float:
        """How much time the part asks for."""
        return max(18.0, sum(len(words) + 3 for words in self.spoken))


def clauses(text: str, longest: int = 34) -> list[str]:
    """A text cut into pieces that fit one caption."""
    pieces = [p for p in re.split(r"(?<=[。；！？;])|\n", text) if p and p.strip()]
    cut: list[str] = []
    for piece in pieces:
        cut.extend([piece] if len(piece) <= longest else _halves(piece, longest))
    return [piece.strip() for piece in cut]


def _halves(piece: str, longest: int) -> list[str]:
    """A long sentence folded at its commas."""
    folded = [""]
    for part in re.split(r"(?<=[，：、,])", piece):
        if len(folded[-1]) + len(part) > longest and folded[-1]:
            folded.append("")
        folded[-1] += part
    return folded


def bullets(text: str, most: int = 4) -> tuple[str, ...]:
    """The first clauses of a text, short enough to be read on a slide."""
    parts = [p.strip() for p in re.split(r"[，。；：\n]", text) if len(p.strip()) > 2]
    return tuple(parts[:most])


def course_name(code: str) -> str:
    """The Chinese name of a course, or nothing."""
    return str(corpus().courses.get(code, {}).get("name_zh", ""))


def main_scene(resource: Record, lesson: Record | None = None) -> str:
    """The drawing that stands for a resource."""
    texts = [resource["title_zh"], resource.get("description_zh", ""), *resource.get("keywords", [])]
    if lesson and resource.get("lesson"):
        texts[:1] = [lesson["title_zh"], " ".join(s["title"] for s in lesson["slides"])]
    return choose(texts, DEFAULT_SCENES.get(resource.get("course", ""), "pick"))


def make_script(resource: Record, lesson: Record | None, version: int, duration_s: float) -> Script:
    """The script of this version of a resource."""
    if lesson and resource.get("lesson") and "narration" in lesson:
        made = from_narration(resource, lesson)
    else:
        made = from_blocks(resource, blocks_of(resource, corpus(), duration_s), duration_s)
    for change in changes_until(resource["key"], version):
        made = revise(made, change)
    return made


# --- lessons with a written narration


def pairs(text: str) -> set[str]:
    """The neighbouring characters of a text, to compare two texts by."""
    return {text[n : n + 2] for n in range(len(text) - 1)}


def match_slides(cues: list[Record], slides: list[Record]) -> list[int]:
    """For every cue the slide it belongs to: never going back, ending on the last."""
    words = [pairs(s["title"] + "".join(s["bullets"])) for s in slides]
    best: list[dict[int, tuple[float, list[int]]]] = [{0: (0.0, [0])}]
    for number, cue in enumerate(cues[1:], 1):
        said, here = pairs(cue["text_zh"]), {}
        for slide in range(len(slides)):
            score = len(said & words[slide]) + 0.5 * (round(number * (len(slides) - 1) / (len(cues) - 1)) == slide)
            before = [best[-1][s] for s in (slide, slide - 1) if s in best[-1]]
            if before:
                top = max(before, key=lambda b: b[0])
                here[slide] = (top[0] + score, [*top[1], slide])
        best.append(here)
    return best[-1][max(best[-1])][1]


def from_narration(resource: Record, lesson: Record) -> Script:
    """A lesson video: its slides follow its narration."""
    told = lesson["narration"]
    cues = tuple(Cue(c["start_s"], c["end_s"], c["text_zh"], c["text_en"]) for c in told["cues"])
    ranges = tuple(Range(r["point"], r["start_s"], r["end_s"]) for r in told["point_ranges"])
    shown = match_slides(told["cues"], lesson["slides"])
    starts = [n for n in range(len(shown)) if n == 0 or shown[n] != shown[n - 1]]
    ends = [cues[n].start_s for n in starts[1:]] + [float(told["duration_s"])]
    sections = tuple(
        _slide_section(resource, lesson, shown[n], 0.0 if n == 0 else cues[n].start_s, end)
        for n, end in zip(starts, ends, strict=True)
    )
    return Script(lesson["title_zh"], course_name(lesson["course"]), float(told["duration_s"]), sections, cues, ranges)


def _slide_section(resource: Record, lesson: Record, number: int, start: float, end: float) -> Section:
    slide = lesson["slides"][number]
    layout = "cover" if number == 0 else "full" if number in (3, 5) else "split"
    words = slide["title"] + " ".join(slide["bullets"])
    scene = (
        main_scene(resource, lesson)
        if number in (0, 1)
        else choose([words, lesson["title_zh"]], main_scene(resource, lesson))
    )
    return Section(start, end, layout, slide["title"], tuple(slide["bullets"]), scene, number)


# --- the others, told from points, lesson slides and questions


def blocks_of(resource: Record, books: Corpus, duration_s: float) -> list[Block]:
    """Parts enough to fill the time."""
    about = str(resource.get("description_zh", ""))
    title = resource["title_zh"]
    head = [Block("cover", title, (about,), (f"本段内容：{title}。", *clauses(about)))]
    tail = [Block("split", "小结", tuple(resource.get("keywords", []))[:4] or (title,), _closing(resource, books))]
    body = [block for point in books.points_of(resource) for block in _point_blocks(point)]
    for block in _more_blocks(resource, books):
        if sum(b.weight for b in head + body + tail) > duration_s * SPEECH * 0.8:
            break
        body.append(block)
    return [*head, *body, *tail]


def _closing(resource: Record, books: Corpus) -> tuple[str, ...]:
    names = "、".join(p["name_zh"] for p in books.points_of(resource)) or resource["title_zh"]
    return (f"小结：本段讲了{names}。", "示例内容，人物和单位均为虚构，操作以设备手册和现行标准为准。")


def _point_blocks(point: Record) -> list[Block]:
    told = clauses(point["description_zh"])
    half = max(1, len(told) // 2)
    name = point["name_zh"]
    return [
        Block("split", name, bullets(point["description_zh"]), tuple(told[:half]), point["key"]),
        Block("full", name, (point["name_en"],), tuple(told[half:]) or (f"再看一遍：{name}。",), point["key"]),
    ]


def _more_blocks(resource: Record, books: Corpus) -> list[Block]:
    """Lesson slides near the topic and questions on the points, in turn."""
    lesson, wanted = books.lesson_of(resource), pairs(resource["title_zh"] + resource.get("description_zh", ""))
    slides = lesson["slides"][2:-1] if lesson else []
    near = sorted(slides, key=lambda s: -len(wanted & pairs(s["title"] + "".join(s["bullets"]))))
    asked = [q for p in resource.get("points", []) for q in books.questions.get(p, [])]
    found: list[Block] = []
    for number in range(max(len(near), len(asked))):
        found += [_slide_block(slide) for slide in near[number : number + 1]]
        found += [_question_block(question) for question in asked[number : number + 1]]
    return found


def _slide_block(slide: Record) -> Block:
    return Block(
        "split",
        slide["title"],
        tuple(slide["bullets"]),
        (f"{slide['title']}。", *(f"{words}。" for words in slide["bullets"])),
    )


def _question_block(question: Record) -> Block:
    options = tuple(f"{o['id']}  {o['text']}" for o in question["options"])[:4]
    answer = f"答案 {question['answer']}：{question['explanation_zh']}"
    return Block(
        "quiz",
        question["stem_zh"],
        (*options, answer),
        (f"想一想：{question['stem_zh']}", *clauses(f"解析：{question['explanation_zh']}")),
    )


def from_blocks(resource: Record, blocks: list[Block], duration_s: float) -> Script:
    """Blocks laid on the time line, each as long as its words ask."""
    total = sum(block.weight for block in blocks)
    at, sections, cues, ranges = 0.0, [], [], []
    scene, animated = main_scene(resource), resource.get("type") == "animation"
    for number, block in enumerate(blocks):
        end = duration_s if block is blocks[-1] else round(at + duration_s * block.weight / total, 1)
        sections.append(_block_section(block, number, (at, end), scene, animated))
        cues += _spread(block.spoken, at, end)
        if block.point:
            ranges.append(Range(block.point, at, end))
        at = end
    title = resource["title_zh"]
    return Script(
        title, course_name(resource.get("course", "")), duration_s, tuple(sections), tuple(cues), tuple(_joined(ranges))
    )


def _block_section(block: Block, number: int, span: tuple[float, float], scene: str, animated: bool) -> Section:
    """A block on the screen; an animation stays with its one drawing, which is then drawn only once."""
    layout = "stage" if animated and number else block.layout
    keeps = animated or block.layout in ("cover", "full", "quiz")
    drawing = scene if keeps else choose([block.title], scene)
    return Section(*span, layout, block.title, block.lines, drawing, 0 if animated else number // 3)


def _spread(spoken: tuple[str, ...], start: float, end: float) -> list[Cue]:
    """Captions over a part, with a breath between them."""
    total, at, made = sum(len(words) + 3 for words in spoken), start, []
    for words in spoken:
        slot = (end - start) * (len(words) + 3) / total
        stay = min(slot - 0.2, len(words) / SPEECH * 1.6 + 1.5)
        made.append(Cue(round(at + 0.1, 2), round(at + 0.1 + max(0.4, stay - 0.1), 2), words))
        at += slot
    return made


def _joined(ranges: list[Range]) -> list[Range]:
    """Neighbouring ranges of one point as one."""
    joined: list[Range] = []
    for item in ranges:
        if joined and joined[-1].point == item.point and joined[-1].end_s == item.start_s:
            item = replace(item, start_s=joined.pop().start_s)
        joined.append(item)
    return joined


# --- later versions


def revise(script: Script, change: Change) -> Script:
    """The script with the stated share of its time replaced."""
    length = change.seconds or change.share * script.duration_s
    room = max(0.0, script.duration_s - length)
    start = round(room * (0.3 + 0.23 * change.version) % max(room, 0.1), 1)
    end = round(start + length, 1)
    sections = tuple(part for section in script.sections for part in _cut(section, start, end, change))
    cues = _recaption(script.cues, start, end, change) if change.substantive else script.cues
    return replace(script, sections=sections, cues=cues)


def _cut(section: Section, start: float, end: float, change: Change) -> list[Section]:
    """A section split where the new matter begins and ends."""
    low, high = max(section.start_s, start), min(section.end_s, end)
    if low >= high:
        return [section]
    parts = [replace(section, end_s=low), _renewed(section, low, high, change), replace(section, start_s=high)]
    return [part for part in parts if part.end_s > part.start_s]


def _renewed(section: Section, low: float, high: float, change: Change) -> Section:
    if not change.substantive:
        return replace(section, start_s=low, end_s=high, note="勘误")
    lines = (change.reason, *section.lines[:2], "关键词：" + "、".join(change.tags) if change.tags else "")
    return Section(
        low,
        high,
        "split",
        section.title,
        tuple(x for x in lines if x),
        section.scene,
        section.variation + change.version * 3,
        f"第 {change.version} 版更新",
    )


def _recaption(cues: tuple[Cue, ...], start: float, end: float, change: Change) -> tuple[Cue, ...]:
    """The first caption inside the new matter tells what is new."""
    inside = [n for n, cue in enumerate(cues) if start <= cue.start_s < end][:1]
    return tuple(replace(c, zh=f"新版更新：{change.reason}。") if n in inside else c for n, c in enumerate(cues))
