"""What IEEE 1484.12.1 (LOM) and its XML binding ask of a record, as far as ours uses them: which elements a category
has, in which order, how often, and the words its vocabularies know. Written from the tables of the standard.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from courseware.resources.interop import KEKU, LOM, VOCABULARY

MANY = 10_000
Kind = Any  # the name of a simple kind, or Parts
Parts = dict[str, tuple[int, int, Kind]]

IDENTIFIER: Parts = {"catalog": (1, 1, "text"), "entry": (1, 1, "text")}
WORDS: Parts = {"string": (1, MANY, "string")}
DATE: Parts = {"dateTime": (1, 1, "instant"), "description": (0, 1, WORDS)}
LENGTH: Parts = {"duration": (1, 1, "duration"), "description": (0, 1, WORDS)}


def term(*words: str) -> Parts:
    """A word of a vocabulary of the standard, or of one that its source names."""
    return {"source": (1, 1, "text"), "value": (1, 1, ("word", words))}


def contribution(*roles: str) -> Parts:
    """Who did what when."""
    return {"role": (0, 1, term(*roles)), "entity": (0, 40, "card"), "date": (0, 1, DATE)}


ROLES = (
    "author", "publisher", "unknown", "initiator", "terminator", "validator", "editor", "graphical designer",
    "technical implementer", "content provider", "technical validator", "educational validator", "script writer",
    "instructional designer", "subject matter expert",
)  # fmt: skip
LEVELS = ("very low", "low", "medium", "high", "very high")
LEARNING_TYPES = (
    "exercise", "simulation", "questionnaire", "diagram", "figure", "graph", "index", "slide", "table", "narrative text",
    "exam", "experiment", "problem statement", "self assessment", "lecture",
)  # fmt: skip
KINDS = (
    "ispartof", "haspart", "isversionof", "hasversion", "isformatof", "hasformat", "references", "isreferencedby",
    "isbasedon", "isbasisfor", "requires", "isrequiredby",
)  # fmt: skip
PURPOSES = (
    "discipline", "idea", "prerequisite", "educational objective", "accessibility restrictions", "educational level",
    "skill level", "security level", "competency",
)  # fmt: skip
TAXON: Parts = {"id": (0, 1, "text"), "entry": (0, 1, WORDS)}
RECORD: Parts = {
    "general": (0, 1, {
        "identifier": (0, 10, IDENTIFIER), "title": (0, 1, WORDS), "language": (0, 10, "language"),
        "description": (0, 10, WORDS), "keyword": (0, 10, WORDS), "coverage": (0, 10, WORDS),
        "structure": (0, 1, term("atomic", "collection", "networked", "hierarchical", "linear")),
        "aggregationLevel": (0, 1, term("1", "2", "3", "4")),
    }),
    "lifeCycle": (0, 1, {
        "version": (0, 1, WORDS), "status": (0, 1, term("draft", "final", "revised", "unavailable")),
        "contribute": (0, 30, contribution(*ROLES)),
    }),
    "metaMetadata": (0, 1, {
        "identifier": (0, 10, IDENTIFIER), "contribute": (0, 10, contribution("creator", "validator")),
        "metadataSchema": (0, 10, "text"), "language": (0, 1, "language"),
    }),
    "technical": (0, 1, {
        "format": (0, 40, "media type"), "size": (0, 1, "number"), "location": (0, 10, "text"),
        "installationRemarks": (0, 1, WORDS), "otherPlatformRequirements": (0, 1, WORDS), "duration": (0, 1, LENGTH),
    }),
    "educational": (0, 100, {
        "interactivityType": (0, 1, term("active", "expositive", "mixed")),
        "learningResourceType": (0, 10, term(*LEARNING_TYPES)), "interactivityLevel": (0, 1, term(*LEVELS)),
        "semanticDensity": (0, 1, term(*LEVELS)),
        "intendedEndUserRole": (0, 10, term("teacher", "author", "learner", "manager")),
        "context": (0, 10, term("school", "higher education", "training", "other")), "typicalAgeRange": (0, 5, WORDS),
        "difficulty": (0, 1, term("very easy", "easy", "medium", "difficult", "very difficult")),
        "typicalLearningTime": (0, 1, LENGTH), "description": (0, 10, WORDS), "language": (0, 10, "language"),
    }),
    "rights": (0, 1, {
        "cost": (0, 1, term("yes", "no")), "copyrightAndOtherRestrictions": (0, 1, term("yes", "no")),
        "description": (0, 1, WORDS),
    }),
    "relation": (0, 100, {
        "kind": (0, 1, term(*KINDS)),
        "resource": (0, 1, {"identifier": (0, 10, IDENTIFIER), "description": (0, 10, WORDS)}),
    }),
    "annotation": (0, 30, {"entity": (0, 1, "card"), "date": (0, 1, DATE), "description": (0, 1, WORDS)}),
    "classification": (0, 40, {
        "purpose": (0, 1, term(*PURPOSES)),
        "taxonPath": (0, 15, {"source": (0, 1, WORDS), "taxon": (0, 15, TAXON)}), "description": (0, 1, WORDS),
        "keyword": (0, 40, WORDS),
    }),
}  # fmt: skip
PATTERNS = {
    "text": r"(?s).*\S.*", "string": r"(?s).*\S.*", "number": r"[0-9]+", "media type": r"[a-z]+/[\w.+-]+",
    "language": r"([a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*|none)",
    "instant": r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+(Z|[+-]\d\d(:\d\d)?)?)?)?)?)?)?",
    "duration": r"P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?",
    "card": r"(?s)BEGIN:VCARD\n.*\nFN:.+\n.*END:VCARD",
}  # fmt: skip


def faults_of(record: ET.Element) -> list[str]:
    """What in a record the standard does not allow, in sentences; nothing for a good one."""
    if record.tag != f"{{{LOM}}}lom":
        return [f"{record.tag} is no record"]
    return list(_faults(record, RECORD))


def _faults(node: ET.Element, parts: Parts) -> Iterator[str]:
    name, found = _name(node), [_name(child) for child in node]
    yield from (f"{name}: no {part}" for part in found if part not in parts)
    order = list(parts)
    known = [part for part in found if part in parts]
    yield from (f"{name}: {a} before {b}" for a, b in itertools.pairwise(known) if order.index(a) > order.index(b))
    for part, (least, most, _kind) in parts.items():
        if not least <= found.count(part) <= most:
            yield f"{name}: {part} stands {found.count(part)} times"
    for child in node:
        if _name(child) in parts:
            yield from _faults_within(node, child, parts[_name(child)][2])


def _faults_within(parent: ET.Element, node: ET.Element, kind: Kind) -> Iterator[str]:
    if isinstance(kind, dict):
        yield from _faults(node, kind)
    elif isinstance(kind, tuple):
        yield from _faults_of_word(parent, node.text or "", kind[1])
    elif not re.fullmatch(PATTERNS[kind], node.text or ""):
        yield f"{_name(node)}: {node.text}"
    if kind == "string" and not re.fullmatch(PATTERNS["language"], node.get("language", "")):
        yield "string: without language"


def _faults_of_word(parent: ET.Element, word: str, words: tuple[str, ...]) -> Iterator[str]:
    source = parent.findtext(f"{{{LOM}}}source")
    if source not in (VOCABULARY, KEKU):
        yield f"{_name(parent)}: nobody knows the vocabulary {source}"
    elif source == VOCABULARY and word not in words:
        yield f"{_name(parent)}: {word} is no word"
    elif not word:
        yield f"{_name(parent)}: no word"


def _name(node: ET.Element) -> str:
    return node.tag.removeprefix(f"{{{LOM}}}")
