"""Whose lesson another one was copied from: said wherever the copy is shown."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from courseware.accounts.models import Unit, User
from courseware.catalog.models import Lesson
from courseware.catalog.queries.facts import Credit
from courseware.core.database import session

Source, Author, School = aliased(Lesson), aliased(User), aliased(Unit)
#: For statements that join Source, Author and School to a lesson.
COLUMNS = (
    Source.uuid.label("source_uuid"), Source.title.label("source_title"), Source.title_en.label("source_title_en"),
    Author.name.label("source_author"), School.name.label("source_school"), Source.is_live.label("source_is_live"),
)  # fmt: skip


def credit_in(row: object) -> Credit | None:
    """The credit in a row with COLUMNS; None for a lesson that began empty."""
    uuid, title, title_en, author, school, is_live = (getattr(row, column.key) for column in COLUMNS)
    return Credit(uuid, title, title_en or "", author or "", school or "", bool(is_live)) if uuid is not None else None


def credit_of(lesson_id: int) -> Credit | None:
    """The lesson that this one was copied from; None for one that began empty. One query."""
    query = (
        select(*COLUMNS)
        .select_from(Lesson)
        .join(Source, Source.id == Lesson.copied_from_id)
        .join(Author, Author.id == Source.owner_id)
        .outerjoin(School, School.id == Author.unit_id)
        .where(Lesson.id == lesson_id)
    )
    row = session().execute(query).one_or_none()
    return credit_in(row) if row is not None else None
