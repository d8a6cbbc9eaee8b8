"""Reads the facts of one library from the database: a fixed number of queries, whatever the number of rows.

Reporting stands above all subjects and reads their tables by columns instead of loading their objects; it writes none.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, case, exists, func, select

from courseware.accounts.models import RoleGrant, Unit, User
from courseware.assessment.models import Question, QuestionPoint
from courseware.catalog.models import Activity, CourseRun, Lesson, LessonVersion
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.enrollment.models import Enrollment, EnrollmentChange
from courseware.knowledge.models import CourseStandard, Point, PointPost, StandardUnit, StandardUnitPoint
from courseware.libraries.models import Course, Library, LibraryUnit
from courseware.monitoring import facts
from courseware.monitoring.models import Roster, RosterEntry, SurveyAnswer, SurveyInvitation
from courseware.monitoring.periods import Period
from courseware.monitoring.queries.descriptions import read_descriptions
from courseware.monitoring.queries.learned import Learned, plain_rows
from courseware.monitoring.queries.reviews import read_rechecks, read_reviews, read_submissions
from courseware.resources.fingerprints import Resemblance
from courseware.resources.models import LiveSpan, Resource, ResourceNote, ResourcePoint, ResourceVersion

TIMELESS = ("resources", "lessons", "descriptions", "people", "units", "courses", "points", "questions", "enrolments")
"""Groups of facts that are the same whatever the period."""


class StoredFacts:
    """The facts of `library` in `period` as known at `now`; each group is read once, when first asked."""

    def __init__(self, library: Library, period: Period, now: dt.datetime) -> None:
        self.library_id = library.id
        self.period = period
        self.now = now
        self.baseline_at = library.baseline_at
        self._library = library
        self.surveys: Sequence[facts.SurveyFact] = ()

    def in_period(self, period: Period) -> StoredFacts:
        """The facts of another period of the same library: what belongs to no period, and was read, is read no more."""
        other = StoredFacts(self._library, period, self.now)
        other.__dict__ |= {name: self.__dict__[name] for name in TIMELESS if name in self.__dict__}
        return other

    @cached_property
    def resources(self) -> list[facts.ResourceFact]:
        spans = _grouped(self._of_resources(LiveSpan.resource_id, LiveSpan.started_at, LiveSpan.ended_at))
        points = _grouped(self._of_resources(ResourcePoint.resource_id, ResourcePoint.point_id))
        versions = self._versions()
        unanswered = self._unanswered_copies()
        columns = (
            Resource.id, Resource.type, Resource.first_published_at, Resource.course_id, Resource.derived_from_id, User.unit_id,
        )  # fmt: skip
        query = select(*columns).join(User, User.id == Resource.author_id)
        rows = plain_rows(query.where(self._in_library, Resource.first_published_at.is_not(None)))
        return [
            facts.ResourceFact(
                row.id, row.type, tuple(spans[row.id]), tuple(versions[row.id]), row.first_published_at, row.course_id,
                row.unit_id, row.derived_from_id, tuple(point for (point,) in points[row.id]), row.id in unanswered,
            )
            for row in rows
        ]  # fmt: skip

    def _unanswered_copies(self) -> frozenset[int]:
        """Resources that stand in an earlier one, or contain it, while their author has not answered."""
        query = select(Resemblance.resource_id).join(Resource, Resource.id == Resemblance.resource_id)
        return frozenset(
            session().scalars(query.where(self._in_library, Resemblance.is_asked, Resemblance.answer == ""))
        )

    @cached_property
    def notes(self) -> list[facts.NoteFact]:
        columns = (ResourceNote.id, ResourceNote.kind, ResourceNote.at, ResourceNote.resource_id)
        rows = select(*columns).where(ResourceNote.library_id == self.library_id, self._inside(ResourceNote.at))
        return [facts.NoteFact(*row) for row in plain_rows(rows)]

    @cached_property
    def lessons(self) -> list[facts.LessonFact]:
        contents = _grouped(self._of_lessons(Activity.version_id, Activity.resource_id))
        columns = (
            Lesson.id, LessonVersion.id, Lesson.owner_id, User.unit_id, Lesson.course_id, LessonVersion.published_at,
            _ended_at(),
        )  # fmt: skip
        query = select(*columns).join(LessonVersion, LessonVersion.lesson_id == Lesson.id)
        query = query.join(User, User.id == Lesson.owner_id).where(
            self._lesson_in_library, LessonVersion.published_at.is_not(None)
        )
        return [facts.LessonFact(*(*row, *_contents(contents[row[1]]))) for row in plain_rows(query)]

    @cached_property
    def learned(self) -> Learned:
        return Learned(self.library_id, self.period, self.now)

    @property
    def opens(self) -> list[facts.OpenFact]:
        return self.learned.opens

    @property
    def uses(self) -> list[facts.UseFact]:
        return self.learned.uses

    @property
    def excluded_uses(self) -> Mapping[str, int]:
        return self.learned.excluded_uses

    @property
    def sessions(self) -> list[facts.SessionFact]:
        return self.learned.sessions

    @property
    def watches(self) -> list[facts.WatchFact]:
        return self.learned.watches

    @property
    def visits(self) -> list[facts.VisitFact]:
        return self.learned.visits

    @property
    def sign_ins(self) -> Mapping[int, dt.datetime]:
        return self.learned.sign_ins

    @cached_property
    def descriptions(self) -> list[facts.DescriptionFact]:
        return read_descriptions(self.library_id)

    @cached_property
    def people(self) -> Mapping[int, facts.PersonFact]:
        is_learner = exists().where(RoleGrant.user_id == User.id, RoleGrant.role == Role.STUDENT.value)
        columns = (
            User.id, User.is_test, is_learner, User.unit_id, User.verified_at, User.closed_at, func.coalesce(Unit.kind, ""),
            func.coalesce(Unit.province, ""), User.created_at,
        )  # fmt: skip
        query = select(*columns).join(Unit, Unit.id == User.unit_id, isouter=True)
        return {row[0]: facts.PersonFact(*row) for row in plain_rows(query)}

    @cached_property
    def units(self) -> list[facts.UnitFact]:
        columns = (Unit.id, Unit.key, Unit.name, Unit.kind, Unit.name_en, LibraryUnit.is_first_host, Unit.province)
        query = select(*columns).join(LibraryUnit, LibraryUnit.unit_id == Unit.id)
        query = query.where(LibraryUnit.library_id == self.library_id).order_by(LibraryUnit.seq)
        return [facts.UnitFact(*row) for row in plain_rows(query)]

    @cached_property
    def rosters(self) -> list[facts.RosterFact]:
        query = select(Roster.id, Roster.unit_id, Roster.census_on, Roster.received_at)
        query = query.where(Roster.library_id == self.library_id)
        query = query.where(Roster.census_on >= self.period.first_day, Roster.census_on < self.period.end_day)
        entries = _grouped(
            select(RosterEntry.roster_id, RosterEntry.role, RosterEntry.user_id, RosterEntry.name)
            .where(RosterEntry.roster_id.in_(query.with_only_columns(Roster.id)))
            .order_by(RosterEntry.id)
        )
        return [
            facts.RosterFact(
                unit, census, _on_roster(entries[key], "student"), _on_roster(entries[key], "teacher"), received, key
            )
            for key, unit, census, received in plain_rows(query)
        ]

    @cached_property
    def courses(self) -> list[facts.CourseFact]:
        runs = _grouped(self._of_courses(CourseRun.course_id, CourseRun.starts_at))
        standards = self._standards()
        columns = (Course.id, Course.kind, Course.is_in_plan, Course.created_at, Course.published_at)
        query = select(*columns).where(Course.library_id == self.library_id).order_by(Course.seq, Course.id)
        return [
            facts.CourseFact(*(*row, tuple(at for (at,) in runs[row.id]), tuple(standards[row.id])))
            for row in plain_rows(query)
        ]

    @cached_property
    def points(self) -> list[facts.PointFact]:
        has_post = exists().where(PointPost.point_id == Point.id)
        present = (Point.library_id == self.library_id) & Point.retired_at.is_(None)
        query = select(Point.id, Point.created_at, has_post).where(present)
        return [facts.PointFact(*row) for row in plain_rows(query.order_by(Point.id))]

    @cached_property
    def questions(self) -> list[facts.QuestionFact]:
        points = _grouped(
            self._of_courses(QuestionPoint.question_id, QuestionPoint.point_id, via=Question.course_id).join(
                Question, Question.id == QuestionPoint.question_id
            )
        )
        columns = (
            Question.id, Question.course_id, Question.kind, Question.published_at, Question.withdrawn_at, Question.is_objective,
            Question.content_hash,
        )  # fmt: skip
        query = self._of_courses(*columns, via=Question.course_id).where(Question.published_at.is_not(None))
        return [
            facts.QuestionFact(*(key, course, kind, tuple(p for (p,) in points[key]), *rest))
            for key, course, kind, *rest in plain_rows(query)
        ]

    @cached_property
    def enrolments(self) -> list[facts.EnrolmentFact]:
        changes = _grouped(
            self._of_courses(EnrollmentChange.enrollment_id, EnrollmentChange.kind, EnrollmentChange.at, via=Enrollment.course_id)
            .join(Enrollment, Enrollment.id == EnrollmentChange.enrollment_id)
            .order_by(EnrollmentChange.at, EnrollmentChange.id)
        )  # fmt: skip
        columns = (Enrollment.id, Enrollment.user_id, Enrollment.course_id, Enrollment.run_id)
        query = self._of_courses(*columns, via=Enrollment.course_id)
        return [facts.EnrolmentFact(*(*row, tuple(changes[row[0]]))) for row in plain_rows(query)]

    @cached_property
    def invited(self) -> frozenset[int]:
        query = select(SurveyInvitation.user_id).where(SurveyInvitation.library_id == self.library_id)
        return frozenset(session().scalars(query.where(self._inside(SurveyInvitation.at))))

    @cached_property
    def answers(self) -> list[facts.AnswerFact]:
        columns = (SurveyAnswer.id, SurveyAnswer.user_id, SurveyAnswer.score, SurveyAnswer.took_s, SurveyAnswer.at)
        query = select(*columns).where(SurveyAnswer.library_id == self.library_id, self._inside(SurveyAnswer.at))
        return [facts.AnswerFact(*row) for row in plain_rows(query)]

    @cached_property
    def reviews(self) -> list[facts.ReviewFact]:
        return read_reviews(self.library_id, self.period)

    @cached_property
    def submissions(self) -> list[facts.SubmissionFact]:
        return read_submissions(self.library_id, self.period)

    @cached_property
    def rechecks(self) -> list[facts.RecheckFact]:
        return read_rechecks(self.library_id, self.period)

    @property
    def _in_library(self) -> ColumnElement[bool]:
        return Resource.library_id == self.library_id

    @property
    def _lesson_in_library(self) -> ColumnElement[bool]:
        return Lesson.course_id.in_(select(Course.id).where(Course.library_id == self.library_id))

    def _inside(self, column: Any) -> ColumnElement[bool]:
        return (column >= self.period.start) & (column < self.period.end)

    def _of_resources(self, *columns: Any) -> Select[Any]:
        return select(*columns).join(Resource, Resource.id == columns[0]).where(self._in_library)

    def _of_lessons(self, *columns: Any) -> Select[Any]:
        query = select(*columns).join(LessonVersion, LessonVersion.id == Activity.version_id)
        query = query.join(Lesson, Lesson.id == LessonVersion.lesson_id).order_by(Activity.seq)
        return query.where(self._lesson_in_library, LessonVersion.published_at.is_not(None))

    def _of_courses(self, *columns: Any, via: Any = None) -> Select[Any]:
        course = via if via is not None else columns[0]
        return select(*columns).where(course.in_(select(Course.id).where(Course.library_id == self.library_id)))

    def _versions(self) -> Mapping[int, list[facts.VersionFact]]:
        columns = (
            ResourceVersion.resource_id, ResourceVersion.id, ResourceVersion.published_at, ResourceVersion.decided_class,
            ResourceVersion.content_hash, ResourceVersion.originality, ResourceVersion.is_evidence_accepted,
            ResourceVersion.duration_s, ResourceVersion.author_id, ResourceVersion.tags,
        )  # fmt: skip
        query = self._of_resources(*columns).where(ResourceVersion.published_at.is_not(None))
        found: dict[int, list[facts.VersionFact]] = defaultdict(list)
        for resource, *version, tags in plain_rows(query.order_by(ResourceVersion.num)):
            found[resource].append(facts.VersionFact(*(*version, tuple(tags))))
        return found

    def _standards(self) -> Mapping[int, list[facts.StandardFact]]:
        query = (
            select(CourseStandard.course_id, CourseStandard.id, CourseStandard.published_at, StandardUnit.id)
            .join(StandardUnit, StandardUnit.standard_id == CourseStandard.id, isouter=True)
            .where(CourseStandard.published_at.is_not(None), CourseStandard.course_id.in_(self._course_ids()))
            .order_by(CourseStandard.id, StandardUnit.seq)
        )
        points = self._points_of_units()
        units: dict[tuple[int, int, dt.datetime], list[tuple[int, ...]]] = defaultdict(list)
        for course, standard, published_at, unit in plain_rows(query):
            units[course, standard, published_at] += [points[unit]] if unit is not None else []
        found: dict[int, list[facts.StandardFact]] = defaultdict(list)
        for (course, _, published_at), of_standard in units.items():
            found[course].append(facts.StandardFact(published_at, tuple(of_standard)))
        return found

    def _points_of_units(self) -> Mapping[int, tuple[int, ...]]:
        query = (
            select(StandardUnitPoint.unit_id, StandardUnitPoint.point_id)
            .join(StandardUnit, StandardUnit.id == StandardUnitPoint.unit_id)
            .join(CourseStandard, CourseStandard.id == StandardUnit.standard_id)
            .where(CourseStandard.course_id.in_(self._course_ids()))
            .order_by(StandardUnitPoint.seq)
        )
        found: dict[int, tuple[int, ...]] = defaultdict(tuple)
        for unit, points in _grouped(query).items():
            found[unit] = tuple(point for (point,) in points)
        return found

    def _course_ids(self) -> Select[Any]:
        return select(Course.id).where(Course.library_id == self.library_id)


class SeenAt:
    """The same facts seen at another moment, without reading them again: for trends."""

    def __init__(self, whole: facts.Facts, now: dt.datetime) -> None:
        self.whole = whole
        self.now = now

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.whole, name)
        setattr(self, name, value)  # asked for once in each loop over people
        return value


def seen_at(whole: facts.Facts, now: dt.datetime) -> facts.Facts:
    """`whole` as it was known at `now`."""
    return cast(facts.Facts, SeenAt(whole, now))


def _grouped(query: Any) -> dict[int, list[tuple[Any, ...]]]:
    """Rows by their first column."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *rest in plain_rows(query):
        found[key].append(tuple(rest))
    return found


def _ended_at() -> Any:
    """When learners stopped seeing a lesson version; one of a lesson taken down without a date was never seen."""
    never_seen = case((Lesson.is_live, None), else_=LessonVersion.published_at)
    return func.coalesce(LessonVersion.superseded_at, never_seen)


def _contents(rows: Sequence[tuple[int | None]]) -> tuple[tuple[int, ...], int]:
    """Resources of a lesson, each once, and the number of its other activities."""
    held = dict.fromkeys(key for (key,) in rows if key is not None)
    return tuple(held), sum(key is None for (key,) in rows)


def _on_roster(entries: Iterable[tuple[Any, ...]], role: str) -> tuple[int | str, ...]:
    return tuple(user if user is not None else name for its_role, user, name in entries if its_role == role)
