"""One's own notes for one's own programs; nobody reads anybody else's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from courseware.catalog import queries as catalog
from courseware.notes import queries, services
from courseware.notes.markdown import address
from courseware.notes.models import Note
from courseware.notes.services import Place
from courseware.web.access import login_needed
from courseware.web.api import LARGEST_PAGE, PAGE, ApiBlueprint, Arguments, instant, needs_person, next_address, paged

blueprint = ApiBlueprint("api_notes", __name__, description="One's own notes: private, each with a name of its own")
LAST_SECOND = 999_999


class NoteArgs(Arguments):
    """What the list is narrowed to, and from where it goes on."""

    q = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"description": "Every word stands in the note"}
    )
    course = fields.UUID(load_default=None)
    lesson = fields.UUID(load_default=None)
    limit = fields.Integer(
        load_default=PAGE, validate=validate.Range(1, LARGEST_PAGE, error=_l("Write a number from {min} to {max}."))
    )
    after = fields.String(
        load_default=None, metadata={"description": "`next` of the page before holds the whole address"}
    )


class NoteOut(Schema):
    """A note."""

    id = fields.UUID(required=True)
    course = fields.UUID(required=True)
    lesson = fields.UUID(required=True)
    activity = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The thing of the lesson it is about"}
    )
    at_s = fields.Integer(required=True, allow_none=True, metadata={"description": "Whole second of the recording"})
    words = fields.String(required=True)
    revision = fields.Integer(required=True, metadata={"description": "Send it back with a change"})
    edited_at = instant(required=True)
    url = fields.String(required=True)


class NoteIn(Arguments):
    """A note as it shall stand."""

    lesson = fields.UUID(required=True)
    activity = fields.UUID(load_default=None, allow_none=True)
    at_s = fields.Integer(
        load_default=None, allow_none=True,
        validate=validate.Range(0, LAST_SECOND, error=_l("Write a number from {min} to {max}.")),
    )  # fmt: skip
    words = fields.String(required=True)
    revision = fields.Integer(load_default=0, metadata={"description": "The state that was changed; 0 for a new note"})


@blueprint.route("/notes")
@login_needed
@blueprint.arguments(NoteArgs, location="query")
@blueprint.response(200, paged(NoteOut, "NoteList"))
def list_notes(asked: dict[str, Any]) -> Mapping[str, Any]:
    """One's notes, the newest first."""
    words = asked.pop("q")
    page = queries.notes_of(needs_person("read"), words=words, **asked)
    return {"items": [_note(note) for note in page.items], "next": next_address(page.next)}


@blueprint.route("/notes/<uuid:note_uuid>")
@login_needed
@blueprint.response(200, NoteOut)
def get_note(note_uuid: uuid.UUID) -> dict[str, Any]:
    """One of one's notes."""
    return _note(queries.note_by_uuid(note_uuid, needs_person("read")))


@blueprint.route("/notes/<uuid:note_uuid>", methods=["PUT"])
@login_needed
@blueprint.arguments(NoteIn)
@blueprint.response(200, NoteOut)
def put_note(asked: dict[str, Any], note_uuid: uuid.UUID) -> dict[str, Any]:
    """Makes the note of this name, or changes it: sent twice it is one note. Where another device was faster it is refused."""
    person = needs_person("write")
    lesson = catalog.lesson_by_uuid(asked["lesson"], person)
    place = Place(asked["activity"], asked["at_s"])
    return _note(services.keep_note(person, lesson, note_uuid, asked["words"], place, revision=asked["revision"]))


@blueprint.route("/notes/<uuid:note_uuid>", methods=["DELETE"])
@login_needed
@blueprint.response(204)
def remove_note(note_uuid: uuid.UUID) -> Response:
    """Deletes one's note for good; no error where there is none."""
    services.delete_note(needs_person("write"), note_uuid)
    return Response(status=204)


def _note(note: Note) -> dict[str, Any]:
    return {
        "id": note.uuid, "course": note.course.uuid, "lesson": note.lesson.uuid, "activity": note.activity_key, "at_s": note.at_s,
        "words": note.body, "revision": note.revision, "edited_at": note.edited_at, "url": address(note),
    }  # fmt: skip
