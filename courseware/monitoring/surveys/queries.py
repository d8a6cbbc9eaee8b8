"""Reading the survey: the open question of a person, whom to ask, and results that name nobody."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, exists, or_, select

from courseware.accounts.models import RoleGrant, Unit, User
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.fractions import Ratio
from courseware.core.roles import Role
from courseware.libraries.models import Course, Library
from courseware.monitoring.facts import AnswerFact
from courseware.monitoring.indicators.satisfaction import SATISFIED, Survey, survey, wilson
from courseware.monitoring.indicators.smallness import SMALLEST, too_small
from courseware.monitoring.models import SurveyAnswer, SurveyInvitation
from courseware.monitoring.periods import Period
from courseware.monitoring.queries.cache import remember
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.surveys.models import SurveyPlan
from courseware.progress.models import LearningEvent
from courseware.resources.models import Resource

ANSWERABLE = dt.timedelta(days=60)
STUDENT, TEACHER, OTHER = "student", "teacher", "other"


def plan(library: Library, period: Period) -> SurveyPlan | None:
    """The rule of a period, if there is one yet."""
    return session().scalar(
        select(SurveyPlan).where(SurveyPlan.library_id == library.id, SurveyPlan.period_code == period.code)
    )


def has_invitations(library: Library, period: Period) -> bool:
    """Whether anybody was asked in the period."""
    return bool(session().scalar(select(_asked(library, period).exists())))


def has_uninvited_answers(library: Library, period: Period) -> bool:
    """Whether answers came in a period without a single invitation: everybody active counts as asked then."""
    answers = select(SurveyAnswer.id).where(SurveyAnswer.library_id == library.id, *_inside(SurveyAnswer.at, period))
    return not has_invitations(library, period) and bool(session().scalar(select(answers.exists())))


def unasked_users(library: Library, period: Period) -> list[tuple[int, str]]:
    """(id, uuid) of people with a qualified event about the library in the period, who were not asked in it."""
    ours = or_(
        LearningEvent.resource_id.in_(select(Resource.id).where(Resource.library_id == library.id)),
        LearningEvent.course_id.in_(select(Course.id).where(Course.library_id == library.id)),
    )
    used = select(LearningEvent.user_id).where(
        *_inside(LearningEvent.occurred_at, period), LearningEvent.is_qualified, LearningEvent.excluded == "", ours
    )
    asked = _asked(library, period).with_only_columns(SurveyInvitation.user_id)
    query = select(User.id, User.uuid).where(User.id.in_(used), User.id.not_in(asked))
    known = query.where(User.is_test.is_(False), User.verified_at.is_not(None), User.closed_at.is_(None))
    return [(key, str(uuid)) for key, uuid in session().execute(known.order_by(User.id))]


# Built once: the busiest pages ask it.
_OPEN = (
    select(SurveyInvitation.id)
    .where(
        SurveyInvitation.user_id == bindparam("person"), SurveyInvitation.answered_at.is_(None),
        SurveyInvitation.dismissed_at.is_(None), SurveyInvitation.at > bindparam("after"), SurveyInvitation.rule != "",
    )
    .order_by(SurveyInvitation.id.desc())
    .limit(1)
)  # fmt: skip


def may_be_asked(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the person was ever asked something that is neither answered nor dismissed, whenever that was."""
    invitation = SurveyInvitation
    waits = invitation.answered_at.is_(None) & invitation.dismissed_at.is_(None)
    return exists().where(invitation.user_id == person, waits, invitation.rule != "")


def open_question(user_id: int, now: dt.datetime) -> tuple[SurveyInvitation, Library] | None:
    """The question a person may answer now: asked in the last 60 days, neither answered nor dismissed.

    One query where there is none, which is nearly always.
    """
    found = session().scalar(_OPEN, {"person": user_id, "after": now - ANSWERABLE})
    invitation = session().get(SurveyInvitation, found) if found else None
    return (invitation, session().get_one(Library, invitation.library_id)) if invitation else None


def invitation_of(invitation_id: int, user_id: int) -> SurveyInvitation:
    """An invitation of this very person. Raises NotFound."""
    found = session().get(SurveyInvitation, invitation_id)
    if found is None or found.user_id != user_id:
        raise NotFound()
    return found


def comment(library: Library, answer_id: int) -> SurveyAnswer:
    """An answer of a library with a comment. Raises NotFound."""
    found = session().get(SurveyAnswer, answer_id)
    if found is None or found.library_id != library.id or not found.comment:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class Group:
    """The answers of one group; None where it is too small to be shown, or would give away one that is."""

    name: str
    invited: int
    valid: int | None = None
    satisfied: Ratio | None = None
    interval: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """What a keeper sees of a year's answers: counts, never people."""

    period: Period
    invited: int
    valid: int
    dropped: Mapping[str, int]
    scores: Mapping[int, int] | None
    satisfied: Ratio | None
    interval: tuple[Decimal, Decimal] | None
    response: Ratio
    roles: Sequence[Group]
    units: Sequence[Group]
    comments: Sequence[Comment]


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote, without name, score or day."""

    id: int
    text: str


def results(library: Library, period: Period, now: dt.datetime) -> Results:
    """The answers of a year by the very rules of M13. Under five valid answers, only their number is shown."""
    key = ("survey", str(library.uuid), period.code, period.start)  # who is a user is a question to the whole year
    found = remember(key, now, lambda: survey(StoredFacts(library, period, now)))
    is_enough = len(found.valid) >= SMALLEST
    roles, units = _people(found)
    return Results(
        period, len(found.invited), len(found.valid), Counter(found.dropped.values()),
        {n: sum(a.score == n for a in found.valid) for n in range(5, 0, -1)} if is_enough else None,
        _satisfied(found.valid) if is_enough else None, wilson(_satisfied(found.valid)) if is_enough else None,
        Ratio(len(found.valid), len(found.invited)), suppressed(_groups(found, roles)), suppressed(_groups(found, units)),
        _comments(found) if is_enough else (),
    )  # fmt: skip


def suppressed(groups: Sequence[tuple[str, int, Sequence[AnswerFact]]]) -> list[Group]:
    """Groups too small to be told without figures (indicators/smallness.py)."""
    hidden = too_small({name: len(answers) for name, _, answers in groups})
    return [_group(*group, is_hidden=group[0] in hidden) for group in groups]


def _group(name: str, invited: int, answers: Sequence[AnswerFact], *, is_hidden: bool) -> Group:
    if is_hidden:
        return Group(name, invited)
    satisfied = _satisfied(answers)
    return Group(name, invited, len(answers), satisfied if answers else None, wilson(satisfied))


def _satisfied(answers: Sequence[AnswerFact]) -> Ratio:
    return Ratio(sum(a.score >= SATISFIED for a in answers), len(answers))


def _groups(found: Survey, group_of: Mapping[int, str]) -> list[tuple[str, int, list[AnswerFact]]]:
    names = list(dict.fromkeys(group_of.values()))
    invited = Counter(group_of.get(user, "") for user in found.invited)
    return [(name, invited[name], [a for a in found.valid if group_of.get(a.user_id) == name]) for name in names]


def _people(found: Survey) -> tuple[dict[int, str], dict[int, str]]:
    """Role and unit of everybody asked or heard, in two queries for every 5,000."""
    roles: dict[int, str] = {}
    units: dict[int, str] = {}
    everybody = sorted({*found.invited, *(a.user_id for a in found.valid)})
    for start in range(0, len(everybody), 5000):
        some = everybody[start : start + 5000]
        for user, unit in session().execute(_units_of(some)):
            units[user] = unit or ""
            roles[user] = OTHER
        for role in (Role.TEACHER, Role.STUDENT):
            roles |= dict.fromkeys(session().scalars(_holders_of(role, some)), role.value)
    return roles, units


def english_names(names: Iterable[str]) -> dict[str, str]:
    """The English names of units by their Chinese ones, where they have any."""
    query = select(Unit.name, Unit.name_en).where(Unit.name.in_(sorted(names)), Unit.name_en != "")
    return dict(session().execute(query).tuples().all())


def _units_of(users: Iterable[int]) -> Select[Any]:
    query = cast("Select[Any]", select(User.id, Unit.name)).outerjoin(Unit, Unit.id == User.unit_id)
    return query.where(User.id.in_(users)).order_by(Unit.name)


def _holders_of(role: Role, users: Iterable[int]) -> Select[Any]:
    return select(RoleGrant.user_id).where(RoleGrant.user_id.in_(users), RoleGrant.role == role.value)


def _comments(found: Survey) -> list[Comment]:
    """Comments of valid answers in an order that says nothing of who came when."""
    texts = select(SurveyAnswer.id, SurveyAnswer.comment).where(
        SurveyAnswer.id.in_([a.id for a in found.valid]), SurveyAnswer.comment != "", ~SurveyAnswer.is_comment_hidden
    )
    rows = [Comment(key, text) for key, text in session().execute(texts)]
    return sorted(rows, key=lambda one: hashlib.sha256(f"{one.id}".encode()).digest())


def _asked(library: Library, period: Period) -> Select[Any]:
    return select(SurveyInvitation.id).where(
        SurveyInvitation.library_id == library.id, *_inside(SurveyInvitation.at, period)
    )


def _inside(column: Any, period: Period) -> tuple[Any, Any]:
    return column >= period.start, column < period.end
