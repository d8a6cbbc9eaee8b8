"""What was understood of a package: modules, lessons, things in them, and remarks on what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_IN_A_LESSON = 200  # of the catalogue
MOST_TEXT = 20_000
MOST_TITLE = 200
MOST_THINGS = 20_000
SHOWN_LESSONS, SHOWN_REMARKS = 400, 1_000


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing for a lesson. `kind`: text, task, question, discussion, link, resource.

    A resource has a `file` of the package, or without one a `text` that becomes a text resource.
    `captions`: (language, file).
    """

    kind: str
    title: str
    text: str = ""
    url: str = ""
    file: str = ""
    captions: Sequence[tuple[str, str]] = ()
    licence: str = ""
    source: str = ""


@dataclass(slots=True)
class LessonOutline:
    """A lesson to be."""

    title: str
    items: list[Incoming] = field(default_factory=list)
    introduction: str = ""


@dataclass(slots=True)
class ModuleOutline:
    """A module to be."""

    title: str
    lessons: list[LessonOutline] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is not taken, or otherwise than it was: a code of words.REMARKS, what, and where."""

    code: str
    title: str
    where: str = ""

    def as_dict(self) -> dict[str, str]:
        """For the report."""
        return {"code": self.code, "title": self.title[:300], "where": self.where[:300]}


@dataclass(slots=True)
class Outline:
    """A package as it was understood. `form`: cc or olx; `version` as the package says it."""

    form: str
    version: str
    title: str
    modules: list[ModuleOutline] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, code: str, title: str, where: str = "") -> None:
        """Notes what is not taken."""
        self.remarks.append(Remark(code, title, where))

    def lessons(self) -> Iterator[tuple[str, ModuleOutline, LessonOutline]]:
        """(path, module, lesson): "2.1" is the first lesson of the second module."""
        for number, module in enumerate(self.modules, start=1):
            for seq, lesson in enumerate(module.lessons, start=1):
                yield f"{number}.{seq}", module, lesson

    def counts(self) -> dict[str, int]:
        """How many of what would be made; a file that stands twice is one resource."""
        items = [item for _path, _module, lesson in self.lessons() for item in lesson.items]
        kinds = Counter(item.kind for item in items if item.kind != "resource")
        files = {item.file or item.text for item in items if item.kind == "resource"}
        lessons = sum(len(module.lessons) for module in self.modules)
        return {"modules": len(self.modules), "lessons": lessons, **kinds, "resource": len(files)}

    def report(self) -> dict[str, Any]:
        """For the page and the command: plain values, cut where a package is very long (counts are whole)."""
        shown = [
            {
                "title": module.title,
                "lessons": [{"title": one.title, "items": len(one.items)} for one in module.lessons],
            }
            for module in self.modules
        ]
        return {
            "form": self.form, "version": self.version, "title": self.title, "counts": self.counts(),
            "modules": _first_lessons(shown), "remarks": [one.as_dict() for one in self.remarks[:SHOWN_REMARKS]],
            "remark_counts": dict(Counter(one.code for one in self.remarks)),
        }  # fmt: skip


def _first_lessons(modules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown, left = [], SHOWN_LESSONS
    for module in modules:
        if left <= 0:
            break
        shown.append({**module, "lessons": module["lessons"][:left]})
        left -= max(1, len(module["lessons"]))
    return shown


def tidy(outline: Outline) -> Outline:
    """The outline within the limits of the catalogue: titles cut, long texts and long lessons divided, each noted."""
    for number, module in enumerate(outline.modules, start=1):
        module.title = _title(outline, module.title) or str(number)
        module.lessons = [part for lesson in module.lessons for part in _divided(outline, lesson, module.title)]
    return outline


def _divided(outline: Outline, lesson: LessonOutline, module: str) -> list[LessonOutline]:
    title = _title(outline, lesson.title) or module
    items = [part for item in lesson.items for part in _short(outline, item, title)]
    parts = [items[at : at + MOST_IN_A_LESSON] for at in range(0, len(items), MOST_IN_A_LESSON)] or [[]]
    names = [title] + [f"{title[: MOST_TITLE - 8]} ({n})" for n in range(2, len(parts) + 1)]
    return [
        LessonOutline(name, some, lesson.introduction if name == title else "")
        for name, some in zip(names, parts, strict=True)
    ]


def _short(outline: Outline, item: Incoming, lesson: str) -> list[Incoming]:
    title = _title(outline, item.title)
    texts = [item.text] if item.kind == "resource" else _pieces(item.text)
    if len(texts) > 1:
        outline.remark("long_text", title, lesson)
    return [
        Incoming(item.kind, title, text, item.url if not at else "", item.file, item.captions, item.licence, item.source)
        for at, text in enumerate(texts)
    ]  # fmt: skip


def _pieces(text: str) -> list[str]:
    """A text in pieces the catalogue takes, divided between paragraphs where it can be."""
    pieces = []
    while len(text) > MOST_TEXT:
        cut = text.rfind("\n\n", MOST_TEXT // 2, MOST_TEXT)
        cut = cut if cut > 0 else MOST_TEXT
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip("\n")
    return [*pieces, text]


def _title(outline: Outline, title: str) -> str:
    one_line = " ".join("".join(sign if sign >= " " else " " for sign in title).split())
    if len(one_line) > MOST_TITLE:
        outline.remark("long_title", one_line)
    return one_line[:MOST_TITLE]
