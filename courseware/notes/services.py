"""Writing notes and setting bookmarks. Everything here is private to the person who does it."""

from __future__ import annotations

import uuid as uuidlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.notes.errors import ChangedElsewhere, EmptyNote, NoteTooLong, TooManyNotes
from courseware.notes.models import Bookmark, Note

LONGEST = 10_000  # characters
MOST = 5_000  # notes of one person


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a lesson: a thing by its key, a whole second of its recording."""

    activity_key: uuidlib.UUID | None = None
    at_s: int | None = None


def keep_note(
    person: User, lesson: Lesson, uuid: uuidlib.UUID, body: str, place: Place = Place(), *, revision: int = 0
) -> Note:
    """Makes the note named `uuid`, or changes it: sent twice it is one note (R43).

    `revision` is the state the writer began from, 0 for a new one. Words that already stand there change nothing. Raises
    EmptyNote, NoteTooLong, TooManyNotes, ChangedElsewhere where another device was faster, NotFound for a name that
    belongs to somebody else.
    """
    words = _checked(body)
    note = session().scalar(select(Note).where(Note.uuid == uuid).with_for_update())
    if note is None:
        return _new_note(person, lesson, uuid, words, place)
    if note.user_id != person.id:
        raise NotFound()
    if note.body == words:
        return note
    if revision != note.revision:
        raise ChangedElsewhere()
    note.body, note.edited_at, note.revision = words, clock.now(), note.revision + 1
    session().flush()
    return note


def delete_note(person: User, uuid: uuidlib.UUID) -> None:
    """Deletes one's own note for good; no error where there is none."""
    note = session().scalar(select(Note).where(Note.uuid == uuid, Note.user_id == person.id))
    if note is not None:
        session().delete(note)
        session().flush()


def set_bookmark(person: User, lesson: Lesson, place: Place, *, wanted: bool = True) -> None:
    """Marks a place to come back to, once, or takes the mark away."""
    found = session().scalar(
        select(Bookmark).where(
            Bookmark.user_id == person.id, Bookmark.lesson_id == lesson.id, Bookmark.at_s.is_not_distinct_from(place.at_s),
            Bookmark.activity_key.is_not_distinct_from(place.activity_key),
        )
    )  # fmt: skip
    if found is None and wanted:
        session().add(Bookmark(user_id=person.id, lesson_id=lesson.id, course_id=lesson.course_id, **_columns(place)))
    elif found is not None and not wanted:
        session().delete(found)
    session().flush()


def delete_bookmark(person: User, uuid: uuidlib.UUID) -> None:
    """Takes one's own mark away; no error where there is none."""
    found = session().scalar(select(Bookmark).where(Bookmark.uuid == uuid, Bookmark.user_id == person.id))
    if found is not None:
        session().delete(found)
        session().flush()


def _new_note(person: User, lesson: Lesson, uuid: uuidlib.UUID, words: str, place: Place) -> Note:
    """Raises ChangedElsewhere where the same name arrived twice at once with different words."""
    if (session().scalar(select(func.count()).where(Note.user_id == person.id)) or 0) >= MOST:
        raise TooManyNotes(limit=MOST)
    now = clock.now()
    note = Note(
        uuid=uuid, user_id=person.id, lesson_id=lesson.id, course_id=lesson.course_id, body=words, created_at=now,
        edited_at=now, **_columns(place),
    )  # fmt: skip
    try:
        with session().begin_nested():
            session().add(note)
    except IntegrityError as twice:
        raise ChangedElsewhere() from twice
    return note


def _columns(place: Place) -> dict[str, object]:
    return {"activity_key": place.activity_key, "at_s": place.at_s}


def _checked(body: str) -> str:
    words = body.replace("\r\n", "\n").strip()
    if not words:
        raise EmptyNote()
    if len(words) > LONGEST:
        raise NoteTooLong(limit=LONGEST, found=len(words))
    return words
