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
