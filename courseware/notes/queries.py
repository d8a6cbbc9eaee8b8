"""Reading one's own notes and bookmarks; nobody reads anybody else's."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.libraries.models import Course
from courseware.notes.models import Bookmark, Note

PAGE = 50
LISTED = 200
WORDS = 8  # of a search; more narrow nothing down

Kept = TypeVar("Kept", Note, Bookmark)


def notes_in_lesson(person: User, lesson_id: int) -> Sequence[Note]:
    """The person's notes in one lesson, along its recording, then in the order of writing."""
    query = select(Note).where(Note.user_id == person.id, Note.lesson_id == lesson_id)
    return session().scalars(query.order_by(Note.activity_key, Note.at_s, Note.id).limit(LISTED)).all()


def bookmarks_in_lesson(person: User, lesson_id: int) -> Sequence[Bookmark]:
    """The person's bookmarks in one lesson."""
    query = select(Bookmark).where(Bookmark.user_id == person.id, Bookmark.lesson_id == lesson_id)
    return session().scalars(query.order_by(Bookmark.activity_key, Bookmark.at_s).limit(LISTED)).all()


def count_in_lesson(person: User, lesson_id: int) -> int:
    """How many notes the person has in a lesson."""
    return session().scalar(select(func.count()).where(Note.user_id == person.id, Note.lesson_id == lesson_id)) or 0


def seconds_in_lesson(person: User, lesson_id: int) -> Sequence[tuple[uuidlib.UUID, int]]:
    """Where in the recordings of a lesson the person has notes: (activity, second); one query."""
    query = select(Note.activity_key, Note.at_s).where(Note.user_id == person.id, Note.lesson_id == lesson_id)
    query = query.where(Note.at_s.is_not(None), Note.activity_key.is_not(None)).order_by(Note.id.desc()).limit(100)
    return [(key, at) for key, at in session().execute(query) if key is not None and at is not None]


def notes_of(
    person: User, *, course: uuidlib.UUID | None = None, lesson: uuidlib.UUID | None = None, words: str = "",
    after: str | None = None, limit: int = PAGE,
) -> Page[Note]:  # fmt: skip
    """The person's notes, the newest first, in all courses or in one, in one lesson; `words`: those that hold every word."""
    query = select(Note).where(Note.user_id == person.id)
    for word in words.split()[:WORDS]:
        query = query.where(Note.body.icontains(word, autoescape=True))
    if lesson is not None:
        query = query.join(Lesson, Lesson.id == Note.lesson_id).where(Lesson.uuid == lesson)
    if course is not None:
        query = query.join(Course, Course.id == Note.course_id).where(Course.uuid == course)
    if after and after.isdigit() and len(after) < 19:
        query = query.where(Note.id < int(after))
    rows = session().scalars(_with_places(query, Note).order_by(Note.id.desc()).limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None)


def bookmarks_of(person: User) -> Sequence[Bookmark]:
    """The person's bookmarks, newest first, at most LISTED."""
    query = _with_places(select(Bookmark).where(Bookmark.user_id == person.id), Bookmark)
    return session().scalars(query.order_by(Bookmark.id.desc()).limit(LISTED)).all()


def courses_with_notes(person: User) -> Sequence[tuple[Course, int]]:
    """Courses in which the person has notes, with how many, the most first."""
    query = select(Course, func.count()).join(Note, Note.course_id == Course.id).where(Note.user_id == person.id)
    return [(course, n) for course, n in session().execute(query.group_by(Course.id).order_by(func.count().desc()))]


def note_by_uuid(uuid: uuidlib.UUID, person: User) -> Note:
    """One's own note; raises NotFound for anybody else's."""
    note = session().scalar(select(Note).where(Note.uuid == uuid, Note.user_id == person.id))
    if note is None:
        raise NotFound()
    return note


def notes_to_export(
    person: User, *, lesson: uuidlib.UUID | None = None, course: uuidlib.UUID | None = None
) -> list[Note]:
    """The person's notes of a lesson, of a course or of all, by course, lesson and second; one query."""
    notes = session().scalars(_with_places(select(Note).where(Note.user_id == person.id), Note)).all()
    chosen = [
        note
        for note in notes
        if (lesson is None or note.lesson.uuid == lesson) and (course is None or note.course.uuid == course)
    ]
    return sorted(chosen, key=_reading_order)


def _reading_order(note: Note) -> tuple[int, int, int, int, str, int, int]:
    lesson = note.lesson
    at = -1 if note.at_s is None else note.at_s
    return (note.course_id, lesson.module_id, lesson.seq, lesson.id, str(note.activity_key or ""), at, note.id)


def _with_places(query: Select[Kept], kind: type[Kept]) -> Select[Kept]:
    return query.options(joinedload(kind.course), joinedload(kind.lesson))
