"""Common Cartridges 1.0 to 1.3, and what Canvas and Moodle call by that name, as an outline.

The first level of the outline becomes modules, the second lessons, everything below things of a lesson. Where things stand
directly in a module they make a lesson of its name; a heading without contents begins the next one, as Canvas means it.
"""

from __future__ import annotations

import posixpath

from lxml import etree

from courseware.exchange.cartridge import names
from courseware.exchange.errors import Unreadable
from courseware.exchange.incoming.archive import PackageFiles
from courseware.exchange.incoming.manifest import Entry, Manifest, Node, every, read_manifest
from courseware.exchange.incoming.markup import child, read_page, read_xml, text_of
from courseware.exchange.incoming.outline import MOST_THINGS, Incoming, LessonOutline, ModuleOutline, Outline
from courseware.exchange.incoming.pages import PageReader, is_page
from courseware.exchange.words import WHY
from media.errors import UnsafeFile

SETTINGS = ("course_settings/", "non_cc_assessments/")
OF_A_PLATFORM = "learning-application-resource"


def read_cartridge(files: PackageFiles, manifest: str, name: str) -> Outline:
    """The outline of a cartridge. Raises Unreadable."""
    return _Reading(files, read_manifest(files, manifest, name)).outline()


class _Reading:
    def __init__(self, files: PackageFiles, manifest: Manifest) -> None:
        self.files, self.manifest, self.base, self.entries = files, manifest, manifest.base, manifest.entries
        self.made = Outline("cc", manifest.version, manifest.title)
        self.pages = PageReader(files, self.made)
        self.opened: set[str] = set()

    def outline(self) -> Outline:
        """Goes through the outline; a cartridge without one gives its resources in their order."""
        top = list(self.manifest.outline)
        if not any(node.refers for node in every(top)):
            top = [Node("", "", [Node("", e.identifier) for e in self.entries.values() if _stands_alone(e)])]
        if sum(1 for _ in every(top)) > MOST_THINGS:
            raise Unreadable(name=self.made.title, reason=WHY["too_many"])
        loose = [node for node in top if not node.below and node.refers]
        for node in top:
            if node.below or not node.refers:
                self.made.modules.append(self._module(node))
        if loose:
            self.made.modules.append(self._module(Node(self.made.title, "", loose)))
        self._tell_unused()
        return self.made

    def _module(self, node: Node) -> ModuleOutline:
        title = node.title or self.made.title
        module = ModuleOutline(title)
        loose: LessonOutline | None = None
        for one in node.below:
            if one.below:
                module.lessons.append(self._lesson(one))
                loose = None
            elif not one.refers:
                loose = LessonOutline(one.title or title)
                module.lessons.append(loose)
            else:
                if loose is None:
                    loose = LessonOutline(title)
                    module.lessons.append(loose)
                loose.items += self._things(one, title)
        return module

    def _lesson(self, node: Node) -> LessonOutline:
        lesson = LessonOutline(node.title)
        if any(one.below for one in node.below):
            self.made.remark("too_deep", node.title)
        for one in every(node.below):
            if one.refers and not lesson.items and not lesson.introduction and self._is_introduction(one):
                lesson.introduction = "\n\n".join(item.text for item in self._things(one, node.title))
            elif one.refers:
                lesson.items += self._things(one, node.title)
        return lesson

    def _is_introduction(self, node: Node) -> bool:
        entry = self.entries.get(node.refers)
        name = self._name(entry.href) if entry is not None else ""
        if not is_page(name):
            return False
        try:
            page = read_page(self.files.read(name))
        except UnsafeFile:
            return False
        return page is not None and page.kind == "introduction"

    # --- one thing -----------------------------------------------------------------------------------------------------

    def _things(self, node: Node, where: str) -> list[Incoming]:
        entry = self.entries.get(node.refers)
        if entry is None:
            self.made.remark("no_course_file", node.title or node.refers, where)
            return []
        self.opened.add(entry.identifier)
        for kind, read in _READERS.items():
            if kind in entry.type:
                return read(self, entry, node.title, where)
        self.made.remark("unknown_kind", f"{node.title} ({entry.type})", where)
        return []

    def _content(self, entry: Entry, title: str, where: str) -> list[Incoming]:
        name = self._name(entry.href or next(iter(entry.files), ""))
        if not name:
            self.made.remark("missing_file", title or entry.href, where)
            return []
        if is_page(name):
            kind = "task" if "associatedcontent" in entry.type else "text"
            return self.pages.of_file(name, title, where, kind)
        self.pages.used.add(name)
        return [Incoming("resource", title or posixpath.basename(name), file=name)]

    def _link(self, entry: Entry, title: str, where: str) -> list[Incoming]:
        root = self._xml(entry, title, where)
        url = child(root, "url") if root is not None else None
        address = (url.get("href") or "").strip() if url is not None else ""
        if not address.lower().startswith(("http://", "https://")):
            self.made.remark("bad_link", title or address, where)
            return []
        return [Incoming("link", title or text_of(child(root, "title")) if root is not None else title, url=address)]

    def _topic(self, entry: Entry, title: str, where: str) -> list[Incoming]:
        root = self._xml(entry, title, where)
        if root is None:
            return []
        self.made.remark("discussion", title, where)
        return self._described(root, title, where, "discussion")

    def _assignment(self, entry: Entry, title: str, where: str) -> list[Incoming]:
        root = self._xml(entry, title, where)
        if root is None:
            return []
        self.made.remark("assignment", title, where)
        return self._described(root, title, where, "task")

    def _described(self, root: etree._Element, title: str, where: str, kind: str) -> list[Incoming]:
        """A title and a text, which is HTML inside XML."""
        name = title or text_of(child(root, "title"))
        return self.pages.of_markup(text_of(child(root, "text")), name, posixpath.join(self.base, "x"), where, kind)

    def _questions(self, entry: Entry, title: str, where: str) -> list[Incoming]:
        self.made.remark("questions", title or posixpath.basename(entry.href), where)
        self._mark_used(entry)
        return []

    def _tool(self, entry: Entry, title: str, where: str) -> list[Incoming]:
        self.made.remark("lti", title, where)
        self._mark_used(entry)
        return []

    # --- files ---------------------------------------------------------------------------------------------------------

    def _xml(self, entry: Entry, title: str, where: str) -> etree._Element | None:
        name = self._name(entry.href or next(iter(entry.files), ""))
        if not name:
            self.made.remark("missing_file", title or entry.identifier, where)
            return None
        self.pages.used.add(name)
        try:
            root = read_xml(self.files.read(name))
        except UnsafeFile:
            root = None
        if root is None:
            self.made.remark("unreadable_page", title or name, where)
        return root

    def _name(self, href: str) -> str:
        return self.files.find(href, self.base)

    def _mark_used(self, entry: Entry) -> None:
        self.pages.used.update(self._name(file) for file in entry.files)

    def _tell_unused(self) -> None:
        """Remarks on what nothing in the outline leads to; settings of a platform are one remark."""
        settings = 0
        for entry in self.entries.values():
            for file in entry.files:
                name = self._name(file)
                is_told = not name and entry.identifier in self.opened
                if is_told or name in self.pages.used or entry.is_variant or _is_ours(file):
                    continue
                self.pages.used.update([name] if name else [])
                if file.startswith(SETTINGS) or OF_A_PLATFORM in entry.type:
                    settings += 1
                elif "imsqti" in entry.type:
                    self.made.remark("questions", posixpath.basename(file))
                else:
                    self.made.remark("unused_file" if name else "missing_file", file)
        if settings:
            self.made.remark("own_settings", str(settings))


def _stands_alone(entry: Entry) -> bool:
    """Whether a resource means something without an outline: not the settings of a platform, not a file of a page."""
    if entry.href.startswith(SETTINGS) or entry.is_variant:
        return False
    return is_page(entry.href) or OF_A_PLATFORM not in entry.type


def _is_ours(file: str) -> bool:
    """What a site of ours writes beside the outline, and writes anew when the course leaves again."""
    return file == names.LICENCES or file.startswith("lom/")


# By what the type of a resource holds, most telling first: cartridges of all versions name their types alike.
_READERS = {
    "imswl": _Reading._link, "imsdt": _Reading._topic, "imsqti": _Reading._questions, "imsbasiclti": _Reading._tool,
    "assignment": _Reading._assignment, "associatedcontent": _Reading._content, "webcontent": _Reading._content,
}  # fmt: skip
