"""Courses of Open edX as they are exported (OLX): chapters become modules, sequentials lessons, units their things."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree

from courseware.exchange.errors import Unreadable
from courseware.exchange.incoming.archive import PackageFiles
from courseware.exchange.incoming.markup import local, read_xml
from courseware.exchange.incoming.outline import MOST_THINGS, Incoming, LessonOutline, ModuleOutline, Outline
from courseware.exchange.incoming.pages import PageReader
from courseware.exchange.words import WHY
from media.errors import UnsafeFile

DEEPEST = 12
ROOTS = ("course.xml", "library.xml")
TESTS = (
    "problem",
    "library_content",
    "itembank",
    "openassessment",
    "problemset",
    "randomize",
    "edx_sga",
    "survey",
    "poll",
    "drag-and-drop-v2",
)
TOOLS = ("lti", "lti_consumer", "scorm", "google-calendar", "google-document", "videoalpha")
FRAMES = ("vertical", "unit", "split_test", "wrapper", "conditional", "sequential")
YOUTUBE = "https://www.youtube.com/watch?v="


def root_of(files: PackageFiles) -> str:
    """Where the course begins: the file nearest to the top; empty where there is none."""
    found = [name for name in files.members if posixpath.basename(name) in ROOTS and name.count("/") <= 2]
    return min(found, key=lambda name: (name.count("/"), name), default="")


def read_olx(files: PackageFiles, root_name: str, name: str) -> Outline:
    """The outline of an OLX course or library. Raises Unreadable."""
    reading = _Reading(files, posixpath.dirname(root_name))
    root = reading.resolve(reading.parse(root_name))
    if root is None or local(root) not in ("course", "library"):
        raise Unreadable(name=name, reason=WHY["bad_olx"])
    return reading.outline(root)


class _Reading:
    def __init__(self, files: PackageFiles, base: str) -> None:
        self.files, self.base = files, base
        self.made = Outline("olx", "", "")
        self.pages = PageReader(files, self.made)
        self.seen = 0

    def outline(self, root: etree._Element) -> Outline:
        """Goes through the course."""
        self.made.title = _name(root) or root.get("course") or root.get("library") or ""
        if local(root) == "library":
            lesson = LessonOutline(self.made.title, list(self._things(root, self.made.title, 0)))
            self.made.modules.append(ModuleOutline(self.made.title, [lesson]))
            return self.made
        for chapter in self._below(root, "chapter"):
            module = ModuleOutline(_name(chapter))
            self.made.modules.append(module)
            for sequential in self._below(chapter, "sequential"):
                title = _name(sequential)
                module.lessons.append(LessonOutline(title, list(self._things(sequential, title, 0))))
        return self.made

    def _below(self, parent: etree._Element, name: str) -> Iterator[etree._Element]:
        for one in parent:
            found = self.resolve(one) if local(one) == name else None
            if found is not None:
                yield found
            elif local(one) == name:
                self.made.remark("no_course_file", one.get("url_name") or name, _name(parent))

    def _things(self, parent: etree._Element, where: str, depth: int) -> Iterator[Incoming]:
        for pointer in parent:
            kind = local(pointer)
            if not kind or kind in ("wiki", "textbook"):
                continue
            self._count()
            node = self.resolve(pointer)
            if node is None:
                self.made.remark("no_course_file", pointer.get("url_name") or kind, where)
            elif kind in FRAMES and depth < DEEPEST:
                yield from self._things(node, where, depth + 1)
            else:
                yield from self._component(kind, node, where)

    def _component(self, kind: str, node: etree._Element, where: str) -> list[Incoming]:
        title = _name(node)
        if kind in ("html", "about", "static_tab"):
            return self._page(node, title, where)
        if kind == "video":
            return self._video(node, title, where)
        code = "questions" if kind in TESTS else "lti" if kind in TOOLS else "unknown_kind"
        told = title or node.get("url_name") or kind
        self.made.remark(
            "discussion_place" if kind == "discussion" else code,
            told if code != "unknown_kind" else f"{told} ({kind})",
            where,
        )
        return []

    def _page(self, node: etree._Element, title: str, where: str) -> list[Incoming]:
        named = node.get("filename")
        if named:
            file = self.files.find(f"html/{named}.html", self.base) or self.files.find(named, self.base)
            if not file:
                self.made.remark("missing_file", title or named, where)
                return []
            return self.pages.of_file(file, title, where)
        markup = (node.text or "") + "".join(etree.tostring(one, encoding="unicode") for one in node)
        return self.pages.of_markup(markup, title, posixpath.join(self.base, "html"), where)

    def _video(self, node: etree._Element, title: str, where: str) -> list[Incoming]:
        for address in _sources(node):
            if address.startswith(("http://", "https://")):
                return [Incoming("link", title, url=address)]
            file = self.files.find(address.replace("/static/", "static/", 1), self.base)
            if file:
                self.pages.used.add(file)
                return [Incoming("resource", title, file=file, captions=self._captions(node))]
        key = node.get("youtube_id_1_0") or (node.get("youtube") or "").split("1.00:")[-1].split(",")[0]
        if key:
            return [Incoming("link", title, url=YOUTUBE + key)]
        self.made.remark("hosted_video", title, where)
        return []

    def _captions(self, node: etree._Element) -> list[tuple[str, str]]:
        tracks = ((one.get("language") or "", one.get("src") or "") for one in node if local(one) == "transcript")
        found = ((language, self.files.find(f"static/{src}", self.base)) for language, src in tracks)
        return [(language, name) for language, name in found if name]

    def resolve(self, node: etree._Element | None) -> etree._Element | None:
        """The node, or the one that its file holds: OLX puts a tag with nothing but a name where a file is meant."""
        if node is None:
            return None
        name = node.get("url_name")
        if not name or len(node) or (node.text or "").strip():
            return node
        file = self.files.find(f"{local(node)}/{name}.xml", self.base)
        if not file:
            return node if set(node.attrib) - {"url_name", "org", "course", "slug"} else None
        found = self.parse(file)
        return found if found is not None and local(found) == local(node) else None

    def parse(self, name: str) -> etree._Element | None:
        """A file of the course; None where it cannot be read."""
        try:
            return read_xml(self.files.read(name))
        except UnsafeFile:
            return None

    def _count(self) -> None:
        self.seen += 1
        if self.seen > MOST_THINGS:
            raise Unreadable(name=self.made.title, reason=WHY["too_many"])


def _name(node: etree._Element) -> str:
    return node.get("display_name") or ""


def _sources(node: etree._Element) -> list[str]:
    return [
        src.strip()
        for one in node
        if local(one) in ("source", "encoded_video")
        for src in [one.get("src") or one.get("url") or ""]
        if src
    ]
