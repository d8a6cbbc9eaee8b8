"""The unified name of a resource: proposed from the library's template, checked against it (R19)."""

from __future__ import annotations

import re
import string

from sqlalchemy import func, select

from courseware.core.database import session
from courseware.resources.models import Resource

TYPE_CODES = {
    "text": "TXT", "presentation": "PPT", "image": "IMG", "audio": "AUD", "video": "VID", "animation": "ANI",
    "simulation": "SIM", "other": "OTH",
}  # fmt: skip
FIELDS = ("major", "course", "point", "type", "seq", "title")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')


def propose_name(resource: Resource, seq: int | None = None) -> str:
    """The name by the template of the library. `seq` counts resources of the type in the course."""
    number = seq if seq is not None else _next_number(resource)
    return _fill(resource, f"{number:03d}")


def follows_template(resource: Resource) -> bool:
    """Whether `name` is what the template gives, whatever the number (M16)."""
    pattern = re.escape(_fill(resource, "\0")).replace(re.escape("\0"), r"\d{3,}")
    return bool(re.fullmatch(pattern, resource.name))


def template_problem(template: str) -> str | None:
    """The first field of a template that no resource has; None when all are known."""
    fields = (name for _text, name, _spec, _conv in string.Formatter().parse(template) if name is not None)
    return next((name for name in fields if name not in FIELDS), None)


def _fill(resource: Resource, seq: str) -> str:
    values = {
        "major": resource.major.code if resource.major else "",
        "course": resource.course.code if resource.course else "",
        "point": resource.points[0].key.upper() if resource.points else "",
        "type": TYPE_CODES[resource.type],
        "seq": seq,
        "title": _FORBIDDEN.sub("", resource.title),
    }
    return resource.library.naming_template.format_map(values)


def _next_number(resource: Resource) -> int:
    same = select(func.count()).where(
        Resource.library_id == resource.library_id,
        Resource.course_id == resource.course_id,
        Resource.type == resource.type,
    )
    return (session().scalar(same) or 0) + (0 if resource.id else 1)
