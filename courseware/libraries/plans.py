"""The tree inside a training plan (R5): what must be in it, and how it is read.

Keys end in `_en` for English; the key without it, or with `_zh`, is Chinese. A plan that was published with
fewer parts stays readable: what is missing reads as empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

TERMS = 6


@dataclass(frozen=True, slots=True)
class PlanCourse:
    """One cell of the term grid. `code` finds the course of the register, when there is one."""

    code: str
    name: str
    name_en: str
    kind: str
    theory: int
    practice: int
    semester: int | None
    weeks: int | None = None

    @property
    def hours(self) -> int:
        """Theory and practice together."""
        return self.theory + self.practice

    @property
    def is_core(self) -> bool:
        """Whether R9 counts it among the core courses."""
        return self.kind == "core"


@dataclass(frozen=True, slots=True)
class PlanPost:
    """A post the plan educates for."""

    name: str
    name_en: str
    code: str
    abilities: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A training plan as pages show it."""

    objectives: Sequence[str]
    objectives_en: Sequence[str]
    posts: Sequence[PlanPost]
    courses: Sequence[PlanCourse]
    practice_links: Sequence[PlanCourse]
    graduation: Sequence[str]
    graduation_en: Sequence[str]
    standard_note: str
    hours_total: int | None
    practice_note: str
    signed_off_by: Sequence[str] = field(default=())

    @property
    def course_hours(self) -> int:
        """Summed hours of the courses listed."""
        return sum(course.hours for course in self.courses)

    @property
    def practice_hours(self) -> int:
        """Summed practice hours of the courses listed."""
        return sum(course.practice for course in self.courses)

    def terms(self) -> list[tuple[int, list[PlanCourse]]]:
        """Columns of the grid: (term, what it holds), terms 1 to 6 or further, core courses first."""
        placed = [cell for cell in (*self.courses, *self.practice_links) if cell.semester]
        last = max([TERMS, *(cell.semester or 0 for cell in placed)])
        return [
            (
                term,
                sorted(
                    (c for c in placed if c.semester == term),
                    key=lambda c: (c.weeks is not None, not c.is_core),
                ),
            )
            for term in range(1, last + 1)
        ]


def read_plan(content: Mapping[str, Any]) -> Plan:
    """Reads the tree of a plan; never fails on a missing part."""
    return Plan(
        objectives=_texts(content, "objectives"),
        objectives_en=list(content.get("objectives_en") or []),
        posts=[_post(row) for row in content.get("posts") or []],
        courses=[_course(row) for row in content.get("courses") or []],
        practice_links=[_course({"kind": "practice", **row}) for row in content.get("practice_links") or []],
        graduation=_texts(content, "graduation"),
        graduation_en=list(content.get("graduation_en") or []),
        standard_note=str(_either(content, "national_standard_note") or ""),
        hours_total=content.get("hours_total"),
        practice_note=str(_either(content, "practice_share_note") or ""),
        signed_off_by=list(content.get("signed_off_by") or []),
    )


def plan_problems(content: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What R5 misses in a plan: {part: sentences}; empty when it can be published."""
    plan = read_plan(content)
    problems: dict[str, list[Any]] = {}
    if not plan.objectives:
        problems["objectives"] = [_l("Say what the programme educates for.")]
    if not plan.courses:
        problems["courses"] = [_l("List the courses with their hours.")]
    if not plan.graduation:
        problems["graduation"] = [_l("Say what graduation asks for.")]
    if any(c.theory < 0 or c.practice < 0 or not 0 < (c.semester or 1) <= 12 for c in plan.courses):
        problems.setdefault("courses", []).append(_l("Hours are not negative, and terms run from 1 to 12."))
    return problems


def _either(row: Mapping[str, Any], key: str) -> Any:
    return row.get(key) or row.get(f"{key}_zh")


def _texts(row: Mapping[str, Any], key: str) -> list[str]:
    value = _either(row, key) or []
    return [value] if isinstance(value, str) else list(value)


def _course(row: Mapping[str, Any]) -> PlanCourse:
    return PlanCourse(
        code=str(row.get("course") or row.get("code") or ""),
        name=str(_either(row, "name") or ""),
        name_en=str(row.get("name_en") or ""),
        kind=str(row.get("kind") or "foundation"),
        theory=int(row.get("theory") or 0),
        practice=int(row.get("practice") or 0),
        semester=row.get("semester"),
        weeks=row.get("weeks"),
    )


def _post(row: Mapping[str, Any] | str) -> PlanPost:
    if isinstance(row, str):
        return PlanPost(row, "", "", "")
    return PlanPost(
        name=str(_either(row, "name") or ""),
        name_en=str(row.get("name_en") or ""),
        code=str(row.get("code") or ""),
        abilities=str(_either(row, "abilities") or ""),
    )
