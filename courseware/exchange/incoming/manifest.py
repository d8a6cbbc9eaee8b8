"""imsmanifest.xml of any version as plain values: its title, its resources, its outline."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from courseware.exchange.cartridge import names
from courseware.exchange.errors import Unreadable
from courseware.exchange.incoming.archive import PackageFiles
from courseware.exchange.incoming.markup import child, local, read_xml, text_of
from courseware.exchange.words import WHY
from media.errors import UnsafeFile

DEEPEST = 40
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource of the manifest. A variant is the same thing once more, for platforms without the first."""

    identifier: str
    type: str
    href: str
    files: tuple[str, ...]
    is_variant: bool = False


@dataclass(slots=True)
class Node:
    """A line of the outline."""

    title: str
    refers: str
    below: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read; `base` is the folder it lies in."""

    base: str
    version: str
    title: str
    entries: dict[str, Entry]
    outline: Sequence[Node]


def find_manifest(files: PackageFiles) -> str:
    """Where the manifest lies: at the top, or one folder down; empty where there is none."""
    found = [n for n in files.members if posixpath.basename(n).lower() == names.MANIFEST and n.count("/") <= 1]
    return min(found, key=lambda name: name.count("/"), default="")


def read_manifest(files: PackageFiles, manifest: str, name: str) -> Manifest:
    """The manifest; `name` is the package's own, for the sentence. Raises Unreadable."""
    try:
        root = read_xml(files.read(manifest))
    except UnsafeFile:
        root = None
    if root is None or local(root) != "manifest":
        raise Unreadable(name=name, reason=WHY["bad_manifest"])
    metadata = child(root, "metadata")
    if metadata is not None and "scorm" in text_of(child(metadata, "schema")).lower():
        raise Unreadable(name=name, reason=WHY["scorm"])
    version = text_of(child(metadata, "schemaversion")) if metadata is not None else ""
    entries = {entry.identifier: entry for entry in _entries(child(root, "resources"))}
    return Manifest(posixpath.dirname(manifest), version, _title_of(metadata), entries, _tree(root))


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    """All lines, those below included, in order."""
    for node in nodes:
        yield node
        yield from every(node.below)


def _entries(resources: etree._Element | None) -> Iterator[Entry]:
    for node in resources if resources is not None else ():
        if local(node) != "resource":
            continue
        base = (resources.get(XML_BASE) or "" if resources is not None else "") + (node.get(XML_BASE) or "")
        files = tuple(base + (one.get("href") or "") for one in node if local(one) == "file")
        shown = base + str(node.get("href")) if node.get("href") else next(iter(files), "")
        is_variant = child(node, "variant") is not None
        yield Entry(node.get("identifier") or "", node.get("type") or "", shown, files, is_variant)


def _tree(root: etree._Element) -> list[Node]:
    organizations = child(root, "organizations")
    first = child(organizations, "organization") if organizations is not None else None
    top = _nodes(first, 0) if first is not None else []
    # One item without a title is the root that the specification wants around everything.
    return top[0].below if len(top) == 1 and top[0].below and not top[0].title else top


def _nodes(parent: etree._Element, depth: int) -> list[Node]:
    if depth > DEEPEST:
        return []
    return [
        Node(text_of(child(one, "title")), one.get("identifierref") or "", _nodes(one, depth + 1))
        for one in parent
        if local(one) == "item"
    ]


def _title_of(metadata: etree._Element | None) -> str:
    for node in metadata.iter() if metadata is not None else ():
        if local(node) == "title":
            return next((text_of(one) for one in node if text_of(one)), "") or text_of(node)
    return ""
