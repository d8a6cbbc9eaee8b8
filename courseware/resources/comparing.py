"""Two files side by side, without the database: what `flask change classify` says, and what a job measures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from courseware.resources import change
from courseware.resources.assets import check_file, hash_file, refusal
from media.captions import parse_captions
from media.comparing.classify import classify_files
from media.comparing.documents import Transcripts
from media.comparing.findings import Finding
from media.comparing.questions import Question, classify_question, question_of
from media.errors import Cancelled, CaptionError, DocumentError, MediaError
from media.sniff import FileKind, sniff
from media.text import decode_text

QUESTION = "question"
QUESTION_BYTES = 1 << 20


def compare_files(old: Path, new: Path, resource_type: str | None = None) -> change.Measurement:
    """The measurement of `new` against `old`; captions beside recordings (same name, .vtt or .srt) tell the words.

    Two JSON files are two versions of one question.

    Raises FileRefused for files that no upload would accept, or that cannot be read: nothing is guessed.
    """
    if old.stat().st_size == new.stat().st_size and hash_file(old) == hash_file(new):
        return change.measure_same()
    if resource_type == QUESTION or {old.suffix.lower(), new.suffix.lower()} == {".json"}:
        return _compare_questions(old, new)
    spoken = Transcripts(_words_beside(old), _words_beside(new))
    try:
        before, after = (check_file(path, path.name).kind for path in (old, new))
        found = classify_files(old, before, new, after, resource_type or "", spoken=spoken)
    except MediaError as problem:
        raise refusal(problem) from problem
    return _measured(found)


def _compare_questions(old: Path, new: Path) -> change.Measurement:
    try:
        before, after = _question(old), _question(new)
    except MediaError as problem:
        raise refusal(problem) from problem
    return change.measure_finding(classify_question(before, after))


def _question(path: Path) -> Question:
    """Raises DocumentError("question_unreadable")."""
    try:
        with path.open("rb") as stream:
            plain: Any = json.loads(decode_text(stream.read(QUESTION_BYTES))[0])
        found = question_of(plain[0] if isinstance(plain, list) and len(plain) == 1 else plain)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise DocumentError("question_unreadable") from None
    if not found.stem.strip():
        raise DocumentError("question_unreadable")
    return found


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
