"""A file becomes a graph, or a list of sentences about what is wrong with it; nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from courseware.core.tables import ZIP, decode
from courseware.knowledge.graphfile.model import FORMAT, VERSION, Graph, PointFacts, PostFacts
from courseware.knowledge.graphfile.sheets import Line, read_workbook, unreadable
from courseware.knowledge.graphfile.stored import ordered
from courseware.knowledge.importing import KINDS
from courseware.knowledge.models import POINT_KINDS
from courseware.knowledge.names import ALIAS_LIMIT, NAME_LIMIT, TEXT_LIMIT

SIZE_LIMIT = 16 * 1024 * 1024
NO = ("0", "no", "false", "否")
EDGES = {"前置": "prerequisite", "相关": "related", "": "prerequisite"}


@dataclass(slots=True)
class Reading:
    """What a file says, and every problem found on the way, each with its place in the file."""

    graph: Graph = field(default_factory=Graph)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, place: str, sentence: str) -> None:
        """Writes down one problem; the reading goes on."""
        self.problems.append((place, sentence))

    def add_point(self, place: str, key: str, facts: PointFacts) -> None:
        """Takes in a point whose key is new to the file."""
        if not key:
            self.refuse(place, _("The key is missing."))
            return
        if key in self.graph.points:
            self.refuse(place, _("The key “%(key)s” stands in the file twice.", key=_short(key)))
            return
        if not 0 < len(facts.name) <= NAME_LIMIT or max(len(key), len(facts.name_en)) > NAME_LIMIT:
            self.refuse(place, _("A name has 1 to %(limit)s characters.", limit=NAME_LIMIT))
        if facts.kind not in POINT_KINDS:
            self.refuse(place, _("“%(kind)s” is neither knowledge nor skill.", kind=_short(facts.kind)))
        if len(facts.description) > TEXT_LIMIT:
            self.refuse(place, _("The description is too long."))
        self.graph.points[key] = facts

    def add_post(self, place: str, name: str, facts: PostFacts) -> None:
        """Takes in a post; one named only by a point gets its facts later."""
        if not 0 < len(name) <= NAME_LIMIT:
            self.refuse(place, _("A name has 1 to %(limit)s characters.", limit=NAME_LIMIT))
            return
        if facts != PostFacts() or name not in self.graph.posts:
            self.graph.posts[name] = facts

    def add_ability(self, place: str, post: str, name: str, name_en: str) -> None:
        """Takes in an ability of a post."""
        if not 0 < len(name) <= NAME_LIMIT:
            self.refuse(place, _("A name has 1 to %(limit)s characters.", limit=NAME_LIMIT))
            return
        self.add_post(place, post, PostFacts())
        if name_en or (post, name) not in self.graph.abilities:
            self.graph.abilities[post, name] = name_en

    def add_alias(self, place: str, key: str, alias: str) -> None:
        """Takes in another name."""
        if not 0 < len(alias) <= ALIAS_LIMIT:
            self.refuse(place, _("An alias has 1 to %(limit)s characters.", limit=ALIAS_LIMIT))
            return
        self.graph.aliases.add((key, alias))

    def add_edge(self, place: str, kind: str, first: str, then: str) -> None:
        """Takes in a prerequisite or a relation."""
        if first == then:
            self.refuse(place, _("“%(key)s” is tied to itself.", key=_short(first)))
            return
        if kind == "prerequisite":
            self.graph.prerequisites.add((first, then))
        elif kind == "related":
            self.graph.related.add(ordered(first, then))
        else:
            self.refuse(place, _("“%(kind)s” is neither prerequisite nor related.", kind=_short(kind)))

    def add_need(self, place: str, post: str, ability: str, key: str) -> None:
        """Takes in that a post, or one of its abilities, takes a point."""
        self.add_post(place, post, PostFacts())
        self.graph.needs.add((post, key))
        if ability:
            self.add_ability(place, post, ability, "")
            self.graph.takes.add((post, ability, key))


def read_graph(name: str, content: bytes) -> Reading:
    """Reads an xlsx workbook or a JSON document; what it is shows in its content. Raises TableUnreadable."""
    if len(content) > SIZE_LIMIT:
        raise unreadable(name, _l("it is larger than %(limit)s MB.", limit=SIZE_LIMIT // 2**20))
    if not content.strip():
        raise unreadable(name, _l("it is empty."))
    reading = Reading()
    if content.startswith(ZIP):
        _take_sheets(reading, read_workbook(name, content))
    else:
        _take_document(reading, _document(name, content))
    return reading


def _document(name: str, content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(decode(name, content))
    except (ValueError, RecursionError) as error:
        raise unreadable(name, _l("it is no valid JSON.")) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("points"), list):
        raise unreadable(name, _l("it is no graph. Export the graph first to see how a file is built."))
    if found.get("version") != VERSION:
        raise unreadable(name, _l("it has another version of the format than this site reads."))
    return found


def _take_sheets(reading: Reading, sheets: Mapping[str, list[Line]]) -> None:
    for number, row in sheets.get("posts", []):
        reading.add_post(
            _line("岗位", number), row.get("name", ""), PostFacts(row.get("name_en", ""), row.get("code", ""))
        )
    for number, row in sheets.get("abilities", []):
        reading.add_ability(_line("能力", number), row.get("post", ""), row.get("name", ""), row.get("name_en", ""))
    for number, row in sheets.get("points", []):
        reading.add_point(_line("点", number), row.get("key", ""), _facts(row.get))
    for number, row in sheets.get("aliases", []):
        reading.add_alias(_line("别名", number), row.get("key", ""), row.get("alias", ""))
    for number, row in sheets.get("edges", []):
        kind = EDGES.get(row.get("kind", ""), row.get("kind", ""))
        reading.add_edge(_line("关系", number), kind, row.get("from", ""), row.get("to", ""))
    for number, row in sheets.get("needs", []):
        reading.add_need(_line("岗位与点", number), row.get("post", ""), row.get("ability", ""), row.get("key", ""))


def _take_document(reading: Reading, document: Mapping[str, Any]) -> None:
    for number, post in enumerate(_items(reading, document, "posts"), start=1):
        place = f"posts[{number}]"
        name = _text(post, "name")
        reading.add_post(place, name, PostFacts(_text(post, "name_en"), _text(post, "code")))
        for ability in _items(reading, post, "abilities"):
            reading.add_ability(place, name, _text(ability, "name"), _text(ability, "name_en"))
            for key in _texts(ability, "points"):
                reading.add_need(place, name, _text(ability, "name"), key)
    for number, point in enumerate(_items(reading, document, "points"), start=1):
        _take_point(reading, f"points[{number}]", point)


def _take_point(reading: Reading, place: str, point: Mapping[str, Any]) -> None:
    key = _text(point, "key")
    reading.add_point(place, key, _facts(lambda name, _default="": _text(point, name)))
    for alias in _texts(point, "aliases"):
        reading.add_alias(place, key, alias)
    for first in _texts(point, "prerequisites"):
        reading.add_edge(place, "prerequisite", first, key)
    for other in _texts(point, "related"):
        reading.add_edge(place, "related", key, other)
    for post in _texts(point, "posts"):
        reading.add_need(place, post, "", key)


def _facts(value: Callable[..., str]) -> PointFacts:
    kind = value("kind", "") or "knowledge"
    return PointFacts(
        name=value("name", ""), name_en=value("name_en", ""), kind=KINDS.get(kind, kind), course=value("course", ""),
        is_mandatory=value("mandatory", "").casefold() not in NO, description=value("description", ""),
    )  # fmt: skip


def _items(reading: Reading, holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = holder.get(name, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        reading.refuse(name, _("“%(name)s” has to be a list of objects.", name=name))
        return []
    return found


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name, "")
    return "" if value is None or isinstance(value, list | dict) else str(value).strip()


def _texts(holder: Mapping[str, Any], name: str) -> list[str]:
    found = holder.get(name, [])
    return [str(item).strip() for item in found if str(item).strip()] if isinstance(found, list) else []


def _line(sheet: str, number: int) -> str:
    return _("%(sheet)s, line %(line)s", sheet=sheet, line=number)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
