"""Reading stars, reports and contributions; the number of queries never grows with the rows."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Select, bindparam, case, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import Activity, Lesson
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.fractions import Ratio
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.feedback import policy
from courseware.feedback.models import REPORT_STATES, ContributionSharing, ProblemReport, Rating
from courseware.libraries.models import Course, Library
from courseware.libraries.policy import visible_to
from courseware.resources import policy as resources
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import Decision

SHOWN_FROM = 5  # ratings: fewer say more about a person than about the resource
PAGE = 30
LISTED = 50


@dataclass(frozen=True, slots=True)
class Stars:
    """How a resource was rated. `by_stars` counts 5 to 1; the average is shown from SHOWN_FROM ratings on."""

    by_stars: Mapping[int, int]

    @property
    def count(self) -> int:
        """People who rated."""
        return sum(self.by_stars.values())

    @property
    def is_shown(self) -> bool:
        """Whether there are enough to show an average."""
        return self.count >= SHOWN_FROM

    @property
    def average(self) -> float:
        """Mean of the stars, one decimal; 0 without any."""
        return (
            round(sum(stars * count for stars, count in self.by_stars.items()) / self.count, 1) if self.count else 0.0
        )

    def share(self, stars: int) -> float:
        """Per cent of the ratings with so many stars."""
        return float(Ratio(self.by_stars.get(stars, 0), self.count).percent() or 0)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the page of a resource says of its ratings to one reader."""

    stars: Stars
    own: Rating | None = None
    why_not: str = ""  # guest, own_work, not_used: why the reader cannot rate; empty when they can
    words: Sequence[Rating] = ()
    sees_all: bool = False


@dataclass(frozen=True, slots=True)
class Contributions:
    """What a person gave. Lists hold the newest LISTED rows; the figures count everything."""

    person: User
    is_public: bool
    figures: Mapping[str, int]
    sees_all: bool = False
    created: Sequence[Resource] = ()
    revised: Sequence[ResourceVersion] = ()
    reused: Sequence[tuple[Lesson, Course, Resource]] = field(default_factory=tuple)


STARS = (1, 2, 3, 4, 5)
_FOR_READER = select(
    *(func.count(case((Rating.stars == number, 1))) for number in STARS),
    func.max(case((Rating.user_id == bindparam("person"), Rating.id))).label("own"),
    policy.HAS_USED.label("has_used"),
).where(Rating.resource_id == bindparam("resource"))  # built once: every page of a resource asks it


def feedback_on(resource: Resource, actor: Actor | None) -> Feedback:
    """Stars, the reader's own, whether they may rate; words for those who may read them."""
    if actor is None or not policy.can_see_words(actor, resource):
        return feedback_for_reader(resource.id, actor)
    said = feedback_for_reader(resource.id, actor)
    written = select(Rating).where(Rating.resource_id == resource.id, Rating.words != "")
    words = session().scalars(written.order_by(Rating.rated_at.desc(), Rating.id.desc()).limit(LISTED)).all()
    why_not = "own_work" if resources.is_author(actor, resource) else said.why_not
    return replace(said, why_not=why_not, words=words, sees_all=True)


def feedback_for_reader(resource_id: int, actor: Actor | None) -> Feedback:
    """The same for somebody who has no part in the resource, by its number: one query, two for who rated it."""
    row = (
        session()
        .execute(_FOR_READER, {"resource": resource_id, "person": actor.id if actor is not None else None})
        .one()
    )
    stars = Stars({number: count for number, count in zip(STARS, row, strict=False) if count})
    if actor is None:
        return Feedback(stars, why_not="guest")
    own = session().get(Rating, row.own) if row.own is not None else None
    return Feedback(stars, own, "" if row.has_used else "not_used")


def reports_for(actor: Actor, state: str = "open", after: str | None = None, limit: int = PAGE) -> Page[ProblemReport]:
    """Reports the person may answer, newest first: of the libraries they may see for stewards, of their own for teachers."""
    query = _visible(actor).where(ProblemReport.state == state) if state in REPORT_STATES else _visible(actor)
    if after and after.isdigit():
        query = query.where(ProblemReport.id < int(after))
    rows = session().scalars(_with_parts(query).order_by(ProblemReport.id.desc()).limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None)


def count_reports(actor: Actor) -> dict[str, int]:
    """How many of them are in each state."""
    found = _visible(actor).with_only_columns(ProblemReport.state, func.count()).group_by(ProblemReport.state)
    counts = {row[0]: row[1] for row in session().execute(found)}
    return {state: counts.get(state, 0) for state in REPORT_STATES}


def my_reports(person: Actor, limit: int = LISTED) -> Sequence[ProblemReport]:
    """What the person reported, newest first, with the answers."""
    query = select(ProblemReport).where(ProblemReport.reporter_id == person.id)
    return session().scalars(_with_parts(query).order_by(ProblemReport.id.desc()).limit(limit)).all()


def report_by_uuid(report_uuid: uuidlib.UUID, actor: Actor) -> ProblemReport:
    """A report the person may answer. Raises NotFound."""
    found = session().scalar(_with_parts(select(ProblemReport).where(ProblemReport.uuid == report_uuid)))
    if found is None or not policy.can_handle(actor, found.resource):
        raise NotFound()
    return found


def _visible(actor: Actor) -> Select[ProblemReport]:
    wrote = select(ResourceVersion.resource_id).where(ResourceVersion.author_id == actor.id)
    may = [Resource.author_id == actor.id, Resource.id.in_(wrote)]
    if actor.has_role(*policy.STEWARDS):
        may.append(Resource.library_id.in_(select(Library.id).where(visible_to(actor))))
    return select(ProblemReport).where(ProblemReport.resource_id.in_(select(Resource.id).where(or_(*may))))


def _with_parts(query: Select[ProblemReport]) -> Select[ProblemReport]:
    return query.options(
        joinedload(ProblemReport.resource).joinedload(Resource.author), joinedload(ProblemReport.version),
        joinedload(ProblemReport.reporter), joinedload(ProblemReport.handled_by),
    )  # fmt: skip


def contributions_of(person_uuid: uuidlib.UUID, actor: Actor | None) -> Contributions:
    """The record: whole for the person and stewards; figures alone for others, where the person allows it.

    Raises NotFound where the reader may not know.
    """
    person = session().scalar(select(User).where(User.uuid == person_uuid))
    if person is None:
        raise NotFound()
    sharing = select(ContributionSharing.is_public).where(ContributionSharing.user_id == person.id)
    is_public, sees_all = bool(session().scalar(sharing)), policy.can_see_record(actor, person)
    if not is_public and not sees_all:
        raise NotFound()
    figures = _figures(person)
    if not sees_all:
        return Contributions(person, is_public, figures)
    return Contributions(
        person, is_public, figures, True, session().scalars(_created(person).limit(LISTED)).all(), _revised(person), _reused(person)
    )  # fmt: skip


def _figures(person: User) -> dict[str, int]:
    db = session()
    changes = (
        select(ResourceVersion.decided_class, func.count())
        .where(ResourceVersion.author_id == person.id, ResourceVersion.published_at.is_not(None))
        .group_by(ResourceVersion.decided_class)
    )
    by_class = {row[0]: row[1] for row in db.execute(changes)}
    lessons = _reuse(person).with_only_columns(func.count(func.distinct(Lesson.id)))
    decided = select(func.count()).where(Decision.reviewer_id == person.id)
    return {
        "created": db.scalar(select(func.count()).select_from(_created(person).order_by(None).subquery())) or 0,
        "substantive": by_class.get("substantive", 0), "minor": by_class.get("minor", 0),
        "reviewed": db.scalar(decided) or 0, "reused": db.scalar(lessons) or 0,
    }  # fmt: skip


def _created(person: User) -> Select[Resource]:
    query = select(Resource).where(Resource.author_id == person.id, Resource.first_published_at.is_not(None))
    return query.order_by(Resource.first_published_at.desc(), Resource.id.desc())


def _revised(person: User) -> Sequence[ResourceVersion]:
    query = select(ResourceVersion).where(
        ResourceVersion.author_id == person.id, ResourceVersion.published_at.is_not(None), ResourceVersion.num > 1
    )
    query = query.options(joinedload(ResourceVersion.resource)).order_by(ResourceVersion.published_at.desc())
    return session().scalars(query.limit(LISTED)).all()


def _reuse(person: User) -> Select[Lesson, Course, Resource]:
    """Live lessons of other people that hold a resource of this person."""
    return (
        select(Lesson, Course, Resource)
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .join(Resource, Resource.id == Activity.resource_id)
        .join(Course, Course.id == Lesson.course_id)
        .where(Resource.author_id == person.id, Lesson.owner_id != person.id, Lesson.is_live.is_(True))
    )


def _reused(person: User) -> list[tuple[Lesson, Course, Resource]]:
    rows = session().execute(_reuse(person).options(joinedload(Lesson.owner)).order_by(Lesson.id.desc()).limit(LISTED))
    return [(lesson, course, resource) for lesson, course, resource in rows.unique()]
