"""Accounts, units with their rosters, and enrolments in course runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


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
class EnrolmentFact:
    """What happened between one person and one course run, in order: (enrolled | withdrawn | completed, when)."""

    id: int
    user_id: int
    course_id: int
    run_id: int
    changes: tuple[tuple[str, dt.datetime], ...] = ()
