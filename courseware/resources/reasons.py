"""Why a file was refused or could not be processed, in the reader's language.

`media` names a code and its parameters; the sentences here are their translations. A code without a sentence here
falls back to the English default of `media`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from media.captions import Problem
from media.errors import SENTENCES as ENGLISH
from media.errors import MediaError

SENTENCES: dict[str, Any] = {
    "store_unreachable": _l("The file store does not answer. Try again in a moment."),
    "store_credentials": _l(
        "The file store refuses Keku's access key. Nothing is lost; an administrator has to look at it, then try again."
    ),
    "store_clock_skew": _l(
        "The clocks of this server and of the file store differ too much. Nothing is lost; an administrator has to look at it, then try again."
    ),
    "store_settings": _l(
        "The settings of the file store are incomplete. Nothing is lost; an administrator has to look at it, then try again."
    ),
    "store_moved": _l(
        "The files were moved to another store that this server does not know yet. Nothing is lost; an administrator has to look at it, then try again."
    ),
    "bucket_missing": _l(
        "The file store has no place for files (bucket %(bucket)s). Nothing is lost; an administrator has to look at it, then try again."
    ),
    "parts_lost": _l("Parts of the file got lost in the store. Upload it again."),
    "disk_full": _l("There is not enough free disk space to keep the file."),
    "empty_file": _l("The file is empty (0 bytes). Choose it again; it may not have been saved completely."),
    "executable": _l("Programs are not accepted."),
    "svg_refused": _l("SVG pictures can carry programs and are not accepted. Save the picture as PNG."),
    "playlist_refused": _l("The file is a list pointing at other files, not a recording."),
    "no_start_page": _l("The package has no index.html at its top, so it cannot be started here."),
    "package_too_large": _l("The package holds more, or larger, files than are unpacked here."),
    "unknown_type": _l("The kind of this file is not known here."),
    "type_mismatch": _l("The file is named %(extension)s but is in truth %(actual)s. Rename it, or export it again."),
    "not_a_media_file": _l("The file is not a video or audio recording."),
    "cannot_open": _l("The recording cannot be opened; it may be damaged or cut off. Export it again."),
    "probe_timeout": _l("Looking into the file took too long."),
    "too_many_pixels": _l("The picture measures %(width)s×%(height)s, more than is accepted."),
    "too_long": _l(
        "The recording lasts %(duration_s)s seconds; at most %(limit_s)s are accepted. Split it by knowledge point."
    ),
    "too_many_tracks": _l("The recording has %(tracks)s tracks; at most %(limit)s are accepted."),
    "no_tracks": _l("The file holds neither sound nor moving pictures."),
    "archive_bomb": _l("The archive grows too large when unpacked."),
    "archive_unsafe": _l("The archive holds files that would land outside of its folder."),
    "damaged_archive": _l("The archive is damaged."),
    "archive_locked": _l("The archive is protected by a password. Pack it without one."),
    "damaged_image": _l("The picture is damaged."),
    "damaged_media": _l(
        "Only %(actual_s)s of %(declared_s)s seconds can be played: the file is damaged or cut off. Upload it again."
    ),
    "processing_failed": _l("The file could not be processed."),
    "processing_timeout": _l("Processing took longer than %(limit_s)s seconds and was stopped."),
    "processing_memory": _l(
        "Processing needed more than %(limit_mb)s MB of memory and was stopped, so that the site stays quick for others. Make the picture smaller, 1920 × 1080 at most, and send the file again."
    ),
    "no_ffmpeg": _l("No ffmpeg was found on this machine."),
    "cancelled": _l("The work was cancelled."),
    "worker_lost": _l("The background work ended several times while it did this. Tell the administrator."),
    "unexpected": _l("Something went wrong that nobody foresaw. Try again; if it fails again, tell the administrator."),
    "object_not_found": _l("The file is no longer in the store. Upload it again."),
    "caption_syntax": _l("Line %(line)s: %(reason)s."),
    "caption_empty": _l("The file holds no captions."),
    "caption_too_large": _l("The caption file is too large."),
    "text_encoding": _l("The encoding of the text is not known. Save it as UTF-8."),
    "caption_engine_off": _l("no engine is chosen. Your operator can name one."),
    "caption_engine_package": _l("the package %(package)s is not installed."),
    "caption_engine_model": _l("the folder %(folder)s holds no model."),
    "caption_engine_files": _l("the model in the folder %(folder)s lacks %(files)s."),
    "document_unreadable": _l("The document cannot be read; it may be damaged."),
    "document_encrypted": _l("The document is locked by a password. Remove the password and upload it again."),
    "document_too_long": _l("The document has %(pages)s pages; at most %(limit)s are compared. Split it."),
    "question_unreadable": _l("The file holds no question: one JSON object with stem, options and answer."),
    "document_timeout": _l("Reading the document took too long."),
    # uploads
    "too_large": _l("The file has %(size)s; at most %(limit)s are accepted."),
    "wrong_size": _l("%(declared)s bytes were announced but %(actual)s bytes arrived. Upload the file again."),
    "wrong_hash": _l("The file changed on the way (its checksum differs). Upload it again."),
    "bad_name": _l("The file has no usable name."),
}


CAPTIONS: dict[str, Any] = {
    "times_unreadable": _l("the times cannot be read; write 00:01:02.500"),
    "ends_first": _l("it ends before it begins"),
    "negative": _l("it begins before the recording does"),
    "no_times": _l("this text has no times"),
    "unordered": _l("it begins before the one above it"),
    "overlap": _l("it begins while the one before is still shown"),
    "no_text": _l("it has no text"),
    "after_end": _l("it lies after the end of the recording"),
}
LINE = _l("Line %(line)s: %(reason)s (%(text)s)")
LINE_ONLY = _l("Line %(line)s: %(reason)s")


def sentence_of_caption(problem: Problem) -> str:
    """What is wrong with a caption, and in which line."""
    words = {"line": problem.line, "reason": str(CAPTIONS[problem.code]), "text": problem.text}
    return str(LINE if problem.text else LINE_ONLY) % words


def sentence_of(problem: MediaError) -> str:
    """The reason in the language of the reader."""
    return sentence(problem.code, problem.params)


def reason_of(row: Any) -> str:
    """Why the work on a file or a job failed, in the language of the reader; empty where it did not."""
    return (
        sentence(row.reason_code, row.reason_params) if row.reason_code in SENTENCES else row.reason or row.reason_code
    )


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence for `code`; parameters that are missing leave the sentence without its gaps filled."""
    text = str(SENTENCES[code]) if code in SENTENCES else ENGLISH.get(code, ENGLISH["processing_failed"])
    try:
        return text % dict(params or {}) if code in SENTENCES else text.format(**(params or {}))
    except (KeyError, IndexError, ValueError):
        return str(SENTENCES["processing_failed"])
