"""How many people of a period are asked."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from courseware.core.database import Model, Numbered


class SurveyPlan(Numbered, Model):
    """The rule of one period: so many of 100 who used the library, drawn by this seed. It stands once somebody is asked."""

    __tablename__ = "survey_plan"
    __table_args__ = (
        UniqueConstraint("library_id", "period_code"),
        CheckConstraint("percent BETWEEN 0 AND 100", "percent"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    period_code: Mapped[str]
    percent: Mapped[int]
    seed: Mapped[str]
    made_at: Mapped[dt.datetime]
