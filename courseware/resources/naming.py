"""The unified name of a resource: proposed from the library's template, checked against it (R19).

Whether a name breaks the rule is kept with the resource (`is_misnamed`), so that tables may ask for it: services mark
what they save, and where the template changes, a job marks the whole library anew. The rule itself stands here alone.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, select, update
from sqlalchemy.orm import joinedload, selectinload

from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.resources.models import Resource

TYPE_CODES = {
    "text": "TXT", "presentation": "PPT", "image": "IMG", "audio": "AUD", "video": "VID", "animation": "ANI",
    "simulation": "SIM", "other": "OTH",
}  # fmt: skip
AT_ONCE = 500
DIGITS = 3
"""A number has at least so many."""
NUMBER = "\0"
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')


def propose_name(resource: Resource, seq: int | None = None) -> str:
    """The name by the template of the library. `seq` counts resources of the type in the course."""
    number = seq if seq is not None else _next_number(resource)
    return _fill(resource, f"{number:03d}")


def fill(template: str, kind: str, title: str, seq: str, *, major: str = "", course: str = "", point: str = "") -> str:
    """The name that a template gives (R19), from codes of major and course and the key of the first point.

    `kind` is a type of resource, `seq` its number as written, with three digits. What file systems refuse, blanks too,
    is left out of the title.
    """
    values = {
        "major": major, "course": course, "point": point.upper(), "type": TYPE_CODES[kind], "seq": seq,
        "title": _FORBIDDEN.sub("", title),
    }  # fmt: skip
    return template.format_map(values)


def follows_template(resource: Resource) -> bool:
    """Whether `name` is what the template gives, whatever the number (M16); a number that stands twice is the same."""
    parts = _fill(resource, NUMBER).split(NUMBER)
    numbers = len(parts) - 1
    if not numbers:
        return resource.name == parts[0]
    length, rest = divmod(len(resource.name) - sum(map(len, parts)), numbers)
    number = resource.name[len(parts[0]) : len(parts[0]) + length]
    is_number = length >= DIGITS and number.isascii() and number.isdigit()
    return rest == 0 and is_number and resource.name == number.join(parts)


def mark(resource: Resource) -> None:
    """Notes with the resource whether its name breaks the rule. For services, after whatever the name is made of."""
    resource.is_misnamed = not follows_template(resource)


def mark_next(library_id: int, after: int = 0) -> int | None:
    """Marks the next AT_ONCE resources of a library behind the id `after`; the last id seen, None at the end.

    What somebody saves in this moment is marked by that save.
    """
    found = session().scalars(_in_library(library_id).where(Resource.id > after).limit(AT_ONCE)).all()
    changed = [
        {"row": one.id, "seen": one.lock_version, "mark": not follows_template(one)}
        for one in found
        if one.is_misnamed == follows_template(one)
    ]
    if changed:
        session().connection().execute(_set_mark(), changed)
    session().expire_all()
    return found[-1].id if found else None


def mark_library(library: Library) -> None:
    """Marks every resource of a library in this transaction: for loaders, which write rows themselves."""
    session().flush()
    last: int | None = 0
    while last is not None:
        last = mark_next(library.id, last)


def _set_mark() -> Update:
    table: Any = Resource.__table__
    one = (table.c.id == bindparam("row")) & (table.c.lock_version == bindparam("seen"))
    return update(table).where(one).values(is_misnamed=bindparam("mark"))


def _in_library(library_id: int) -> Select[Resource]:
    parts = (joinedload(Resource.library), joinedload(Resource.course), joinedload(Resource.major))
    query = select(Resource).where(Resource.library_id == library_id).order_by(Resource.id)
    return query.options(*parts, selectinload(Resource.points))


def _fill(resource: Resource, seq: str) -> str:
    return fill(
        resource.library.naming_template, resource.type, resource.title, seq,
        major=resource.major.code if resource.major else "", course=resource.course.code if resource.course else "",
        point=resource.points[0].key if resource.points else "",
    )  # fmt: skip


def _next_number(resource: Resource) -> int:
    same = select(func.count()).where(
        Resource.library_id == resource.library_id,
        Resource.course_id == resource.course_id,
        Resource.type == resource.type,
    )
    return (session().scalar(same) or 0) + (0 if resource.id else 1)
