"""Facts that indicators rest on, as plain values. Figures are pure functions of these; queries.py reads them.

Every group is immutable and names only what a definition asks for. `Facts` is a protocol: the stored facts read
each group once when first asked, tests write theirs by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from courseware.monitoring.periods import Period
from courseware.monitoring.spans import Span


@dataclass(frozen=True, slots=True)
class VersionFact:
    """A published version of a resource."""

    id: int
    published_at: dt.datetime
    decided_class: str = "new"
    content_hash: str = ""
    originality: str = "original"
    is_evidence_accepted: bool = True
    duration_s: float | None = None
    author_id: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceFact:
    """A resource that was published at least once."""

    id: int
    type: str = "video"
    spans: tuple[Span, ...] = ()
    versions: tuple[VersionFact, ...] = ()
    first_published_at: dt.datetime | None = None
    course_id: int | None = None
    unit_id: int | None = None
    derived_from_id: int | None = None
    point_ids: tuple[int, ...] = ()
    is_unanswered_copy: bool = False

    def version_at(self, moment: dt.datetime) -> VersionFact | None:
        """The version readers saw just before `moment`."""
        found = None
        for version in self.versions:  # in the order of their publication
            if version.published_at >= moment:
                break
            found = version
        return found


@dataclass(frozen=True, slots=True)
class NoteFact:
    """Something done to a resource that is no version, or a refused upload of it."""

    id: int
    kind: str
    at: dt.datetime
    resource_id: int | None = None


@dataclass(frozen=True, slots=True)
class LessonFact:
    """A published version of a lesson and when learners saw it."""

    lesson_id: int
    version_id: int
    owner_id: int
    owner_unit_id: int | None
    course_id: int
    published_at: dt.datetime
    superseded_at: dt.datetime | None = None
    resource_ids: tuple[int, ...] = ()
    other_activities: int = 0

    @property
    def is_dump(self) -> bool:
        """More than 50 resources with fewer than one other activity per ten (M6)."""
        return len(self.resource_ids) > 50 and self.other_activities * 10 < len(self.resource_ids)


@dataclass(frozen=True, slots=True)
class OpenFact:
    """The first time in the period that a person opened a lesson."""

    lesson_id: int
    user_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class UseFact:
    """The first qualified use of a resource by a person in the period."""

    resource_id: int
    user_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A stretch of attention of one person: begins at `at`, lasts `seconds` on the clock on the wall."""

    user_id: int
    at: dt.datetime
    seconds: float
    is_qualified: bool = True


@dataclass(frozen=True, slots=True)
class WatchFact:
    """A credited part of a medium, not faster than 2×; `duration_s` is the length of the whole."""

    user_id: int
    resource_id: int
    at: dt.datetime
    from_s: float
    to_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class VisitFact:
    """A stretch of one person's day in one course without 30 idle minutes, and the pages of lessons opened in it."""

    user_id: int
    course_id: int
    at: dt.datetime
    until: dt.datetime
    pages: int = 0


@dataclass(frozen=True, slots=True)
class DescriptionFact:
    """Whether the mandatory fields of a resource are there, and its name follows the library's template."""

    resource_id: int
    is_complete: bool
    is_named: bool


@dataclass(frozen=True, slots=True)
class PersonFact:
    """An account."""

    id: int
    is_test: bool = False
    is_learner: bool = True
    unit_id: int | None = None
    verified_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    unit_kind: str = ""
    province: str = ""
    created_at: dt.datetime | None = None

    def is_registered(self, moment: dt.datetime) -> bool:
        """Verified, no test account, not closed at `moment`."""
        verified = self.verified_at is not None and self.verified_at < moment
        return verified and not self.is_test and (self.closed_at is None or self.closed_at >= moment)


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A host or participating unit of the library."""

    id: int
    key: str
    name: str
    kind: str
    name_en: str = ""
    is_first_host: bool = False
    province: str = ""

    @property
    def is_school(self) -> bool:
        """Whether it keeps a roster of students and teachers."""
        return self.kind in ("school", "university")


@dataclass(frozen=True, slots=True)
class RosterFact:
    """The roster that counts for one unit. A person is known by account, or by name where none was matched."""

    unit_id: int
    census_on: dt.date
    students: tuple[int | str, ...] = ()
    teachers: tuple[int | str, ...] = ()
    received_at: dt.datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class CourseFact:
    """A course of the register with what makes it complete."""

    id: int
    kind: str = "core"
    is_in_plan: bool = True
    created_at: dt.datetime | None = None
    published_at: dt.datetime | None = None
    runs: tuple[dt.datetime, ...] = ()
    standards: tuple[StandardFact, ...] = ()

    def standard_at(self, moment: dt.datetime) -> StandardFact | None:
        """The course standard in force just before `moment`."""
        before = [s for s in self.standards if s.published_at < moment]
        return max(before, key=lambda s: s.published_at, default=None)


@dataclass(frozen=True, slots=True)
class StandardFact:
    """A published course standard: the points of each unit."""

    published_at: dt.datetime
    units: tuple[tuple[int, ...], ...] = ()

    @property
    def points(self) -> tuple[int, ...]:
        """Its points, each once, in order."""
        return tuple(dict.fromkeys(p for unit in self.units for p in unit))


@dataclass(frozen=True, slots=True)
class PointFact:
    """A knowledge or skill point."""

    id: int
    created_at: dt.datetime
    has_post: bool = False


@dataclass(frozen=True, slots=True)
class QuestionFact:
    """A question of a course's bank."""

    id: int
    course_id: int
    kind: str
    point_ids: tuple[int, ...]
    published_at: dt.datetime
    withdrawn_at: dt.datetime | None = None
    is_objective: bool = False
    content_hash: str = ""

    def is_live(self, moment: dt.datetime) -> bool:
        """Published and not withdrawn just before `moment`."""
        return self.published_at < moment and (self.withdrawn_at is None or self.withdrawn_at >= moment)


@dataclass(frozen=True, slots=True)
class EnrolmentFact:
    """What happened between one person and one course run, in order: (enrolled | withdrawn | completed, when)."""

    id: int
    user_id: int
    course_id: int
    run_id: int
    changes: tuple[tuple[str, dt.datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """An answer to the satisfaction survey."""

    id: int
    user_id: int
    score: int
    took_s: float
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class SurveyFact:
    """A survey in counts: all that M13 rests on, and nothing that tells who gave which answer.

    `scores`: (score, valid answers), empty where too few answered to tell it; `dropped`: (reason, answers);
    `groups`: (group, satisfied, valid answers) of the groups that may be told.
    """

    invited: int
    valid: int
    scores: tuple[tuple[int, int], ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()
    groups: tuple[tuple[str, int, int], ...] = ()

    @property
    def is_hidden(self) -> bool:
        """Whether somebody answered, and too few to tell what."""
        return bool(self.valid) and not self.scores


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """A version published in the period and how it was reviewed."""

    version_id: int
    published_at: dt.datetime
    levels: int
    approved_levels: int
    has_all_dimensions: bool
    has_self_review: bool
    is_imported: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionFact:
    """A version handed in and decided in the period; `is_first` where it was handed in for the first time."""

    id: int
    version_id: int
    submitted_at: dt.datetime
    decided_at: dt.datetime
    is_approved: bool
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class RecheckFact:
    """A published version that was drawn at random and looked at again in the period."""

    id: int
    checked_at: dt.datetime
    is_overturned: bool


class Facts(Protocol):
    """Everything the indicators of one library in one period rest on, as known at `now`."""

    @property
    def period(self) -> Period: ...
    @property
    def now(self) -> dt.datetime: ...
    @property
    def baseline_at(self) -> dt.datetime | None: ...
    @property
    def resources(self) -> Sequence[ResourceFact]: ...
    @property
    def notes(self) -> Sequence[NoteFact]: ...
    @property
    def lessons(self) -> Sequence[LessonFact]: ...
    @property
    def opens(self) -> Sequence[OpenFact]: ...
    @property
    def uses(self) -> Sequence[UseFact]: ...
    @property
    def excluded_uses(self) -> Mapping[str, int]: ...
    @property
    def sessions(self) -> Sequence[SessionFact]: ...
    @property
    def watches(self) -> Sequence[WatchFact]: ...
    @property
    def descriptions(self) -> Sequence[DescriptionFact]: ...
    @property
    def sign_ins(self) -> Mapping[int, dt.datetime]: ...
    @property
    def people(self) -> Mapping[int, PersonFact]: ...
    @property
    def units(self) -> Sequence[UnitFact]: ...
    @property
    def rosters(self) -> Sequence[RosterFact]: ...
    @property
    def courses(self) -> Sequence[CourseFact]: ...
    @property
    def points(self) -> Sequence[PointFact]: ...
    @property
    def questions(self) -> Sequence[QuestionFact]: ...
    @property
    def enrolments(self) -> Sequence[EnrolmentFact]: ...
    @property
    def invited(self) -> frozenset[int]: ...
    @property
    def answers(self) -> Sequence[AnswerFact]: ...
    @property
    def surveys(self) -> Sequence[SurveyFact]: ...
    @property
    def reviews(self) -> Sequence[ReviewFact]: ...
    @property
    def submissions(self) -> Sequence[SubmissionFact]: ...
    @property
    def rechecks(self) -> Sequence[RecheckFact]: ...
    @property
    def visits(self) -> Sequence[VisitFact]: ...


@dataclass(frozen=True, eq=False)
class GivenFacts:
    """Facts written by hand."""

    period: Period
    now: dt.datetime
    baseline_at: dt.datetime | None = None
    resources: Sequence[ResourceFact] = ()
    notes: Sequence[NoteFact] = ()
    lessons: Sequence[LessonFact] = ()
    opens: Sequence[OpenFact] = ()
    uses: Sequence[UseFact] = ()
    excluded_uses: Mapping[str, int] = field(default_factory=dict)
    sessions: Sequence[SessionFact] = ()
    watches: Sequence[WatchFact] = ()
    descriptions: Sequence[DescriptionFact] = ()
    sign_ins: Mapping[int, dt.datetime] = field(default_factory=dict)
    people: Mapping[int, PersonFact] = field(default_factory=dict)
    units: Sequence[UnitFact] = ()
    rosters: Sequence[RosterFact] = ()
    courses: Sequence[CourseFact] = ()
    points: Sequence[PointFact] = ()
    questions: Sequence[QuestionFact] = ()
    enrolments: Sequence[EnrolmentFact] = ()
    invited: frozenset[int] = frozenset()
    answers: Sequence[AnswerFact] = ()
    surveys: Sequence[SurveyFact] = ()
    """The survey in counts, where a snapshot holds it in place of invitations and answers."""
    reviews: Sequence[ReviewFact] = ()
    submissions: Sequence[SubmissionFact] = ()
    rechecks: Sequence[RecheckFact] = ()
    visits: Sequence[VisitFact] = ()

    def at(self, now: dt.datetime) -> GivenFacts:
        """The same facts seen earlier."""
        return replace(self, now=now)
