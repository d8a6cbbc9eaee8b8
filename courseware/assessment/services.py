"""Putting reviewed questions into a course's bank (R28-R30)."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.assessment.models import OBJECTIVE_KINDS, QUESTION_KINDS, Question
from courseware.auditlog import services as auditlog
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import Conflict, Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.knowledge.models import Point
from courseware.libraries.models import Course

MAX_POINTS = 3


class DuplicateQuestion(Conflict):
    """The same stem and options are in the bank."""

    code = "duplicate_question"
    message = _l("This question is in the bank already, as %(key)s.")


class QuestionKeyTaken(Conflict):
    """A question is never published over another: a changed one is a new one, read anew (R36)."""

    code = "question_key_taken"
    message = _l("There is a question %(key)s in this course already. Give the changed one a key of its own.")


def publish_question(
    course: Course,
    key: str,
    kind: str,
    points: Iterable[Point],
    author: User,
    reviewer: User,
    *,
    stem: str = "",
    content: dict[str, Any] | None = None,
    explanation: str = "",
    difficulty: int | None = None,
    score: int | None = None,
    is_objective: bool | None = None,
) -> Question:
    """A reviewed question for one to three points.

    Raises Invalid, NotAllowed (self-review, or a reviewer without the role), DuplicateQuestion, QuestionKeyTaken.
    """
    tagged = list(points)
    _check(kind, tagged)
    if author.id == reviewer.id or not reviewer.has_role(Role.REVIEWER):
        raise NotAllowed()
    fingerprint = question_hash(stem, content or {})
    _refuse_copy(course, fingerprint)
    _refuse_known_key(course, key)
    question = Question(
        course_id=course.id, key=key, kind=kind, author_id=author.id, reviewer_id=reviewer.id, stem=stem,
        content=content or {}, explanation=explanation, difficulty=difficulty, score=score, content_hash=fingerprint,
        is_objective=kind in OBJECTIVE_KINDS if is_objective is None else is_objective, published_at=clock.now(),
        points=tagged,
    )  # fmt: skip
    session().add(question)
    session().flush()
    auditlog.record("question.publish", reviewer, about=question)
    events.content_changed.send(__name__, kind="question", uuid=question.uuid)
    for point in tagged:
        events.content_changed.send(__name__, kind="point", uuid=point.uuid)
    return question


def question_hash(stem: str, content: dict[str, Any]) -> str:
    """The same for questions that read the same; empty for one that is only described and has no text."""
    if not stem and not content:
        return ""
    plain = unicodedata.normalize("NFKC", stem + json.dumps(content, ensure_ascii=False, sort_keys=True))
    return hashlib.sha256("".join(plain.split()).encode()).hexdigest()


def _check(kind: str, points: list[Point]) -> None:
    problems: dict[str, list[Any]] = {}
    if kind not in QUESTION_KINDS:
        problems["kind"] = [_l("This kind of question is not known.")]
    if not 1 <= len(points) <= MAX_POINTS:
        problems["points"] = [_l("A question names one to three points. Split it when it asks for more.")]
    if problems:
        raise Invalid(problems)


def _refuse_copy(course: Course, fingerprint: str) -> None:
    if not fingerprint:
        return
    known = session().scalar(
        select(Question.key).where(Question.course_id == course.id, Question.content_hash == fingerprint)
    )
    if known is not None:
        raise DuplicateQuestion(key=known)


def _refuse_known_key(course: Course, key: str) -> None:
    if session().scalar(select(Question.id).where(Question.course_id == course.id, Question.key == key)) is not None:
        raise QuestionKeyTaken(key=key)
