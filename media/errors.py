"""What can go wrong with a file or a store, each with a stable code.

The web layer translates by `code` and fills in `params`; the English sentence here is the default,
for logs, commands and codes nobody has translated yet.
"""

from __future__ import annotations

from typing import Any

SENTENCES: dict[str, str] = {
    # stores
    "store_unreachable": "The file store does not answer. Try again in a moment.",
    "store_credentials": "The file store refuses the configured access key or secret.",
    "store_clock_skew": "The clock of this machine differs too much from the clock of the file store.",
    "store_settings": "The file store settings are incomplete: {reason}.",
    "bucket_missing": "The bucket {bucket} does not exist in the file store.",
    "store_region": "The bucket lies in another region than the settings say.",
    "store_virtual_host": "This service wants the bucket in the host name.",
    "store_moved": "The library was moved to {place}; the settings name another place.",
    "copy_differs": "The copy of {key} differs from the original three times in a row; look at disk and network.",
    "parts_lost": "Parts of the file got lost in the store. Upload it again.",
    "disk_full": "There is not enough free disk space to keep the file.",
    "object_not_found": "The file {key} is not in the store.",
    "invalid_key": "{key} is not a usable name in the store.",
    "size_mismatch": "{declared} bytes were announced but {actual} bytes arrived.",
    "range_not_satisfiable": "The file has {size} bytes; reading from byte {start} is not possible.",
    "upload_not_found": "This upload is unknown; it may have been finished or given up already.",
    "part_mismatch": "Part {num} of the upload is missing or was changed on the way. Send it again.",
    "part_too_small": "Part {num} of the upload is smaller than the store accepts.",
    "part_number": "Part numbers go from 1 to 10000; {num} is none of them.",
    "no_parts": "The upload has no parts yet.",
    # files
    "empty_file": "The file is empty.",
    "executable": "Programs are not accepted.",
    "svg_refused": "SVG pictures can carry programs and are not accepted. Save the picture as PNG.",
    "playlist_refused": "The file is a list pointing at other files, not a recording.",
    "unknown_type": "The kind of this file is not known here.",
    "type_mismatch": "The file is named {extension} but is in truth {actual}.",
    "not_a_media_file": "The file is not a video or audio recording.",
    "cannot_open": "The recording cannot be opened; it may be damaged or cut off.",
    "probe_timeout": "Looking into the file took too long.",
    "too_many_pixels": "The picture measures {width}×{height}, more than is accepted.",
    "too_long": "The recording lasts {duration_s} seconds; at most {limit_s} are accepted.",
    "too_many_tracks": "The recording has {tracks} tracks; at most {limit} are accepted.",
    "no_tracks": "The file holds neither sound nor moving pictures.",
    "archive_bomb": "The archive grows too large when unpacked.",
    "archive_unsafe": "The archive holds files that would land outside of its folder.",
    "damaged_archive": "The archive is damaged.",
    "archive_locked": "The archive is protected by a password. Pack it without one.",
    "no_start_page": "The package has no index.html at its top, so it cannot be started here.",
    "package_too_large": "The package is larger than is unpacked here ({limit}).",
    "damaged_image": "The picture is damaged.",
    "damaged_media": "Only {actual_s} of {declared_s} seconds can be played: the file is damaged or cut off.",
    # work
    "processing_failed": "The file could not be processed.",
    "processing_timeout": "Processing took longer than {limit_s} seconds and was stopped.",
    "processing_memory": "Processing needed more than {limit_mb} MB of memory and was stopped.",
    "no_ffmpeg": "No ffmpeg was found on this machine.",
    "cancelled": "The work was cancelled.",
    # captions and documents
    "caption_syntax": "Line {line}: {reason}.",
    "caption_empty": "The file holds no captions.",
    "caption_too_large": "The caption file is too large.",
    "text_encoding": "The encoding of the text is not known.",
    "caption_engine_off": "No engine for captions is set up.",
    "caption_engine_package": "The package {package} is not installed.",
    "caption_engine_model": "The folder {folder} holds no model of the caption engine.",
    "caption_engine_files": "The model of the caption engine in {folder} lacks {files}.",
    "document_unreadable": "The document cannot be read; it may be damaged.",
    "document_encrypted": "The document is locked by a password.",
    "document_too_long": "The document has {pages} pages; at most {limit} are compared.",
    "question_unreadable": "The file holds no question: one JSON object with stem, options and answer.",
    "document_timeout": "Reading the document took too long.",
}


class MediaError(Exception):
    """Base of all errors raised here: a stable `code`, and `params` for the translated sentence."""

    default_code = "processing_failed"

    @property
    def is_passing(self) -> bool:
        """Whether the same call may well work in a while though nobody mends anything."""
        return False

    def __init__(self, code: str | None = None, /, **params: Any) -> None:
        self.code = code or self.default_code
        self.params = params
        super().__init__(_sentence(self.code, params))

    def __reduce__(self) -> tuple[Any, ...]:
        # Job engines carry errors between processes; the default pickling would lose code and params.
        return _rebuild, (type(self), self.code, self.params)


def _sentence(code: str, params: dict[str, Any]) -> str:
    try:
        return SENTENCES[code].format(**params)
    except KeyError:
        return f"{code} {params}" if params else code


def _rebuild(cls: type[MediaError], code: str, params: dict[str, Any]) -> MediaError:
    error = cls.__new__(cls)
    MediaError.__init__(error, code, **params)
    return error


class StoreUnavailable(MediaError):
    """The store cannot be used now; the same call may work later or after the settings are mended."""

    default_code = "store_unreachable"

    @property
    def is_passing(self) -> bool:
        """A store that does not answer may answer soon; settings and credentials need a person."""
        return self.code == "store_unreachable"


class ObjectNotFound(MediaError):
    """No object has this key."""

    default_code = "object_not_found"


class InvalidKey(MediaError):
    """The key could leave the store's folder or collide with another."""

    default_code = "invalid_key"


class RangeNotSatisfiable(MediaError):
    """The first byte asked for lies behind the end (HTTP 416)."""

    default_code = "range_not_satisfiable"


class UploadInvalid(MediaError):
    """A multipart upload cannot go on or be completed as asked; the code says why."""

    default_code = "upload_not_found"


class UnsafeFile(MediaError):
    """The file is refused before anything is done with it."""

    default_code = "unknown_type"


class DamagedMedia(MediaError):
    """The output is shorter or longer than the source declares, beyond tolerance (seconds)."""

    default_code = "damaged_media"

    def __init__(self, declared_s: float, actual_s: float) -> None:
        super().__init__(self.default_code, declared_s=round(declared_s, 1), actual_s=round(actual_s, 1))
        self.declared_s, self.actual_s = declared_s, actual_s

    def __reduce__(self) -> tuple[Any, ...]:
        return DamagedMedia, (self.declared_s, self.actual_s)


class ProcessingFailed(MediaError):
    """A tool failed. `detail` in params is the tool's last output: for logs, never for readers."""

    default_code = "processing_failed"


class Cancelled(MediaError):
    """Someone asked for the work to stop, and it stopped."""

    default_code = "cancelled"


class CaptionError(MediaError):
    """A caption file cannot be understood; params carry `line` (from 1) and `reason`."""

    default_code = "caption_syntax"


class DocumentError(MediaError):
    """A document cannot be read, or not within the bounds."""

    default_code = "document_unreadable"
