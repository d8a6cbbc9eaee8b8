"""Who is in what."""

from __future__ import annotations

from sqlalchemy import func, select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.enrollment.models import Enrollment
from courseware.libraries.models import Course


def is_enrolled(user: User | None, course: Course) -> bool:
    """Whether the person is in the course now."""
    if user is None:
        return False
    place = select(Enrollment.id).where(
        Enrollment.user_id == user.id, Enrollment.course_id == course.id, Enrollment.withdrawn_at.is_(None)
    )
    return session().scalar(place.limit(1)) is not None


def courses_of(user: User) -> list[Enrollment]:
    """Where the person is now, newest first."""
    query = select(Enrollment).where(Enrollment.user_id == user.id, Enrollment.withdrawn_at.is_(None))
    return list(session().scalars(query.order_by(Enrollment.enrolled_at.desc())))


def completion_counts(course: Course) -> tuple[int, int]:
    """(persons enrolled and not withdrawn, persons who completed)."""
    persons = func.count(func.distinct(Enrollment.user_id))
    base = select(persons).where(Enrollment.course_id == course.id, Enrollment.withdrawn_at.is_(None))
    done = base.where(Enrollment.completed_at.is_not(None))
    return session().scalar(base) or 0, session().scalar(done) or 0
