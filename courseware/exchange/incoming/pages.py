"""A page of a package as things of a lesson: its words, and the files it shows or leads to."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from courseware.exchange.incoming.archive import PackageFiles
from courseware.exchange.incoming.markup import Page, read_page
from courseware.exchange.incoming.outline import Incoming, Outline
from media.errors import UnsafeFile

PAGES = (".html", ".htm", ".xhtml")
OWN_TEXTS = ("text", "question", "task", "discussion")
CAPTIONS = (".vtt", ".srt")
INNER = ("$", "%24", "/course", "/jump_to")  # how Canvas and Open edX write ways to their own pages


def is_page(name: str) -> bool:
    """Whether a file is a page, by its name."""
    return name.lower().endswith(PAGES)


@dataclass(slots=True)
class PageReader:
    """Reads pages of one package. `used` are files that something in the outline leads to."""

    files: PackageFiles
    outline: Outline
    used: set[str] = field(default_factory=set)

    def of_file(self, name: str, title: str, where: str, kind: str = "text") -> list[Incoming]:
        """The things a page holds; nothing, with a remark, where it cannot be read."""
        self.used.add(name)
        try:
            page = read_page(self.files.read(name))
        except UnsafeFile:
            page = None
        if page is None:
            self.outline.remark("unreadable_page", title or name, where)
            return []
        return self.of_page(page, title, posixpath.dirname(name), where, kind)

    def of_markup(self, markup: str, title: str, base: str, where: str, kind: str = "text") -> list[Incoming]:
        """As of_file, of markup that stands inside another file."""
        page = read_page(markup) if markup.strip() else Page()
        return self.of_page(page or Page(), title, base, where, kind)

    def of_page(self, page: Page, title: str, base: str, where: str, kind: str) -> list[Incoming]:
        """The things of a page that was read; `base` is the folder it lies in."""
        title = title or page.title
        if page.kind:
            return self._own(page, title, base, where)
        found = [Incoming(kind, title, page.text)] if page.text or kind != "text" else []
        for address in dict.fromkeys(page.files):
            found += self._file(address, base, title, where, page)
        for address in dict.fromkeys(page.pictures):
            made = self._file(address, base, title, where, page)
            found += made
            if made:
                self.outline.remark("picture_in_text", made[0].title, title)
        if not found:
            self.outline.remark("empty_page", title, where)
        return found

    def _own(self, page: Page, title: str, base: str, where: str) -> list[Incoming]:
        """A page that a site of ours wrote: it says itself what it was."""
        if page.kind in OWN_TEXTS or page.kind == "introduction":
            return [Incoming("text" if page.kind == "introduction" else page.kind, title, page.own_text)]
        if page.kind == "link":
            return [Incoming("link", title, page.own_text, url=page.url)]
        main = next(iter([*page.files, *page.pictures]), "")
        self._pass_over_companions(main, base)
        if not main:
            return [Incoming("resource", title, page.own_text, licence=page.licence, source=page.source)]
        return self._file(main, base, title, where, page, title=title, text=page.own_text)

    def _pass_over_companions(self, main: str, base: str) -> None:
        """Poster and PDF that lie beside a file of ours: both are made anew here."""
        stem = posixpath.splitext(self.files.find(main, base))[0]
        self.used.update(name for name in self.files.members if stem and name.startswith(f"{stem}-"))

    def _file(
        self, address: str, base: str, page_title: str, where: str, page: Page, *, title: str = "", text: str = ""
    ) -> list[Incoming]:
        name = self.files.find(_without_marks(address), base)
        if not name:
            self.outline.remark(_code_of(address), address, page_title or where)
            return []
        if is_page(name) or name.lower().endswith(CAPTIONS):
            return []  # pages lead to pages; they come by the outline
        if name in self.used and not page.kind:
            return []  # it came with an earlier page
        self.used.add(name)
        tracks = [
            (language, found) for language, src in page.tracks if (found := self.files.find(_without_marks(src), base))
        ]
        self.used.update(found for _language, found in tracks)
        named = title or posixpath.splitext(posixpath.basename(name))[0]
        return [Incoming("resource", named, text, file=name, captions=tracks, licence=page.licence, source=page.source)]


def _without_marks(address: str) -> str:
    """Canvas and Open edX write a mark where their own folder of files is meant."""
    for mark, folder in (
        ("$IMS-CC-FILEBASE$", "/web_resources"),
        ("%24IMS-CC-FILEBASE%24", "/web_resources"),
        ("/static/", "/static/"),
    ):
        if address.startswith(mark):
            return f"..{folder}/{address.removeprefix(mark).lstrip('/')}".replace("//", "/")
    return address


def _code_of(address: str) -> str:
    """A page of the other platform, or a file that should be here."""
    last = address.split("#", 1)[0].split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
    is_inner = address.startswith(INNER) or "." not in last
    return "inner_link" if is_inner else "missing_file"
