"""What the rules of resources refuse, each with a sentence for the person who tried."""

from __future__ import annotations

import uuid as uuidlib

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError, Invalid


class DuplicateContent(Conflict):
    """The content stands in another resource of the library, live or withdrawn (R23).

    Which one is told (`existing_uuid`, title) to people who may see it.

    The refusal is already in the ledger of this transaction. A caller that rolls back calls
    `services.note_refusal(error)` afterwards, so that the refusal stays counted.
    """

    code = "duplicate_content"
    message = _l(
        "This content is already in the library: “%(title)s”. Use that resource, or restore it if it was withdrawn."
    )

    unseen = _l("This content is already in the library, in a resource that you may not see. Ask a librarian.")

    def __init__(self, title: str, existing_uuid: uuidlib.UUID, note: dict[str, object], *, is_visible: bool) -> None:
        super().__init__(**({"title": title} if is_visible else {}))
        self.existing_uuid = existing_uuid if is_visible else None
        self.note = note
        if not is_visible:
            self.message = self.unseen


class SameContent(Conflict):
    """The very content that is published now (or in this draft); it can never count as an update.

    Ledger and rollback as in DuplicateContent.
    """

    code = "same_content"
    message = _l("This is the content that is published now, unchanged. Nothing was saved.")

    def __init__(self, note: dict[str, object]) -> None:
        super().__init__()
        self.note = note


class EditConflict(Conflict):
    """Somebody saved the same draft first (two editors)."""

    code = "edit_conflict"
    message = _l(
        "Somebody saved this draft while you were editing. Nothing was overwritten: copy your text, reload, and enter it again."
    )


class CaptionsChanged(Conflict):
    """Somebody saved the same captions meanwhile: `name` and `num`, the state that is kept now."""

    code = "captions_changed"
    message = _l("%(name)s saved these captions at %(at)s. Nothing was overwritten, and what you typed is still here.")


class NoCaptionEngine(Conflict):
    """No engine writes captions here."""

    code = "no_caption_engine"
    message = _l("Captions by machine are not set up here: %(reason)s")


class RevisionOpen(Conflict):
    """A revision is already under way."""

    code = "revision_open"
    message = _l("A revision by %(author)s is already under way (version %(num)s). Finish it first.")


class NoDraft(Conflict):
    """There is nothing to edit: start a revision."""

    code = "no_draft"
    message = _l("The published version cannot be edited. Start a revision first.")


class InReview(Conflict):
    """What is being reviewed does not change under the reviewer's eyes."""

    code = "in_review"
    message = _l("This version is being reviewed and cannot be changed now.")


class Withdrawn(Conflict):
    """The resource is withdrawn; it can only be restored."""

    code = "withdrawn"
    message = _l("This resource is withdrawn. Restore it first.")


class NotLive(Conflict):
    """Only what is published can be withdrawn."""

    code = "not_live"
    message = _l("This resource is not published.")


class AlreadyLive(Conflict):
    """Only what was withdrawn can be restored."""

    code = "already_live"
    message = _l("This resource is published; there is nothing to restore.")


class WrongState(Conflict):
    """The version is not in a state that allows this step."""

    code = "wrong_state"
    message = _l("This version is in another state meanwhile. Reload the page.")


class BadRanges(Invalid):
    """Time ranges that do not fit the recording; `problems["ranges"]` names each one."""

    code = "bad_ranges"
    message = _l("Some time ranges do not fit the recording.")


class FileRefused(DomainError):
    """The gate refuses a file. `code` is the reason's code, `message` its sentence."""

    status = 422

    def __init__(self, code: str, sentence: object, **params: object) -> None:
        self.code = code
        self.message = sentence
        super().__init__(**params)


class TooLarge(FileRefused):
    """The file is larger than this installation accepts."""

    status = 413


class UploadClosed(Conflict):
    """The upload was finished, refused or given up."""

    code = "upload_closed"
    message = _l("This upload is closed. Start it again.")


class PartRefused(DomainError):
    """A part that does not belong to the upload as it was announced."""

    status = 422
    code = "part_refused"
    message = _l("Part %(num)s does not fit this upload. Send it again.")
