"""What a question of the bank shows among results. Only readers of the bank get so far (`services.scopes_of`)."""

from __future__ import annotations

import uuid as uuidlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from courseware.assessment.answers import answer_of, choices_of
from courseware.assessment.models import Question, QuestionPoint
from courseware.core.database import session
from courseware.discovery.cards import CourseLink, PointLink
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A published question with what is right."""

    id: int
    uuid: uuidlib.UUID
    stem: str
    kind: str
    choices: tuple[tuple[str, str], ...]
    answer: str
    explanation: str
    course: CourseLink
    points: tuple[PointLink, ...]


def read_questions(uuids: Collection[uuidlib.UUID]) -> list[QuestionCard]:
    """Those that stand in a bank now. Two queries."""
    rows = list(session().execute(_question_statement(), {"keys": list(uuids)}))
    points: dict[int, list[PointLink]] = defaultdict(list)
    for question_id, *point in session().execute(_point_statement(), {"keys": [row[0] for row in rows]}):
        points[question_id].append(PointLink(*point))
    return [
        QuestionCard(
            number, uuid, stem, kind, tuple(choices_of(content)), answer_of(content), explanation, CourseLink(*course),
            tuple(points[number]),
        )
        for number, uuid, stem, kind, content, explanation, *course in rows
    ]  # fmt: skip


@lru_cache(maxsize=1)
def _question_statement() -> Any:
    return (
        select(
            Question.id, Question.uuid, Question.stem, Question.kind, Question.content, Question.explanation, Course.uuid,
            Course.name, Course.name_en,
        )
        .join(Course, Course.id == Question.course_id)
        .join(Library, Library.id == Course.library_id)
        .where(
            Question.uuid.in_(bindparam("keys", expanding=True)), Question.published_at.is_not(None),
            Question.withdrawn_at.is_(None), Library.is_public,
        )
    )  # fmt: skip


@lru_cache(maxsize=1)
def _point_statement() -> Any:
    return (
        select(QuestionPoint.question_id, Point.uuid, Point.name, Point.name_en)
        .join(Point, Point.id == QuestionPoint.point_id)
        .where(QuestionPoint.question_id.in_(bindparam("keys", expanding=True)))
        .order_by(QuestionPoint.question_id, Point.id)
    )
