"""Reading courses and lessons. The number of queries never grows with rows.

`contents`: what everybody may see of a course, kept by its content version. `catalogue`: the list of courses.
`teaching`: what builders see. `uses`: where a resource is used.
"""

from __future__ import annotations

from courseware.catalog.queries.catalogue import Catalogue, CatalogueRow, read_catalogue
from courseware.catalog.queries.contents import contents_of, draft_items, lesson_by_uuid
from courseware.catalog.queries.credit import credit_of
from courseware.catalog.queries.facts import (
    CourseContents,
    Credit,
    Item,
    LessonFacts,
    ModuleFacts,
    PointFacts,
    UnitFacts,
)
from courseware.catalog.queries.heads import CourseHead, course_head, course_of_lesson, may_build
from courseware.catalog.queries.teaching import lesson_for_board, my_courses
from courseware.catalog.queries.uses import count_uses, uses_of, where_used

__all__ = [
    "Catalogue",
    "CatalogueRow",
    "CourseContents",
    "CourseHead",
    "Credit",
    "Item",
    "LessonFacts",
    "ModuleFacts",
    "PointFacts",
    "UnitFacts",
    "contents_of",
    "count_uses",
    "course_head",
    "course_of_lesson",
    "credit_of",
    "draft_items",
    "lesson_by_uuid",
    "lesson_for_board",
    "may_build",
    "my_courses",
    "read_catalogue",
    "uses_of",
    "where_used",
]  # fmt: skip
