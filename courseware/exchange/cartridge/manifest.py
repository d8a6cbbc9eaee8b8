"""imsmanifest.xml: what the cartridge is, its outline, and which files belong to which thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from courseware.core import clock
from courseware.exchange.cartridge import names
from courseware.exchange.planned import CourseFacts
from courseware.resources.interop import LICENCE_URLS


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource of the manifest: its files, the first of which is the one to open; `needs` are other entries."""

    identifier: str
    type: str
    files: Sequence[str]
    needs: Sequence[str] = ()


@dataclass(slots=True)
class Branch:
    """A line of the outline: a title, and either an entry or further lines."""

    title: str
    entry: str = ""
    below: list[Branch] = field(default_factory=list)


def manifest(course: CourseFacts, outline: Sequence[Branch], entries: Sequence[Entry]) -> bytes:
    """The manifest as UTF-8 XML, elements in the order of the schema."""
    root = etree.Element(
        f"{{{names.CP}}}manifest", {"identifier": f"C_{course.uuid.hex}"}, nsmap={None: names.CP, "lom": names.LOM}
    )
    _metadata(root, course)
    organization = _node(_node(root, "organizations"), "organization", identifier="O_1", structure="rooted-hierarchy")
    _branches(_node(organization, "item", identifier="I_0"), outline, "I")
    resources = _node(root, "resources")
    for entry in entries:
        _resource(resources, entry)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _metadata(root: etree._Element, course: CourseFacts) -> None:
    metadata = _node(root, "metadata")
    _node(metadata, "schema", "IMS Common Cartridge")
    _node(metadata, "schemaversion", "1.3.0")
    lom = etree.SubElement(metadata, f"{{{names.LOM}}}lom")
    general = _lom(lom, "general")
    identifier = _lom(general, "identifier")
    _lom(identifier, "catalog", "URN")
    _lom(identifier, "entry", f"urn:uuid:{course.uuid}")
    _words(general, "title", [("zh-CN", course.name), ("en", course.name_en)])
    _lom(general, "language", "zh-CN")
    _words(general, "description", [("zh-CN", course.summary), ("en", course.summary_en)])
    contribution = _lom(_lom(lom, "lifeCycle"), "contribute")
    _term(contribution, "role", "publisher")
    _lom(
        contribution,
        "entity",
        f"BEGIN:VCARD\nVERSION:3.0\nFN:{_card(course.library)}\nORG:{_card(course.library)}\nEND:VCARD",
    )
    _lom(_lom(contribution, "date"), "dateTime", clock.now().astimezone(clock.REPORTING_ZONE).date().isoformat())
    rights = _lom(lom, "rights")
    _term(rights, "copyrightAndOtherRestrictions", "no" if course.licence == "CC0-1.0" else "yes")
    told = "; ".join(word for word in (course.licence, LICENCE_URLS.get(course.licence, ""), names.LICENCES) if word)
    _words(rights, "description", [("en", told)])


def _branches(parent: etree._Element, branches: Sequence[Branch], number: str) -> None:
    for seq, branch in enumerate(branches, start=1):
        here = f"{number}_{seq}"
        refers = {"identifierref": branch.entry} if branch.entry else {}
        item = _node(parent, "item", identifier=here, **refers)
        _node(item, "title", branch.title)
        _branches(item, branch.below, here)


def _resource(parent: etree._Element, entry: Entry) -> None:
    href = {"href": entry.files[0]} if entry.type == names.WEBCONTENT else {}
    node = _node(parent, "resource", identifier=entry.identifier, type=entry.type, **href)
    for file in entry.files:
        _node(node, "file", href=file)
    for needed in entry.needs:
        _node(node, "dependency", identifierref=needed)


def _node(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{names.CP}}}{name}", attributes)
    node.text = clean(text) or None
    return node


def _lom(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    node = etree.SubElement(parent, f"{{{names.LOM}}}{name}")
    node.text = clean(text) or None
    return node


def _words(parent: etree._Element, name: str, texts: Sequence[tuple[str, str]]) -> None:
    given = [(language, text) for language, text in texts if text]
    if given:
        part = _lom(parent, name)
        for language, text in given:
            _lom(part, "string", text).set("language", language)


def _term(parent: etree._Element, name: str, value: str) -> None:
    part = _lom(parent, name)
    _lom(part, "value", value)  # the cartridge's profile of LOM knows no source of a term


def _card(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", " ")


def clean(text: str) -> str:
    """Text without signs that XML cannot hold."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r" or (sign >= " " and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff")
    )
