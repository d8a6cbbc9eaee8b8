"""What notes refuse, each with a sentence for the person who tried."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid


class EmptyNote(Invalid):
    """A note without words."""

    code = "empty_note"
    message = _l("Write a few words first.")


class NoteTooLong(Invalid):
    """A note longer than the field."""

    code = "note_too_long"
    message = _l("A note has at most %(limit)d characters; this has %(found)d. It is still in the field.")


class TooManyNotes(Invalid):
    """A bound that only a program reaches."""

    code = "too_many_notes"
    message = _l("There are %(limit)d notes already. Export them and delete some first.")


class ChangedElsewhere(Conflict):
    """The same note was changed on another device."""

    code = "note_changed_elsewhere"
    message = _l("This note was changed on another device. Both stay: yours is kept as a note of its own.")
