"""What searching remembers of its use. Nobody is in it: no account, no address, no session, no order of questions."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from courseware.core.database import Model, Numbered


class SearchUse(Numbered, Model):
    """How often a text was asked on a day, how often a result was opened, and how much was found the last time.

    `askers`: a bit for each of 63 boxes into which whoever asked fell (`use.box_of`): how many bits are set tells of how many people
    at least, and nobody can be told from the others of a box.
    """

    __tablename__ = "search_use"
    __table_args__ = (UniqueConstraint("day", "text"), Index("ix_search_use_text", "text"))

    day: Mapped[dt.date]
    text: Mapped[str]
    asked: Mapped[int] = mapped_column(default=0)
    clicked: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    askers: Mapped[int] = mapped_column(BigInteger, default=0)
