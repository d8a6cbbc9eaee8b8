"""Rows about people, their units, what they joined and watched, and answers without their names."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from courseware.accounts.models import Unit, User
from courseware.catalog.models import CourseRun
from courseware.enrollment.models import Enrollment
from courseware.libraries.models import Course
from courseware.monitoring.indicators.satisfaction import BEST
from courseware.monitoring.periods import Period
from courseware.monitoring.queries.ledger.rows import Entry, Row, by_id
from courseware.resources.models import Resource


def people(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Accounts."""
    found = by_id(User, [e.key for e in entries])
    return [_person_row(e, found.get(e.key), "") for e in entries]


def roster(entries: Sequence[Entry], period: Period) -> list[Row]:
    """People of a roster: an account, or the name written there."""
    found = by_id(User, [who for e in entries if isinstance(who := e.key[1], int)])
    return [_person_row(e, found.get(e.key[1]), e.key[0]) for e in entries]


def answers(entries: Sequence[Entry], period: Period) -> list[Row]:
    """A row for each score and each reason: one for each answer, in the order they came, would tell whose it is."""
    return [Row(e, f"{e.key} / {BEST}" if isinstance(e.key, int) else "—") for e in entries]


def enrolments(entries: Sequence[Entry], period: Period) -> list[Row]:
    """People who joined a course run."""
    load = (joinedload(Enrollment.user), joinedload(Enrollment.run).joinedload(CourseRun.course))
    found = by_id(Enrollment, [e.key for e in entries], *load)
    return [
        Row(e, p.user.name, f"{p.run.course.name} · {p.run.key}", at=p.enrolled_at, course_id=p.course_id, person_uuid=p.user.uuid)
        if (p := found.get(e.key)) else Row(e, str(e.key))
        for e in entries
    ]  # fmt: skip


def pairs(entries: Sequence[Entry], period: Period) -> list[Row]:
    """A person and a course."""
    people = by_id(User, [e.key[0] for e in entries])
    courses = by_id(Course, [e.key[1] for e in entries])
    return [_pair_row(e, people.get(e.key[0]), courses.get(e.key[1])) for e in entries]


def watches(entries: Sequence[Entry], period: Period) -> list[Row]:
    """A person and a medium."""
    people = by_id(User, [e.key[0] for e in entries])
    media = by_id(Resource, [e.key[1] for e in entries])
    return [_pair_row(e, people.get(e.key[0]), media.get(e.key[1])) for e in entries]


def units(entries: Sequence[Entry], period: Period) -> list[Row]:
    """Units of the library."""
    found = by_id(Unit, [e.key for e in entries])
    return [
        Row(e, u.name, u.province, uuid=u.uuid, opens="unit", title_en=u.name_en)
        if (u := found.get(e.key))
        else Row(e, str(e.key))
        for e in entries
    ]


def _person_row(entry: Entry, person: User | None, kind: str) -> Row:
    if person is None:
        return Row(entry, str(entry.key[1] if isinstance(entry.key, tuple) else entry.key), kind=kind)
    return Row(
        entry,
        person.name,
        person.unit.name if person.unit else "",
        kind,
        uuid=person.uuid,
        person_uuid=person.uuid,
        note_en=person.unit.name_en if person.unit else "",
    )


def _pair_row(entry: Entry, person: User | None, thing: Course | Resource | None) -> Row:
    named, english = str(entry.key[1]), ""
    if thing is not None:
        named, english = (thing.name, thing.name_en) if isinstance(thing, Course) else (thing.title, thing.title_en)
    uuid = person.uuid if person else None
    return Row(entry, person.name if person else str(entry.key[0]), named, person_uuid=uuid, note_en=english)
