"""Two files side by side, without the database: what `flask change classify` says."""

from __future__ import annotations

from pathlib import Path

from courseware.resources import change
from courseware.resources.assets import check_file, hash_file, refusal
from courseware.resources.content import normalise_text
from media.documents import extract_text
from media.errors import DocumentError, MediaError
from media.sniff import FileKind

WITH_TEXT = ("text", "captions", "pdf", "presentation", "document", "sheet")


def compare_files(old: Path, new: Path, resource_type: str | None = None) -> change.Measurement:
    """The measurement of `new` against `old`. Raises FileRefused for files that no upload would accept."""
    if old.stat().st_size == new.stat().st_size and hash_file(old) == hash_file(new):
        return change.measure_same()
    try:
        before, after = check_file(old, old.name), check_file(new, new.name)
    except MediaError as problem:
        raise refusal(problem) from problem
    if resource_type in (None, "text", "presentation", "other") and {before.kind.kind, after.kind.kind} <= set(
        WITH_TEXT
    ):
        return _compare_text(old, before.kind, new, after.kind)
    return change.measure_nothing(*(f.info.duration_s if f.info else None for f in (before, after)))


def _compare_text(old: Path, old_kind: FileKind, new: Path, new_kind: FileKind) -> change.Measurement:
    try:
        before, after = extract_text(old, old_kind).text, extract_text(new, new_kind).text
    except DocumentError as problem:
        raise refusal(problem) from problem
    if not before.strip() or not after.strip():
        return change.measure_nothing()
    measured = change.measure_text(before, after)
    is_plain = old_kind.kind == new_kind.kind == "text"
    if measured["class"] == change.IDENTICAL:
        measured["class"] = _class_of_same_text(before, after, old_kind, new_kind)
    if not is_plain:
        measured["evidence"].append({"code": "text_of_files"})
    return measured


def _class_of_same_text(before: str, after: str, old_kind: FileKind, new_kind: FileKind) -> str:
    """Other bytes, and a reader sees the same: another encoding or file form, or only typed differently."""
    if old_kind != new_kind or old_kind.kind != "text":
        return change.RE_ENCODED
    return change.IDENTICAL if normalise_text(before) == normalise_text(after) else change.MINOR
