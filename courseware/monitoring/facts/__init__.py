"""Facts that indicators rest on, as plain values. Figures are pure functions of these; `queries` reads them.

Every group is immutable and names only what a definition asks for. `Facts` is a protocol: the stored facts read
each group once when first asked, tests write theirs by hand.
"""

from courseware.monitoring.facts.learning import OpenFact, SessionFact, UseFact, VisitFact, WatchFact
from courseware.monitoring.facts.people import EnrolmentFact, PersonFact, RosterFact, UnitFact
from courseware.monitoring.facts.quality import AnswerFact, RecheckFact, ReviewFact, SubmissionFact, SurveyFact
from courseware.monitoring.facts.resources import DescriptionFact, NoteFact, ResourceFact, VersionFact
from courseware.monitoring.facts.teaching import CourseFact, LessonFact, PointFact, QuestionFact, StandardFact
from courseware.monitoring.facts.whole import Facts, GivenFacts

__all__ = [
    "AnswerFact",
    "CourseFact",
    "DescriptionFact",
    "EnrolmentFact",
    "Facts",
    "GivenFacts",
    "LessonFact",
    "NoteFact",
    "OpenFact",
    "PersonFact",
    "PointFact",
    "QuestionFact",
    "RecheckFact",
    "ResourceFact",
    "ReviewFact",
    "RosterFact",
    "SessionFact",
    "StandardFact",
    "SubmissionFact",
    "SurveyFact",
    "UnitFact",
    "UseFact",
    "VersionFact",
    "VisitFact",
    "WatchFact",
]
