"""Notes beside a lesson and on a page of their own, bookmarks, export. Each works without a script."""

from __future__ import annotations

import re
import uuid as uuidlib

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.catalog import queries as catalog
from courseware.catalog.models import Lesson
from courseware.core.errors import DomainError
from courseware.notes import queries, services
from courseware.notes.markdown import address, as_markdown
from courseware.notes.models import Note
from courseware.notes.services import Place
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.requests import undo

blueprint = Blueprint("notes", __name__)
Answer = str | BaseResponse
_SECOND = re.compile(r"[0-9]{1,6}")  # of a recording, as forms and addresses write it


@blueprint.get("/learn/<uuid:lesson_uuid>/notes")
def lesson_notes(lesson_uuid: uuidlib.UUID) -> str:
    """The reader's notes and bookmarks in a lesson; `key` and `at` say where the reader is."""
    person = actor()
    return _notes(catalog.lesson_by_uuid(lesson_uuid, person), person)


@blueprint.post("/learn/<uuid:lesson_uuid>/notes")
@login_needed
def write_note(lesson_uuid: uuidlib.UUID) -> Answer:
    """A new note from a plain form."""
    person = signed_in()
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    try:
        services.keep_note(person, lesson, uuidlib.uuid4(), request.form.get("words", ""), _place())
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("Kept. Only you can read it."), "success")
    return redirect(_here(lesson_uuid))


@blueprint.put("/learn/<uuid:lesson_uuid>/notes/<uuid:note_uuid>")
@login_needed
def keep_note(lesson_uuid: uuidlib.UUID, note_uuid: uuidlib.UUID) -> Response:
    """Keeps a note while it is written; the browser names it, so that sending it twice makes one note."""
    person = signed_in()
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    revision = request.form.get("revision", 0, int)
    note = services.keep_note(person, lesson, note_uuid, request.form.get("words", ""), _place(), revision=revision)
    return jsonify(revision=note.revision, uuid=str(note.uuid))


@blueprint.post("/my-learning/notes/<uuid:note_uuid>")
@login_needed
def change_note(note_uuid: uuidlib.UUID) -> Answer:
    """Changes or, with `delete`, deletes a note."""
    person = signed_in()
    try:
        _change(person, note_uuid)
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    lesson = _uuid(request.form.get("lesson", ""))
    return redirect(_here(lesson) if lesson else url_for("notes.my_notes"))


@blueprint.post("/learn/<uuid:lesson_uuid>/bookmarks")
@login_needed
def set_bookmark(lesson_uuid: uuidlib.UUID) -> Answer:
    """Marks a place, or with `remove` takes the mark away."""
    person = signed_in()
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    services.set_bookmark(person, lesson, _place(), wanted="remove" not in request.form)
    return _notes(lesson, person) if "X-Keku-Part" in request.headers else redirect(_here(lesson_uuid))


@blueprint.post("/my-learning/bookmarks/<uuid:bookmark_uuid>/delete")
@login_needed
def delete_bookmark(bookmark_uuid: uuidlib.UUID) -> Answer:
    """Takes a mark away, from the list."""
    services.delete_bookmark(signed_in(), bookmark_uuid)
    return redirect(url_for("notes.my_notes"))


@blueprint.get("/my-learning/notes")
@login_needed
def my_notes() -> str:
    """Every note and bookmark of the person; `q` looks for words in the notes."""
    person, course = signed_in(), _uuid(request.args.get("course", ""))
    asked = request.args.get("q", "").strip()[:100]
    return render_template(
        "notes/my_notes.html", page=queries.notes_of(person, course=course, words=asked, after=request.args.get("after")),
        course=course, courses=queries.courses_with_notes(person), bookmarks=queries.bookmarks_of(person), address=address,
        asked=asked,
    )  # fmt: skip


@blueprint.get("/my-learning/notes.md")
@login_needed
def export_notes() -> Response:
    """The notes of a lesson, of a course or of all as one Markdown file."""
    lesson, course = (_uuid(request.args.get(name, "")) for name in ("lesson", "course"))
    found = queries.notes_to_export(signed_in(), lesson=lesson, course=course)
    answer = Response(as_markdown(found, request.host_url.rstrip("/")), mimetype="text/markdown")
    answer.headers.set("Content-Disposition", "attachment", filename="keku-notes.md")
    return answer


def _change(person: User, note_uuid: uuidlib.UUID) -> None:
    if "delete" in request.form:
        services.delete_note(person, note_uuid)
        flash(_("Deleted."), "success")
        return
    note: Note = queries.note_by_uuid(note_uuid, person)
    revision = request.form.get("revision", 0, int)
    services.keep_note(person, note.lesson, note_uuid, request.form.get("words", ""), revision=revision)
    flash(_("Kept. Only you can read it."), "success")


def _notes(lesson: Lesson, person: User | None) -> str:
    """The list beside a lesson, as a part or as a page."""
    notes = queries.notes_in_lesson(person, lesson.id) if person else []
    bookmarks = queries.bookmarks_in_lesson(person, lesson.id) if person else []
    place = _place()
    name = "_notes" if "X-Keku-Part" in request.headers else "lesson_notes"
    return render_template(
        f"notes/{name}.html", lesson=lesson, notes=notes, bookmarks=bookmarks, place=place, address=address,
        is_marked=any((b.activity_key, b.at_s) == (place.activity_key, place.at_s) for b in bookmarks),
    )  # fmt: skip


def _place() -> Place:
    second = request.values.get("at", "")
    return Place(_uuid(request.values.get("key", "")), int(second) if _SECOND.fullmatch(second) else None)


def _here(lesson_uuid: uuidlib.UUID) -> str:
    return url_for("notes.lesson_notes", lesson_uuid=lesson_uuid)


def _uuid(text: str) -> uuidlib.UUID | None:
    try:
        return uuidlib.UUID(text)
    except ValueError:
        return None
