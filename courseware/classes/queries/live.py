"""What goes on in the room: sign-ins with their lists, questions with their counts."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun
from courseware.classes.models import ClassMember, ClassSignIn, ClassSignInEntry, Poll, PollAnswer, TeachingClass
from courseware.classes.services.polls import FIXED
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.libraries.models import Course

SHOWN = 30
CLOUD = 40


@dataclass(frozen=True, slots=True)
class SignInLine:
    """A sign-in in a list: how many of so many were there."""

    sign_in: ClassSignIn
    present: int
    people: int


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person on the list of one sign-in. `by`: the teacher who corrected it, and why."""

    user: User
    group: str
    state: str
    at: dt.datetime | None
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PollResult:
    """The counts of a question: (choice, answers) in the order of the choices; of words the most frequent first."""

    poll: Poll
    answers: int
    counts: Sequence[tuple[str, int]]

    def percent(self, count: int) -> float:
        """Per cent of the persons who answered, two decimals."""
        return round(100 * count / self.answers, 2) if self.answers else 0.0

    @property
    def mean(self) -> float | None:
        """The mean of a scale, two decimals; None for other questions and without answers."""
        if self.poll.kind != "scale" or not self.answers:
            return None
        return round(sum(int(choice) * count for choice, count in self.counts) / self.answers, 2)


def sign_ins_of(klass: TeachingClass, people: int) -> list[SignInLine]:
    """The latest sign-ins of a class with how many were there, newest first; two queries."""
    query = select(ClassSignIn).where(ClassSignIn.class_id == klass.id).order_by(ClassSignIn.id.desc()).limit(SHOWN)
    rows = session().scalars(query).all()
    there = _there([row.id for row in rows])
    return [SignInLine(row, there.get(row.id, 0), people) for row in rows]


def sign_in_by_uuid(sign_in_uuid: uuidlib.UUID) -> ClassSignIn:
    """A sign-in with its class and team; raises NotFound. Who may see it is asked of the class."""
    team = joinedload(ClassSignIn.teaching_class).joinedload(TeachingClass.run).joinedload(CourseRun.course)
    query = select(ClassSignIn).where(ClassSignIn.uuid == sign_in_uuid).options(team.selectinload(Course.team))
    found = session().scalar(query)
    if found is None:
        raise NotFound()
    return found


def count_present(sign_in: ClassSignIn) -> int:
    """How many are in by now."""
    return _there([sign_in.id]).get(sign_in.id, 0)


def is_signed_in(sign_in: ClassSignIn, user: User) -> bool:
    """Whether the person stands on the list as being there."""
    query = select(ClassSignInEntry.id).where(
        ClassSignInEntry.sign_in_id == sign_in.id, ClassSignInEntry.user_id == user.id,
        ClassSignInEntry.state.in_(("present", "late")),
    )  # fmt: skip
    return session().scalar(query) is not None


def attendance_of(sign_in: ClassSignIn) -> list[Attendance]:
    """Everybody of the class, and whoever signed in and left since; absent where nothing is noted; two queries."""
    corrector = select(User.id, User.name).subquery()
    query = (
        select(ClassMember, ClassSignInEntry, corrector.c.name)
        .outerjoin(
            ClassSignInEntry,
            (ClassSignInEntry.user_id == ClassMember.user_id) & (ClassSignInEntry.sign_in_id == sign_in.id),
        )
        .outerjoin(corrector, corrector.c.id == ClassSignInEntry.by_id)
        .where(ClassMember.class_id == sign_in.class_id)
        .where(or_(ClassMember.left_at.is_(None), ClassSignInEntry.id.is_not(None)))
        .options(joinedload(ClassMember.user))
        .order_by(ClassMember.id)
    )
    return [_attendance(*row) for row in session().execute(query)]


def _attendance(member: ClassMember, entry: ClassSignInEntry | None, by: str | None) -> Attendance:
    if entry is None:
        return Attendance(member.user, member.group_name, "absent", None, "", "")
    return Attendance(member.user, member.group_name, entry.state, entry.at, by or "", entry.reason)


def polls_of(klass: TeachingClass) -> list[tuple[Poll, int]]:
    """The latest questions of a class with how many answered, newest first; two queries."""
    query = select(Poll).where(Poll.class_id == klass.id).order_by(Poll.id.desc()).limit(SHOWN)
    rows = session().scalars(query).all()
    counts = select(PollAnswer.poll_id, func.count()).where(PollAnswer.poll_id.in_([row.id for row in rows]))
    answered = dict(session().execute(counts.group_by(PollAnswer.poll_id)).tuples().all()) if rows else {}
    return [(row, answered.get(row.id, 0)) for row in rows]


def open_polls_of(klass: TeachingClass, user: User) -> list[tuple[Poll, list[str] | None]]:
    """Questions that the class sees now (open, or shown with results), with one's own answer; two queries."""
    query = select(Poll).where(Poll.class_id == klass.id, or_(Poll.closed_at.is_(None), Poll.shown_at.is_not(None)))
    rows = session().scalars(query.order_by(Poll.id.desc()).limit(5)).all()
    own = select(PollAnswer.poll_id, PollAnswer.chosen).where(
        PollAnswer.user_id == user.id, PollAnswer.poll_id.in_([row.id for row in rows])
    )
    mine = dict(session().execute(own).tuples().all()) if rows else {}
    return [(row, mine.get(row.id)) for row in rows]


def poll_by_uuid(poll_uuid: uuidlib.UUID) -> Poll:
    """A question with its class and team; raises NotFound."""
    team = joinedload(Poll.teaching_class).joinedload(TeachingClass.run).joinedload(CourseRun.course)
    found = session().scalar(select(Poll).where(Poll.uuid == poll_uuid).options(team.selectinload(Course.team)))
    if found is None:
        raise NotFound()
    return found


def result_of(poll: Poll) -> PollResult:
    """The counts of a question; one query, some dozens of rows."""
    answers = session().scalars(select(PollAnswer.chosen).where(PollAnswer.poll_id == poll.id)).all()
    found = Counter(one for chosen in answers for one in chosen)
    return PollResult(poll, len(answers), _in_order(poll, found))


def _in_order(poll: Poll, found: Counter[str]) -> list[tuple[str, int]]:
    if poll.kind == "words":
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:CLOUD]
    known = FIXED.get(poll.kind) or tuple(str(number) for number in range(len(poll.options)))
    return [(choice, found.get(choice, 0)) for choice in known]


def _there(ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(ClassSignInEntry.sign_in_id, func.count())
        .where(ClassSignInEntry.sign_in_id.in_(ids), ClassSignInEntry.state.in_(("present", "late")))
        .group_by(ClassSignInEntry.sign_in_id)
    )
    return dict(session().execute(query).tuples().all()) if ids else {}
