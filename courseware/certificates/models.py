"""Certificates of completion: what was true when the course was completed, frozen (R47)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import Identified, Model
from courseware.enrollment.models import Enrollment
from courseware.libraries.models import Course

NAME_CHOICES = ("unasked", "named", "unnamed")


class Certificate(Identified, Model):
    """This platform's certificate that one person completed one run of a course. One for each place in a run.

    Everything printed on it is kept here: a course renamed later, or completed by another rule, changes nothing.
    `code` is what anybody may check (codes.py); whoever knows it reads what verification shows, so nobody can guess it.
    `name_choice`: what the holder wants printed; until asked, the name is printed nowhere.
    `rule`: name and version of the completion rule, with the state of the course that it was held to.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(f"name_choice IN {NAME_CHOICES}", "name_choice"),
        Index("ix_certificate_user", "user_id", "issued_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    holder_name: Mapped[str]
    name_choice: Mapped[str] = mapped_column(default="unasked")
    course_name: Mapped[str]
    course_name_en: Mapped[str]
    library_name: Mapped[str]
    library_name_en: Mapped[str]
    units: Mapped[list[Any]]
    run_key: Mapped[str]
    hours: Mapped[int]
    completed_at: Mapped[dt.datetime]
    issued_at: Mapped[dt.datetime]
    rule: Mapped[dict[str, Any]]
    revoked_at: Mapped[dt.datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    revoked_because: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    revoked_by: Mapped[User | None] = relationship(foreign_keys=[revoked_by_id])
    enrollment: Mapped[Enrollment] = relationship()
    course: Mapped[Course] = relationship()

    @property
    def number(self) -> str:
        """The running number: year of issue and serial. It orders certificates and opens nothing."""
        return f"KK-{self.issued_at.astimezone(REPORTING_ZONE).year}-{self.id:06d}"

    @property
    def is_valid(self) -> bool:
        """Whether it is in force."""
        return self.revoked_at is None

    @property
    def printed_name(self) -> str:
        """The holder's name where they agreed to have it printed; else empty."""
        return self.holder_name if self.name_choice == "named" else ""
