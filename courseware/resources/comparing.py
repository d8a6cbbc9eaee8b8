"""Two files side by side, without the database: what `flask change classify` says, and what a job measures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from courseware.resources import change
from courseware.resources.assets import check_file, hash_file, refusal
from media.captions import parse_captions
from media.comparing.classify import classify_files
from media.comparing.documents import Transcripts
from media.comparing.findings import Finding
from media.errors import Cancelled, CaptionError, MediaError
from media.sniff import FileKind, sniff


def compare_files(old: Path, new: Path, resource_type: str | None = None) -> change.Measurement:
    """The measurement of `new` against `old`; captions beside recordings (same name, .vtt or .srt) tell the words.

    Raises FileRefused for files that no upload would accept, or that cannot be read: nothing is guessed.
    """
    if old.stat().st_size == new.stat().st_size and hash_file(old) == hash_file(new):
        return change.measure_same()
    spoken = Transcripts(_words_beside(old), _words_beside(new))
    try:
        before, after = (check_file(path, path.name).kind for path in (old, new))
        found = classify_files(old, before, new, after, resource_type or "", spoken=spoken)
    except MediaError as problem:
        raise refusal(problem) from problem
    return _measured(found)


def compare_stored(
    old: tuple[Path, str], new: tuple[Path, str], resource_type: str, spoken: Transcripts, cancelled: Callable[[], bool]
) -> change.Measurement:
    """The same for files that passed the gate, each with its name. What cannot be read is noted, not guessed."""
    try:
        before, after = _kind(*old), _kind(*new)
        found = classify_files(old[0], before, new[0], after, resource_type, spoken=spoken, cancelled=cancelled)
    except Cancelled:
        raise
    except MediaError as problem:
        plain = {k: v for k, v in problem.params.items() if isinstance(v, str | int | float)}
        return change.measure_unreadable(problem.code, plain)
    return _measured(found)


def _measured(found: Finding | None) -> change.Measurement:
    return change.measure_nothing() if found is None else change.measure_finding(found)


def _kind(path: Path, name: str) -> FileKind:
    return sniff(path, name)


def _words_beside(path: Path) -> str:
    beside = next((p for p in (path.with_suffix(".vtt"), path.with_suffix(".srt")) if p.is_file() and p != path), None)
    try:
        return "\n".join(cue.text for cue in parse_captions(beside.read_bytes())) if beside else ""
    except CaptionError:
        return ""
