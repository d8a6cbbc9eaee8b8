"""Notes as Markdown: one file that opens in any editor, with links back to the second."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from flask_babel import gettext as _

from courseware.notes.models import Note
from courseware.web.i18n import local_text, show_datetime, show_duration


def as_markdown(notes: Iterable[Note], site: str) -> str:
    """The notes in the order given, under their courses and lessons; `site` begins each link, without a slash at its end."""
    parts = [f"# {_('My notes')}"]
    for course, in_course in groupby(notes, key=lambda note: note.course):
        parts.append(f"## {_line(local_text(course, 'name'))}")
        for lesson, in_lesson in groupby(in_course, key=lambda note: note.lesson):
            parts.append(f"### {_line(local_text(lesson, 'title'))}")
            parts += [_note(note, site) for note in in_lesson]
    return "\n\n".join(parts) + "\n"


def address(note: Note) -> str:
    """Where the note belongs, to the second."""
    query = [f"at={note.activity_key}" if note.activity_key else "", f"t={note.at_s}" if note.at_s is not None else ""]
    asked = "&".join(part for part in query if part)
    return f"/learn/{note.lesson.uuid}" + (f"?{asked}" if asked else "")


def _note(note: Note, site: str) -> str:
    """The words as they were written: whoever writes Markdown gets it back as such."""
    where = show_duration(note.at_s) if note.at_s is not None else _("To the lesson")
    return f"**[{where}]({site}{address(note)})** · {show_datetime(note.edited_at)}\n\n{note.body}"


def _line(title: str) -> str:
    return " ".join(title.split())
