"""All facts of one library in one period: what definitions ask (`Facts`), and facts written by hand (`GivenFacts`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from courseware.monitoring.facts.learning import OpenFact, SessionFact, UseFact, VisitFact, WatchFact
from courseware.monitoring.facts.people import EnrolmentFact, PersonFact, RosterFact, UnitFact
from courseware.monitoring.facts.quality import AnswerFact, RecheckFact, ReviewFact, SubmissionFact, SurveyFact
from courseware.monitoring.facts.resources import DescriptionFact, NoteFact, ResourceFact
from courseware.monitoring.facts.teaching import CourseFact, LessonFact, PointFact, QuestionFact
from courseware.monitoring.periods import Period


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
