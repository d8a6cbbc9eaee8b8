"""The pages of the folder: one index and one page a lesson, in both languages over the same files.

A page from a disk may fetch nothing, not even its neighbour: captions stand in the page as data, the search list comes as
a script, and without scripts everything can still be read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from flask import current_app
from flask_babel import force_locale

from courseware.exchange.planned import Captions, CoursePlan, LessonPlan, Part
from courseware.exchange.words import PART_NAMES, REASONS
from courseware.exchange.zipping import Packing
from courseware.resources.page_queries import lines_of
from courseware.resources.views.previews import caption_label, render_markdown
from courseware.resources.words import LICENCES
from courseware.web.assets import built_file
from courseware.web.i18n import local_text

LANGUAGES = (("zh_Hans", "", ""), ("en", "en/", "../"))  # locale, folder of its pages, the way back to the top
INDEX_CHARS = 20_000  # of one thing's text in the search list


def write(plan: CoursePlan, packing: Packing) -> None:
    """Writes all pages; the files of `plan` are in the package by now."""
    for name in ("offline.css", "offline.js"):
        packing.write(name, built_file(name).read_bytes())
    for locale, folder, root in LANGUAGES:
        with force_locale(locale):
            pages = _Pages(plan, packing, folder, root)
            pages.write_all()


def page_name(lesson: LessonPlan) -> str:
    """The page of a lesson."""
    return f"lesson-{lesson.num:03d}.html"


class _Pages:
    """The pages of one language."""

    def __init__(self, plan: CoursePlan, packing: Packing, folder: str, root: str) -> None:
        self.plan, self.packing, self.folder, self.root = plan, packing, folder, root

    def write_all(self) -> None:
        """Index, lessons, licences, search list."""
        self._page("index.html", "index", left_out=self.plan.left_out)
        for lesson, before, after in _neighbours(self.plan.lessons):
            self._page(
                page_name(lesson), "lesson", lesson=lesson, before=before, after=after,
                left_out=[one for one in self.plan.left_out if one.lesson == lesson.title],
            )  # fmt: skip
        self._page("licences.html", "licences", left_out=self.plan.left_out)
        # A script and not JSON: a page from a disk may load the one and not the other.
        told = json.dumps(list(self._entries()), ensure_ascii=False).replace("</", "<\\/")
        self.packing.write(f"{self.folder}search-index.js", f"window.KEKU_INDEX = {told};\n")

    def _page(self, name: str, template: str, **more: Any) -> None:
        other = f"en/{name}" if not self.folder else f"../{name}"
        text = current_app.jinja_env.get_template(f"exchange/offline/{template}.html").render(
            plan=self.plan, course=self.plan.course, root=self.root, lang="en" if self.folder else "zh-Hans", other=other,
            here=template, place=self._place, page_name=page_name, markdown=render_markdown, tracks=tracks_of, lines=lines,
            reasons=REASONS, part_names=PART_NAMES, licences=LICENCES, **more,
        )  # fmt: skip
        self.packing.write(f"{self.folder}{name}", text)

    def _place(self, file: Any) -> str:
        found = self.packing.place(file)
        return f"{self.root}{found}" if found else ""

    def _entries(self) -> Iterator[dict[str, str]]:
        for lesson in self.plan.lessons:
            href, title = page_name(lesson), local_text(lesson, "title")
            points = " ".join(name for point in lesson.points for name in point)
            yield {"t": title, "l": "", "h": href, "s": f"{lesson.introduction} {points}"[:INDEX_CHARS]}
            for part in lesson.parts:
                spoken = " ".join(text for track in part.captions[:1] for _start, text in lines(track))
                yield {
                    "t": local_text(part, "title") or str(PART_NAMES[part.kind]), "l": title, "h": f"{href}#p{part.name}",
                    "s": f"{_plain(part)} {spoken}"[:INDEX_CHARS],
                }  # fmt: skip


def tracks_of(part: Part) -> list[dict[str, str]]:
    """Captions as a page carries them: pages from a disk may not load a file of captions."""
    return [
        {
            "src": "data:text/vtt;base64," + base64.b64encode(track.webvtt.encode()).decode(), "lang": track.language,
            "label": caption_label(track.language, is_machine=track.is_machine),
        }
        for track in part.captions
    ]  # fmt: skip


def lines(track: Captions) -> list[tuple[float, str]]:
    """The lines of a transcript: (seconds, text)."""
    return [(line.start, line.text) for line in lines_of(track.webvtt)]


def _plain(part: Part) -> str:
    return render_markdown(part.text).striptags() if part.text else ""


def _neighbours(lessons: list[LessonPlan]) -> Iterator[tuple[LessonPlan, LessonPlan | None, LessonPlan | None]]:
    for at, lesson in enumerate(lessons):
        yield lesson, lessons[at - 1] if at else None, lessons[at + 1] if at + 1 < len(lessons) else None


def folder_name(plan: CoursePlan) -> str:
    """The folder around everything: plain letters, for every unpacker."""
    code = "".join(sign for sign in plan.course.code if sign.isascii() and (sign.isalnum() or sign in "-_"))
    return f"{code or 'course'}-offline/"
