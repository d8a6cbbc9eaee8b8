"""Searching a ledger: which of its keys a reader means by some words, found in the texts that the rows show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from courseware.accounts.models import Unit, User
from courseware.assessment.models import Question
from courseware.catalog.models import CourseRun, Lesson
from courseware.core.database import session
from courseware.enrollment.models import Enrollment
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.resources.models import Resource, ResourceVersion

LONGEST, MOST_WORDS = 100, 5

Part = tuple[str, Any]  # a kind of thing and its number; "text" and the text itself

RESOURCE_TEXTS = (Resource.title, Resource.title_en, Resource.name, Resource.external_id, User.name)
COURSE_TEXTS = (Course.name, Course.name_en, Course.code)

QUERIES: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    "resource": (select(Resource.id).join(User, User.id == Resource.author_id), RESOURCE_TEXTS),
    "version": (
        select(ResourceVersion.id).join(Resource, Resource.id == ResourceVersion.resource_id).join(User, User.id == Resource.author_id),
        RESOURCE_TEXTS,
    ),
    "lesson": (select(Lesson.id), (Lesson.title,)),
    "course": (select(Course.id), COURSE_TEXTS),
    "point": (select(Point.id), (Point.name, Point.name_en, Point.key)),
    "question": (select(Question.id), (Question.stem, Question.key)),
    "person": (select(User.id).outerjoin(Unit, Unit.id == User.unit_id), (User.name, User.key, Unit.name, Unit.name_en)),
    "unit": (select(Unit.id), (Unit.name, Unit.name_en, Unit.key, Unit.province)),
    "enrolment": (
        select(Enrollment.id).join(User, User.id == Enrollment.user_id).join(CourseRun, CourseRun.id == Enrollment.run_id)
        .join(Course, Course.id == Enrollment.course_id),
        (User.name, CourseRun.key, *COURSE_TEXTS),
    ),
}  # fmt: skip
"""Of each kind of thing where its numbers stand, and the texts to look in."""


def _resource_parts(key: Any) -> list[Part]:
    return [("lesson", key[1])] if isinstance(key, tuple) else [("resource", key)]


def _roster_parts(key: Any) -> list[Part]:
    return [("person" if isinstance(key[1], int) else "text", key[1])]


def _one_part(kind: str, key: Any) -> list[Part]:
    return [(kind, key)]


PARTS: Mapping[str, Callable[[Any], list[Part]]] = {
    "resource": _resource_parts, "roster": _roster_parts,
    "year": lambda key: [("text", str(key[0])), ("resource", key[1])],
    "standard_point": lambda key: [("course", key[0]), ("point", key[1])],
    "pair": lambda key: [("person", key[0]), ("course", key[1])],
    "watch": lambda key: [("person", key[0]), ("resource", key[1])],
    **{kind: partial(_one_part, kind) for kind in ("version", "course", "point", "question", "person", "unit", "enrolment")},
}  # fmt: skip
"""What a key of each subject is made of. Answers to the survey are not here: nobody looks for one."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "resource": ("resource", "lesson"), "roster": ("person",), "year": ("resource",), "standard_point": ("course", "point"),
    "pair": ("person", "course"), "watch": ("person", "resource"),
}  # fmt: skip


def may_be_searched(subject: str) -> bool:
    """Whether the rows of a ledger of `subject` have texts to look for."""
    return subject in PARTS


def matching(subject: str, text: str) -> Callable[[Any], bool]:
    """Whether a key of `subject` has every word of `text` somewhere in its texts; one query for each word and kind.

    Capital and small letters are the same. At most five words count.
    """
    words = text.split()[:MOST_WORDS]
    if not words or not may_be_searched(subject):
        return lambda _key: True
    found = [(word, {kind: _numbers(kind, word) for kind in KINDS.get(subject, (subject,))}) for word in words]
    parts_of = PARTS[subject]
    return lambda key: all(_has(parts_of(key), word, numbers) for word, numbers in found)


def _numbers(kind: str, word: str) -> set[int]:
    query, texts = QUERIES[kind]
    holds: Iterable[ColumnElement[bool]] = (column.icontains(word, autoescape=True) for column in texts)
    return set(session().scalars(query.where(or_(*holds))))


def _has(parts: Iterable[Part], word: str, numbers: Mapping[str, set[int]]) -> bool:
    return any(word.casefold() in what.casefold() if kind == "text" else what in numbers[kind] for kind, what in parts)
