"""A course standard as a tree of modules, units and points: what the editor sends, what differs, publishing it (R10).

    {"modules": [{"name", "name_en", "units": [{"key", "name", "name_en", "points": [uuid, …]}]}]}

A draft may be unfinished: names may be missing. What is published may not.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.roles import Actor
from courseware.knowledge import services
from courseware.knowledge.models import CourseStandard, Point, StandardModule
from courseware.libraries.models import Course

Tree = dict[str, Any]
MOST_MODULES, MOST_UNITS, MOST_POINTS, LONGEST = 40, 200, 2000, 200


@dataclass(frozen=True, slots=True)
class Difference:
    """What a tree changes of the one before: points by uuid, units and modules by name."""

    gained: Sequence[str]
    lost: Sequence[str]
    moved: Sequence[str]
    new_units: Sequence[str]
    gone_units: Sequence[str]
    renamed_units: Sequence[tuple[str, str]]
    is_reordered: bool

    @property
    def is_nothing(self) -> bool:
        """Whether both say the same."""
        parts = (self.gained, self.lost, self.moved, self.new_units, self.gone_units, self.renamed_units)
        return not any(parts) and not self.is_reordered


def tree_of(standard: CourseStandard | None) -> Tree:
    """A published version as a tree; units without a module lie in one without a name."""
    modules: list[dict[str, Any]] = []
    last: object = object()
    for unit in standard.units if standard is not None else ():
        if unit.module_id != last:
            named = unit.module
            modules.append(
                {"name": named.name if named else "", "name_en": named.name_en if named else "", "units": []}
            )
            last = unit.module_id
        points = [str(point.uuid) for point in unit.points]
        key = unit.key or f"unit-{unit.seq}"
        modules[-1]["units"].append({"key": key, "name": unit.name, "name_en": unit.name_en, "points": points})
    return {"modules": modules}


def read_tree(given: object) -> Tree:
    """The tree in what a browser sent, with every unit keyed; raises Invalid for anything that is no tree or too large."""
    modules = [_read_module(one) for one in _list(_dict(given).get("modules"), MOST_MODULES)]
    units = list(_units(modules))
    if len(units) > MOST_UNITS or sum(len(unit["points"]) for unit in units) > MOST_POINTS:
        raise Invalid({"tree": [_l("A course standard has at most 40 modules, 200 units and 2,000 points.")]})
    _key_units(units)
    return {"modules": modules}


def problems_of(course: Course, tree: Tree) -> list[Any]:
    """Sentences for all that keeps the tree from being published."""
    units, uuids = list(_units(tree["modules"])), list(point_uuids(tree))
    problems: list[Any] = []
    if not units:
        problems.append(_l("Add at least one unit."))
    if any(not unit["name"] for unit in units):
        problems.append(_l("Give every unit a name."))
    if len(tree["modules"]) > 1 and any(not module["name"] for module in tree["modules"]):
        problems.append(_l("Give every module a name."))
    problems += [_l("“%(name)s” holds no point.", name=u["name"]) for u in units if u["name"] and not u["points"]]
    points = points_by_uuid(course, uuids)
    if len(points) < len(set(uuids)):
        problems.append(_l("A point in this draft no longer exists. Take it out."))
    twice = {uuid for uuid in uuids if uuids.count(uuid) > 1}
    problems += [_l("“%(name)s” stands in two places.", name=p.name) for u, p in points.items() if u in twice]
    return problems


def version_problem(course: Course, version: str) -> Any:
    """Why the version cannot be called so; None when it can."""
    if not 0 < len(version.strip()) <= 40:
        return _l("Give the version a name of 1 to 40 characters, such as 2026.")
    known = select(CourseStandard.id).where(
        CourseStandard.course_id == course.id, CourseStandard.version == version.strip()
    )
    taken = session().scalar(known) is not None
    return _l("There is a version with this name already. Published versions do not change.") if taken else None


def difference(old: Tree, new: Tree) -> Difference:
    """What `new` changes of `old`. A unit is the same by its key, a point by its uuid."""
    before, after = _places(old), _places(new)
    names, names_now = _names(old), _names(new)
    same = names.keys() & names_now.keys()
    moved = [uuid for uuid in after if uuid in before and after[uuid] != before[uuid]]
    settled = not (after.keys() ^ before.keys()) and not moved and names.keys() == names_now.keys()
    return Difference(
        gained=[uuid for uuid in after if uuid not in before], lost=[uuid for uuid in before if uuid not in after],
        moved=moved, new_units=[names_now[key] for key in names_now if key not in names],
        gone_units=[names[key] for key in names if key not in names_now],
        renamed_units=[(names[key], names_now[key]) for key in names_now if key in same and names[key] != names_now[key]],
        is_reordered=settled and _without_names(old) != _without_names(new),
    )  # fmt: skip


def points_by_uuid(course: Course, uuids: Iterable[str]) -> Mapping[str, Point]:
    """The points of the course's library among `uuids`, by uuid; one query."""
    wanted = [uuidlib.UUID(uuid) for uuid in set(uuids)]
    query = select(Point).where(Point.uuid.in_(wanted), Point.library_id == course.library_id).order_by(Point.id)
    return {str(point.uuid): point for point in session().scalars(query)} if wanted else {}


def point_uuids(tree: Tree) -> Iterator[str]:
    """Every point of the tree in order, one in two places twice."""
    for unit in _units(tree["modules"]):
        yield from unit["points"]


def publish_tree(course: Course, version: str, tree: Tree, actor: Actor | None) -> CourseStandard:
    """Publishes the tree as a version of the standard. Raises Invalid, and as services.publish_standard does."""
    if problems := problems_of(course, tree):
        raise Invalid({"tree": problems})
    if problem := version_problem(course, version):
        raise Invalid({"version": [problem]})
    points = points_by_uuid(course, point_uuids(tree))
    units = [
        (unit["key"], unit["name"], unit["name_en"], [points[uuid] for uuid in unit["points"]])
        for unit in _units(tree["modules"])
    ]
    standard = services.publish_standard(course, version.strip(), units, actor=actor)
    _place_in_modules(standard, tree["modules"])
    return standard


def _place_in_modules(standard: CourseStandard, modules: Sequence[Mapping[str, Any]]) -> None:
    """A single module without a name is no module."""
    units = iter(standard.units)
    for seq, module in enumerate(modules, start=1):
        row = None
        if module["name"]:
            row = StandardModule(standard_id=standard.id, seq=seq, name=module["name"], name_en=module["name_en"])
            session().add(row)
            session().flush()
        for _unit in module["units"]:
            next(units).module = row
    session().flush()


def _read_module(given: object) -> dict[str, Any]:
    module = _dict(given)
    units = [_read_unit(one) for one in _list(module.get("units"), MOST_UNITS)]
    return {"name": _text(module, "name"), "name_en": _text(module, "name_en"), "units": units}


def _read_unit(given: object) -> dict[str, Any]:
    unit = _dict(given)
    points = [_uuid(one) for one in _list(unit.get("points"), MOST_POINTS)]
    return {
        "key": _text(unit, "key")[:40],
        "name": _text(unit, "name"),
        "name_en": _text(unit, "name_en"),
        "points": points,
    }


def _key_units(units: Sequence[dict[str, Any]]) -> None:
    """A unit keeps its key from version to version; a new one gets its own."""
    seen: set[str] = set()
    for unit in units:
        if not unit["key"] or unit["key"] in seen:
            unit["key"] = f"u-{uuidlib.uuid4().hex[:12]}"
        seen.add(unit["key"])


def _units(modules: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for module in modules:
        yield from module["units"]


def _places(tree: Tree) -> dict[str, str]:
    return {uuid: unit["key"] for unit in _units(tree["modules"]) for uuid in unit["points"]}


def _names(tree: Tree) -> dict[str, str]:
    return {unit["key"]: unit["name"] for unit in _units(tree["modules"])}


def _without_names(tree: Tree) -> list[Any]:
    """Order and modules alone."""
    return [(module["name"], [(unit["key"], unit["points"]) for unit in module["units"]]) for module in tree["modules"]]


def _dict(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _no_tree()
    return given


def _list(given: object, most: int) -> list[Any]:
    if not isinstance(given, list) or len(given) > most:
        raise _no_tree()
    return given


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise _no_tree()
    return " ".join(value.replace("\x00", "").split())[:LONGEST]


def _uuid(given: object) -> str:
    try:
        return str(uuidlib.UUID(str(given)))
    except ValueError:
        raise _no_tree() from None


def _no_tree() -> Invalid:
    return Invalid({"tree": [_l("The standard could not be read. Reload the page; what was saved is there.")]})
