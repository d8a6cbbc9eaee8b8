"""Who else has the board of a lesson open, and whether they are changing something just now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.board_models import LessonPresence
from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.core.database import session

#: A board says that it is open every 10 s; after three that were missed it counts as closed.
OPEN = dt.timedelta(seconds=35)
EDITING = dt.timedelta(seconds=60)
FORGOTTEN = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else on the same board."""

    name: str
    is_editing: bool


def sign_in(actor: User, lesson: Lesson, *, is_editing: bool) -> None:
    """The actor has the board open now; `is_editing` when something was changed since the last sign."""
    now = clock.now()
    row = {"lesson_id": lesson.id, "user_id": actor.id, "seen_at": now, "edited_at": now if is_editing else None}
    renewed = {"seen_at": now} | ({"edited_at": now} if is_editing else {})
    is_postgres = session().get_bind().dialect.name == "postgresql"
    table = LessonPresence.__table__
    made = postgresql.insert(table) if is_postgres else sqlite.insert(table)  # type: ignore[arg-type]
    session().execute(made.values(**row).on_conflict_do_update(index_elements=["lesson_id", "user_id"], set_=renewed))
    session().execute(
        delete(LessonPresence).where(LessonPresence.lesson_id == lesson.id, LessonPresence.seen_at < now - FORGOTTEN)
    )


def others(actor: User, lesson: Lesson) -> list[Other]:
    """Who else has the board open, those who came first first; one query."""
    now = clock.now()
    query = (
        select(LessonPresence)
        .where(LessonPresence.lesson_id == lesson.id, LessonPresence.user_id != actor.id)
        .where(LessonPresence.seen_at >= now - OPEN)
        .options(joinedload(LessonPresence.user).lazyload(User.grants))
        .order_by(LessonPresence.user_id)
    )
    return [
        Other(row.user.name, row.edited_at is not None and row.edited_at >= now - EDITING)
        for row in session().scalars(query)
    ]
