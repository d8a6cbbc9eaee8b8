"""Evidence of change (M4): what the machine measured, what it proposes, and what may count as substantive.

A measurement is plain JSON, kept with the version it measures:
`{"class", "share", "seconds", "new_chars", "longer_chars", "evidence": [{"code", …}]}`.
`share` is 0 to 1 over the longer of the two versions; None where the machine could not look into the content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.resources.reasons import sentence
from media.comparing.documents import classify_text
from media.comparing.findings import (
    IDENTICAL,
    MINOR,
    OTHER_SHARE,
    RE_ENCODED,
    SUBSTANTIVE,
    TEXT_CHARS,
    TEXT_PERCENT,
    TIMED_SECONDS,
    TIMED_SHARE,
    Finding,
)
from media.comparing.texts import TextChange

__all__ = ["IDENTICAL", "MINOR", "NEW", "RE_ENCODED", "SUBSTANTIVE", "Measurement"]

NEW = "new"
TIMED_TYPES = ("audio", "video", "animation")

SENTENCES = {
    "same_file": _l("Both files are the same, byte for byte."),
    "same_text": _l("The text reads the same: only spacing, width, punctuation or character forms differ."),
    "text_change": _l("%(new_chars)s of %(longer_chars)s characters are new (%(percent)s %%)."),
    "nothing_new": _l("Nothing new: text was only moved, repeated or deleted."),
    "text_floor": _l("The floor for text is 10 %% or 200 characters of new matter."),
    "stated": _l("Measured: %(percent)s %% of the content, %(seconds)s seconds replaced."),
    "timed_floor": _l("The floor for sound and film is 5 %% of the length or 30 seconds."),
    "other_floor": _l("The floor for this type is 10 %% of the content."),
    "repeats": _l("The content is that of version %(num)s again."),
    "duration": _l("The length went from %(old)s to %(new)s seconds."),
    "not_analysed": _l("The files differ. Picture and sound were not analysed: the reviewer has to look."),
    "comparing": _l("The files are being compared; what is found will stand here."),
    "not_readable": _l("The files could not be compared, and nothing is guessed: %(reason)s"),
    "translation": _l("The text is in another language: this looks like a new language edition, not an update."),
    "picture_turned": _l("The picture was turned."),
    "picture_mirrored": _l("The picture was mirrored."),
    "picture_cropped": _l("The picture was cropped."),
    "picture_framed": _l("Margins were added to the picture."),
    "picture_area": _l("%(percent)s %% of the picture shows something else."),
    "picture_floor": _l("The floor for pictures is 10 %% of the area."),
    "picture_marked": _l("Marks or small corrections on %(percent)s %% of the picture."),
    "picture_same": _l("The picture shows the same; at most coding, size, tone or colour changed."),
    "captions_only": _l("The recording is the same; only captions or moments changed."),
    "captions_lines": _l("Captions (%(language)s): %(new)s of %(total)s lines are new or reworded."),
    "film_mirrored": _l("The film was mirrored."),
    "film_overlaid": _l("Something small lies over the film, a logo for example."),
    "film_captioned": _l("Captions were burned into the film."),
    "film_redrawn": _l("The same slides are shown in another template or in other colours."),
    "film_card": _l("Film: %(seconds)s seconds of a card at the beginning or the end."),
    "marked_area": _l("What lies over the film covers %(percent)s %% of all its pictures."),
    "nothing_new_s": _l("Moved, repeated or left out: %(seconds)s seconds. Measured as new: none."),
    "film_new": _l("Film: %(seconds)s seconds show what stood nowhere before (%(percent)s %% of the length)."),
    "film_moved": _l("Film: parts changed places; nothing new is shown."),
    "film_cut": _l("Film: parts were cut out or repeated; nothing new is shown."),
    "film_same": _l("Film: the same pictures; at most coding, size, bars, crop, colour or tempo changed."),
    "film_gone": _l("The film was taken away; only the sound is left."),
    "film_added": _l("Film was added: %(seconds)s seconds."),
    "sound_card": _l("Sound: %(seconds)s seconds at the beginning or the end are new."),
    "sound_new": _l("Sound: %(seconds)s seconds were heard nowhere before (%(percent)s %% of the length)."),
    "sound_moved": _l("Sound: parts changed places; nothing new is heard."),
    "sound_cut": _l("Sound: parts were cut out, repeated or parted by silence; nothing new is heard."),
    "sound_same": _l("Sound: the same is heard; at most coding, level, tone, noise or tempo changed."),
    "sound_gone": _l("The sound was taken away."),
    "sound_added": _l("Sound was added: %(seconds)s seconds."),
    "words_unknown": _l("Whether the same words are said can only be told by captions of both versions."),
    "same_words": _l("By the captions the same words are spoken, perhaps by another voice: minor is proposed."),
    "slides_new": _l("%(count)s of %(total)s slides are new or replaced (%(percent)s %%)."),
    "slides_floor": _l("The floor for slides is a tenth of them and at least two, or the floor for text."),
    "pictures_new": _l("%(count)s of %(total)s pictures in the document are new."),
    "pages_new": _l("%(count)s of %(total)s pages without readable text look different (%(percent)s %%)."),
    "pages_same": _l("All pages look the same."),
    "same_cells": _l("All cells hold the same values."),
    "cells_sorted": _l("The same values stand in another order."),
    "cells_new": _l("%(count)s of %(total)s cells hold new values."),
    "scenarios_new": _l("%(count)s of %(total)s scenarios are new or replaced (%(percent)s %%)."),
    "package_rest": _l("Only settings, programs or bundled libraries differ: %(count)s files, %(name)s for example."),
    "package_same": _l("The packages hold the same; only packing, folder or minification changed."),
    "question_kind": _l("The kind of the question changed."),
    "question_key": _l("The right answer changed."),
    "question_option": _l("An option was added or replaced."),
    "question_number": _l("A number changed."),
    "question_negation": _l("A negation came or went."),
    "question_stem": _l("The question asks for something else."),
    "question_typing": _l("Only order, typing errors or layout changed."),
}

Measurement = dict[str, Any]


def measure_text(old: str, new: str) -> Measurement:
    """Compares two texts by what a reader sees; only new matter counts."""
    return measure_finding(classify_text(old, new))


def measure_finding(found: Finding) -> Measurement:
    """What a comparison found, as it is kept with the version."""
    facts = {"seconds": found.seconds, "new_chars": found.new_chars, "longer_chars": found.longer_chars}
    known = {name: value for name, value in facts.items() if value is not None}
    if "seconds" in known:
        known["seconds"] = round(known["seconds"], 1)
    return _measurement(found.verdict, found.share, evidence=found.evidence, **known)


def measure_unreadable(reason_code: str, params: Mapping[str, Any]) -> Measurement:
    """Files that could not be read: no class is guessed, the reason is kept as its code."""
    return {
        **measure_nothing(),
        "evidence": [{"code": "not_readable", "reason_code": reason_code, "params": dict(params)}],
    }


def measure_stated(resource_type: str, share: float, seconds: float = 0.0) -> Measurement:
    """A measurement made elsewhere: `share` of the content (0-1) and `seconds` that were replaced."""
    timed = resource_type in TIMED_TYPES
    evidence: list[dict[str, Any]] = [
        {"code": "stated", "percent": _percent(share), "seconds": round(seconds, 1)},
        {"code": "timed_floor" if timed else "other_floor"},
    ]
    stated = _measurement(None, share, seconds=seconds, evidence=evidence)
    stated["class"] = SUBSTANTIVE if is_above_floor(resource_type, stated) else MINOR
    return stated


def measure_nothing(old_duration: float | None = None, new_duration: float | None = None) -> Measurement:
    """Two different files the machine did not look into: no class is guessed, the reviewer has to look."""
    evidence: list[dict[str, Any]] = [{"code": "not_analysed"}]
    if old_duration and new_duration:
        evidence.append({"code": "duration", "old": round(old_duration, 1), "new": round(new_duration, 1)})
    return _measurement(None, None, evidence=evidence)


def measure_same(num: int | None = None) -> Measurement:
    """Equal content: of the file compared with, or of the earlier version `num`."""
    evidence = [{"code": "repeats", "num": num}] if num is not None else [{"code": "same_file"}]
    return _measurement(IDENTICAL, 0.0, seconds=0.0, evidence=evidence)


def measure_captions(lines: Sequence[tuple[str, int, int]]) -> Measurement:
    """The same recording with other captions: a share of 0, which can never be an update (M4).

    `lines` are (language, new or reworded lines, lines in all).
    """
    found = [
        {"code": "captions_lines", "language": name, "new": new, "total": total} for name, new, total in lines if new
    ]
    return _measurement(MINOR, 0.0, seconds=0.0, evidence=[{"code": "captions_only"}, *found])


def is_above_floor(resource_type: str, measured: Mapping[str, Any]) -> bool:
    """Whether the measured change reaches the floor of the type (inclusive): the class that was measured says it.

    What was not measured does not, nor do the same words by another voice, nor cards and marks, however long (M4).
    """
    if any(line.get("code") == "same_words" for line in measured.get("evidence", ())):
        return False
    if measured.get("class") in (IDENTICAL, RE_ENCODED, MINOR):
        return False
    if not measured.get("share") and not measured.get("seconds"):
        return False
    return measured.get("class") == SUBSTANTIVE or _reaches(resource_type, measured)


def _reaches(resource_type: str, measured: Mapping[str, Any]) -> bool:
    """For figures without a class."""
    if measured.get("new_chars") is not None and measured.get("longer_chars"):
        return TextChange(measured["new_chars"], measured["longer_chars"], 0, False).reaches(TEXT_PERCENT, TEXT_CHARS)
    is_timed = resource_type in TIMED_TYPES
    if is_timed and (measured.get("seconds") or 0.0) >= TIMED_SECONDS:
        return True
    return (measured.get("share") or 0.0) >= (TIMED_SHARE if is_timed else OTHER_SHARE)


def is_unchanged(measured: Mapping[str, Any]) -> bool:
    """Whether the machine measured a change of 0 (which no note lifts)."""
    return measured.get("share") == 0 and not measured.get("seconds")


def decide_class(
    measured: Mapping[str, Any], decided: str, note: str = "", *, resource_type: str = "text", reason: str = ""
) -> str:
    """The class a revision is published as, given what the reviewer `decided` (M4).

    Substantive needs a measured change other than 0, a reason, and the floor of the type or the reviewer's note;
    a revision that fails one condition is minor.
    """
    allowed = decided == SUBSTANTIVE and bool(reason.strip()) and not is_unchanged(measured)
    return SUBSTANTIVE if allowed and (is_above_floor(resource_type, measured) or bool(note.strip())) else MINOR


def propose_class(measured: Mapping[str, Any]) -> str:
    """What the machine proposes to the author: minor or substantive."""
    return SUBSTANTIVE if measured.get("class") == SUBSTANTIVE else MINOR


def evidence_sentences(measured: Mapping[str, Any]) -> list[str]:
    """The evidence in the language of the reader."""
    lines: Sequence[Mapping[str, Any]] = measured.get("evidence", ())
    return [_sentence(line) for line in lines if line.get("code") in SENTENCES]


def _sentence(line: Mapping[str, Any]) -> str:
    if "reason_code" in line:
        return str(SENTENCES[line["code"]]) % {"reason": sentence(line["reason_code"], line.get("params"))}
    return str(SENTENCES[line["code"]]) % {key: value for key, value in line.items() if key != "code"}


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _measurement(
    verdict: str | None, share: float | None, *, evidence: Sequence[Mapping[str, Any]], **facts: Any
) -> Measurement:
    rounded = None if share is None else round(share, 6)
    return {"class": verdict, "share": rounded, **facts, "evidence": [dict(line) for line in evidence]}
