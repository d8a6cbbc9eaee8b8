"""What people judged: answers of the survey, reviews of versions, re-checks by lot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


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
