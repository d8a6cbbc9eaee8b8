"""The functions of the platform and how often each was used in a library in a period (R58): one statement for all counts.

A function is worth what it is used for. Where use is kept nowhere by library, that is said; no figure judges these counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from courseware.catalog.models import CourseRun, Lesson, LessonVersion
from courseware.classes.models import ClassDue, ClassSignIn, Poll
from courseware.core.database import session
from courseware.discussion.models import Message, Thread
from courseware.enrollment.models import TeachingClass
from courseware.feedback.models import ProblemReport, Rating
from courseware.guidance.models import Favourite
from courseware.libraries.models import Course, Library
from courseware.monitoring.alerts.models import Finding
from courseware.monitoring.periods import Period
from courseware.monitoring.planning.models import PlanTask
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import Decision, Submission

GROUPS: Mapping[str, Sequence[str]] = {
    "management": ("upload", "review", "personal", "evaluation"), "teaching": ("assembly", "choice", "search", "interaction"),
    "learning": ("self_study", "discussion", "feedback", "exam"), "value_added": ("customisation", "recommendation", "resources", "behaviour"),
}  # fmt: skip
USED, UNUSED, UNRECORDED, MISSING = "used", "unused", "unrecorded", "missing"
NOT_RECORDED, NOT_THERE = ("search", "recommendation"), ("exam",)


@dataclass(frozen=True, slots=True)
class FunctionUse:
    """One function: its group, its state, and how often it was used; `count` None where nobody keeps that."""

    group: str
    name: str
    state: str
    count: int | None


def functions_of(library: Library, period: Period, *, visits: int, enrolments: int) -> list[FunctionUse]:
    """Every function in the order of its group, counted in one query; what is a figure already comes from there.

    `visits` is M14.visits.A, `enrolments` M14.enrolments.
    """
    counts = _counts(library, period) | {"self_study": visits, "choice": enrolments}
    return [_use(group, name, counts.get(name)) for group, names in GROUPS.items() for name in names]


def _use(group: str, name: str, count: int | None) -> FunctionUse:
    if name in NOT_THERE:
        return FunctionUse(group, name, MISSING, None)
    if name in NOT_RECORDED:
        return FunctionUse(group, name, UNRECORDED, None)
    return FunctionUse(group, name, USED if count else UNUSED, count or 0)


def _counts(library: Library, period: Period) -> dict[str, int]:
    queries = _queries(library, period)
    columns = [query.scalar_subquery().label(name) for name, query in queries.items()]
    row = session().execute(select(*columns)).one()
    found = dict(row._mapping)
    return {**found, "interaction": found["interaction"] + found.pop("sign_ins")}


def _queries(library: Library, period: Period) -> dict[str, Select[Any]]:
    """What counts as a use of each function: a row of its table that came into being in the period."""

    def inside(moment: Any) -> ColumnElement[bool]:
        return (moment >= period.start) & (moment < period.end)

    resources = select(Resource.id).where(Resource.library_id == library.id)
    courses = select(Course.id).where(Course.library_id == library.id)
    classes = (
        select(TeachingClass.id).join(CourseRun, CourseRun.id == TeachingClass.run_id).where(CourseRun.course_id.in_(courses))
    )  # fmt: skip
    decided = _count(Decision.id).join(Submission, Submission.id == Decision.submission_id)
    decided = decided.join(ResourceVersion, ResourceVersion.id == Submission.version_id)
    lessons = _count(LessonVersion.id).join(Lesson, Lesson.id == LessonVersion.lesson_id)
    said = _count(Message.id).join(Thread, Thread.id == Message.thread_id)
    return {
        "upload": _count(ResourceVersion.id).where(ResourceVersion.resource_id.in_(resources), inside(ResourceVersion.created_at)),
        "review": decided.where(ResourceVersion.resource_id.in_(resources), inside(Decision.decided_at)),
        "personal": _count(Favourite.user_id).where(Favourite.resource_id.in_(resources), inside(Favourite.at)),
        "evaluation": _count(Rating.id).where(Rating.resource_id.in_(resources), inside(Rating.rated_at)),
        "assembly": lessons.where(Lesson.course_id.in_(courses), inside(LessonVersion.published_at)),
        "interaction": _count(Poll.id).where(Poll.class_id.in_(classes), inside(Poll.opened_at)),
        "sign_ins": _count(ClassSignIn.id).where(ClassSignIn.class_id.in_(classes), inside(ClassSignIn.opened_at)),
        "discussion": said.where(Thread.course_id.in_(courses), inside(Message.created_at)),
        "feedback": _count(ProblemReport.id).where(ProblemReport.resource_id.in_(resources), inside(ProblemReport.created_at)),
        "customisation": _count(ClassDue.id).where(ClassDue.class_id.in_(classes), inside(ClassDue.created_at)),
        "resources": _count(PlanTask.id).where(PlanTask.library_id == library.id, inside(PlanTask.assigned_at)),
        "behaviour": _count(Finding.id).where(Finding.library_id == library.id, Finding.period_code == period.code),
    }  # fmt: skip


def _count(column: Any) -> Select[Any]:
    return select(func.count(column))
