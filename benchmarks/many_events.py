"""Millions of learning events in minutes: what people did is told again inside the database, by others and in earlier weeks."""

from __future__ import annotations

from sqlalchemy import func, select, text

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.demo.bulk_rows import Rows
from courseware.progress.due import mark_all_due
from courseware.progress.models import LearningEvent

COPIED = (
    "verb, resource_id, version_id, lesson_id, course_id, from_s, to_s, seconds, speed, device, sitting, context, received_at, "
    "is_late, is_qualified, excluded"
)
EARLIER = {
    "sqlite": "strftime('%Y-%m-%d', occurred_at, '-' || :days || ' days') || substr(occurred_at, 11)",
    "postgresql": "occurred_at - make_interval(days => :days)",
}
UUID = {
    "sqlite": ":prefix || substr(e.uuid, 13)",
    "postgresql": "(:prefix || substr(replace(e.uuid::text, '-', ''), 13))::uuid".replace("::", r"\:\:"),
}


def multiply(events: int) -> int:
    """Copies the events that are there until there are about `events`; returns how many came.

    First people who did nothing yet tell them, a block of people a copy; then each block again, a week earlier every time.
    """
    came = 0
    with unit_of_work() as db:
        there, last = db.execute(select(func.count(), func.max(LearningEvent.id))).one()
        blocks = _blocks()
        db.execute(text("CREATE TEMPORARY TABLE told_by (teller bigint PRIMARY KEY, other bigint)"))
        with Rows(db, 0).without_indexes(LearningEvent):
            for number in range(1, round(events / there)):
                weeks, block = divmod(number, len(blocks))
                came += _copy(number, last, dict(zip(blocks[0], blocks[block], strict=True)), 7 * weeks)
        db.execute(text("DROP TABLE told_by"))
    with unit_of_work() as db:
        mark_all_due()
        db.execute(text("ANALYZE"))
    return came


def _blocks() -> list[list[int]]:
    """The people who did something, and blocks of as many who did nothing."""
    active = set(session().scalars(select(LearningEvent.user_id).distinct()))
    known = session().scalars(select(User.id).where(User.key.like("bulk-%")).order_by(User.id)).all()
    tellers, others = [one for one in known if one in active], [one for one in known if one not in active]
    size = len(tellers)
    return [tellers, *(others[at : at + size] for at in range(0, len(others) - size + 1, size))]


def _copy(number: int, last: int, other_of: dict[int, int], days: int) -> int:
    """Tells all events up to the id `last` again."""
    db = session()
    kind = db.get_bind().dialect.name
    db.execute(text("DELETE FROM told_by"))
    pairs = [{"teller": one, "other": two} for one, two in other_of.items()]
    db.execute(text("INSERT INTO told_by VALUES (:teller, :other)"), pairs)
    copy = (
        f"INSERT INTO learning_event (uuid, user_id, occurred_at, {COPIED}) "  # noqa: S608
        f"SELECT {UUID[kind]}, other, {EARLIER[kind]}, {COPIED} FROM learning_event e JOIN told_by ON teller = e.user_id "
        "WHERE e.id <= :last ORDER BY e.id"
    )
    values = {"prefix": f"{0xABC000000000 + number:012x}", "days": days, "last": last}
    return int(db.connection().execute(text(copy), values).rowcount)
