"""One resource as others read it: IEEE LOM (GB/T 21365) in XML, and LRMI as schema.org JSON-LD.

The XML keeps to the binding IEEE 1484.12.3, and also names what national profiles of it make mandatory (what a date
means, the language of the record) where the standard has a place for it.

The fields of R18 map to both; what a vocabulary has no word for stays out instead of being forced into one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

from courseware.resources.models import Resource, ResourceVersion

LOM = "http://ltsc.ieee.org/xsd/LOM"
VOCABULARY = "LOMv1.0"
DATES = {"author": "本版本发布日期", "publisher": "首次发布日期"}
KEKU = "Keku"
DIFFICULTIES = {1: "very easy", 2: "easy", 3: "medium", 4: "difficult", 5: "very difficult"}
# LOM 5.2; types without a word there go in under our own source.
LEARNING_TYPES = {"text": "narrative text", "presentation": "slide", "image": "figure", "simulation": "simulation"}
EXPOSITIVE = ("text", "presentation", "image", "audio", "video", "animation")
SCHEMA_TYPES = {"video": "VideoObject", "audio": "AudioObject", "image": "ImageObject", "presentation": "PresentationDigitalDocument",
                "text": "TextDigitalDocument", "animation": "VideoObject"}  # fmt: skip
LICENCE_URLS = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/", "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC-BY-NC-SA-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "CC-BY-NC-ND-4.0": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    "CC-BY-ND-4.0": "https://creativecommons.org/licenses/by-nd/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}  # fmt: skip


def lom_xml(resource: Resource, version: ResourceVersion, address: str) -> bytes:
    """A LOM record of the version learners see (or of the draft, for those who may). `address` is the resource's page."""
    ET.register_namespace("", LOM)
    root = _node(None, "lom")
    _general(root, resource, address)
    _life_cycle(root, resource, version)
    _meta_metadata(root, address)
    _technical(root, version, address)
    _educational(root, resource)
    _rights(root, version)
    _relations(root, resource)
    _classifications(root, resource)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def lrmi(resource: Resource, version: ResourceVersion, address: str, site: str) -> dict[str, Any]:
    """The resource as schema.org/LRMI JSON-LD; `site` is the address of the site, without its last slash."""
    licence = LICENCE_URLS.get(version.licence, version.licence)
    kinds = ["LearningResource", *([SCHEMA_TYPES[resource.type]] if resource.type in SCHEMA_TYPES else [])]
    found: dict[str, Any] = {
        "@context": ["https://schema.org", {"@language": resource.language.split(",")[0]}], "@id": address,
        "@type": kinds, "name": resource.title, "alternateName": resource.title_en,
        "description": resource.description, "identifier": resource.name, "inLanguage": resource.language.split(","),
        "keywords": list(resource.keywords), "learningResourceType": resource.type,
        "creator": [{"@type": "Person", "name": resource.author.name}],
        "publisher": [{"@type": "Organization", "name": _unit_of(resource)}],
        "license": licence, "isAccessibleForFree": True, "version": str(version.num),
        "dateCreated": _day(resource.created_at), "datePublished": _day(resource.first_published_at),
        "dateModified": _day(resource.updated_at), "timeRequired": _duration(version), "duration": _duration(version),
        "audience": _audience(resource), "educationalLevel": _level(resource),
        "teaches": [_point(point, site) for point in resource.points], "isPartOf": _course(resource, site),
        "encoding": _encoding(version),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


# --- LOM -----------------------------------------------------------------------------------------------------------------


def _general(root: ET.Element, resource: Resource, address: str) -> None:
    general = _node(root, "general")
    for catalog, entry in (("URI", address), (resource.library.code, resource.external_id), (KEKU, resource.name)):
        if entry:
            _identifier(general, catalog, entry)
    _words(general, "title", [(_main(resource), resource.title), ("en", resource.title_en)])
    for language in resource.language.split(","):
        _node(general, "language", language)
    _words(general, "description", [(_main(resource), resource.description)])
    for keyword in resource.keywords:
        _words(general, "keyword", [(_main(resource), keyword)])
    _term(general, "structure", "atomic")
    _term(general, "aggregationLevel", "1")


def _life_cycle(root: ET.Element, resource: Resource, version: ResourceVersion) -> None:
    cycle = _node(root, "lifeCycle")
    _words(cycle, "version", [(_main(resource), str(version.num))])
    _term(cycle, "status", "final" if resource.is_live else "draft")
    _contribution(
        cycle, "author", resource.author.name, _unit_of(resource), version.published_at or resource.created_at
    )
    _contribution(cycle, "publisher", resource.library.name, resource.library.name, resource.first_published_at)


def _meta_metadata(root: ET.Element, address: str) -> None:
    about = _node(root, "metaMetadata")
    _identifier(about, "URI", f"{address}/lom.xml")
    for schema in ("LOMv1.0", "GB/T 21365-2008"):
        _node(about, "metadataSchema", schema)
    _node(about, "language", "zh-CN")


def _technical(root: ET.Element, version: ResourceVersion, address: str) -> None:
    technical, asset = _node(root, "technical"), version.asset
    _node(technical, "format", asset.media_type if asset is not None else "text/markdown")
    if asset is not None:
        _node(technical, "size", str(asset.size))
    _node(technical, "location", address)
    if _duration(version):
        length = _node(technical, "duration")
        _node(length, "duration", _duration(version))
        _words(length, "description", [("zh", "时长")])


def _educational(root: ET.Element, resource: Resource) -> None:
    part = _node(root, "educational")
    if resource.type in EXPOSITIVE:
        _term(part, "interactivityType", "expositive")
    elif resource.type == "simulation":
        _term(part, "interactivityType", "active")
    own = resource.type not in LEARNING_TYPES
    _term(part, "learningResourceType", LEARNING_TYPES.get(resource.type, resource.type), KEKU if own else VOCABULARY)
    _term(part, "intendedEndUserRole", "learner")
    _term(part, "context", "training")
    if resource.difficulty in DIFFICULTIES:
        _term(part, "difficulty", DIFFICULTIES[resource.difficulty])
    _words(part, "description", [(_main(resource), resource.audience)])
    for language in resource.language.split(","):
        _node(part, "language", language)


def _rights(root: ET.Element, version: ResourceVersion) -> None:
    rights = _node(root, "rights")
    _term(rights, "cost", "no")
    _term(rights, "copyrightAndOtherRestrictions", "no" if version.licence == "CC0-1.0" else "yes")
    words = "; ".join(
        word for word in (version.licence, LICENCE_URLS.get(version.licence), version.originality) if word
    )
    _words(rights, "description", [("en", words)])


def _relations(root: ET.Element, resource: Resource) -> None:
    if resource.course is not None:
        relation = _node(root, "relation")
        _term(relation, "kind", "ispartof")
        target = _node(relation, "resource")
        _identifier(target, resource.library.code, resource.course.code)
        _words(target, "description", [("zh", resource.course.name)])


def _classifications(root: ET.Element, resource: Resource) -> None:
    if resource.major is not None:
        _classified(root, "discipline", "职业教育专业目录", [(resource.major.code, resource.major.name)])
    for point in resource.points:
        purpose = "skill level" if point.kind == "skill" else "educational objective"
        _classified(root, purpose, resource.library.name, [(point.key, point.name)])


def _classified(root: ET.Element, purpose: str, source: str, taxons: Iterable[tuple[str, str]]) -> None:
    part = _node(root, "classification")
    _term(part, "purpose", purpose)
    path = _node(part, "taxonPath")
    _words(path, "source", [("zh", source)])
    for taxon_id, name in taxons:
        taxon = _node(path, "taxon")
        _node(taxon, "id", taxon_id)
        _words(taxon, "entry", [("zh", name)])


def _contribution(parent: ET.Element, role: str, name: str, unit: str, at: dt.datetime | None) -> None:
    part = _node(parent, "contribute")
    _term(part, "role", role)
    card = f"BEGIN:VCARD\nVERSION:3.0\nN:{_card(name)};;;;\nFN:{_card(name)}\nORG:{_card(unit)}\nEND:VCARD"
    _node(part, "entity", card)
    if at is not None:
        date = _node(part, "date")
        _node(date, "dateTime", _moment(at))
        _words(date, "description", [("zh", DATES[role])])


def _moment(at: dt.datetime) -> str:
    """As the LOM binding (IEEE 1484.12.3) writes an instant: a zone stands only behind a fraction of a second."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.0Z")


def _card(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", " ")


def _identifier(parent: ET.Element, catalog: str, entry: str) -> None:
    part = _node(parent, "identifier")
    _node(part, "catalog", catalog)
    _node(part, "entry", entry)


def _term(parent: ET.Element, name: str, value: str, source: str = VOCABULARY) -> None:
    part = _node(parent, name)
    _node(part, "source", source)
    _node(part, "value", value)


def _words(parent: ET.Element, name: str, texts: Iterable[tuple[str, str]]) -> None:
    """A text in one or several languages; nothing where there is none."""
    given = [(language, text) for language, text in texts if text]
    if given:
        part = _node(parent, name)
        for language, text in given:
            _node(part, "string", text).set("language", language)


def _node(parent: ET.Element | None, name: str, text: str = "") -> ET.Element:
    tag = f"{{{LOM}}}{name}"
    node = ET.Element(tag) if parent is None else ET.SubElement(parent, tag)
    node.text = "".join(sign for sign in text if sign >= " " or sign in "\n\t") or None
    return node


# --- both ------------------------------------------------------------------------------------------------------------------


def _main(resource: Resource) -> str:
    return resource.language.split(",")[0] or "zh-CN"


def _unit_of(resource: Resource) -> str:
    return resource.unit.name if resource.unit is not None else resource.library.name


def _duration(version: ResourceVersion) -> str:
    """ISO 8601; empty where there is no length."""
    seconds = round(version.duration_s or 0)
    if not seconds:
        return ""
    hours, minutes, left = seconds // 3600, seconds % 3600 // 60, seconds % 60
    return "PT" + "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if n)


def _day(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).date().isoformat() if moment is not None else ""


def _audience(resource: Resource) -> dict[str, str] | None:
    if not resource.audience:
        return None
    return {"@type": "EducationalAudience", "educationalRole": "student", "audienceType": resource.audience}


def _level(resource: Resource) -> dict[str, str] | None:
    if resource.difficulty not in DIFFICULTIES:
        return None
    return {"@type": "DefinedTerm", "name": DIFFICULTIES[resource.difficulty]}


def _point(point: Any, site: str) -> dict[str, Any]:
    return {"@type": "DefinedTerm", "@id": f"{site}/points/{point.uuid}", "name": point.name, "termCode": point.key}


def _course(resource: Resource, site: str) -> list[dict[str, Any]]:
    if resource.course is None:
        return []
    address = f"{site}/courses/{resource.course.uuid}"
    return [{"@type": "Course", "@id": address, "name": resource.course.name}]


def _encoding(version: ResourceVersion) -> list[dict[str, Any]]:
    asset = version.asset
    if asset is None:
        return []
    return [{"@type": "MediaObject", "encodingFormat": asset.media_type, "contentSize": str(asset.size),
             "sha256": asset.sha256}]  # fmt: skip
