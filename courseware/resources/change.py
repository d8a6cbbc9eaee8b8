"""Evidence of change (M4): what the machine measured, what it proposes, and what may count as substantive.

A measurement is plain JSON, kept with the version it measures:
`{"class", "share", "seconds", "new_chars", "longer_chars", "evidence": [{"code", …}]}`.
`share` is 0 to 1 over the longer of the two versions; None where the machine could not look into the content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from media.comparing.texts import TextChange, compare_texts

IDENTICAL, RE_ENCODED, MINOR, SUBSTANTIVE, NEW = "identical", "re-encoded", "minor", "substantive", "new"
TEXT_PERCENT, TEXT_CHARS = 10, 200
TIMED_TYPES = ("audio", "video", "animation")
TIMED_SHARE, TIMED_SECONDS = 0.05, 30.0
OTHER_SHARE = 0.10

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
    "text_of_files": _l("Compared by the text in the files; pictures and layout were not compared."),
    "duration": _l("The length went from %(old)s to %(new)s seconds."),
    "not_analysed": _l("The files differ. Picture and sound were not analysed: the reviewer has to look."),
}

Measurement = dict[str, Any]


def measure_text(old: str, new: str) -> Measurement:
    """Compares two texts by what a reader sees; only new matter counts."""
    change = compare_texts(old, new)
    if change.reads_alike:
        return _measurement(
            IDENTICAL, 0.0, evidence=[{"code": "same_text"}], new_chars=0, longer_chars=change.longer_chars
        )
    verdict = SUBSTANTIVE if change.reaches(TEXT_PERCENT, TEXT_CHARS) else MINOR
    return _measurement(
        verdict,
        change.share,
        evidence=_text_evidence(change),
        new_chars=change.new_chars,
        longer_chars=change.longer_chars,
    )


def measure_stated(resource_type: str, share: float, seconds: float = 0.0) -> Measurement:
    """A measurement made elsewhere: `share` of the content (0-1) and `seconds` that were replaced."""
    timed = resource_type in TIMED_TYPES
    evidence: list[dict[str, Any]] = [
        {"code": "stated", "percent": _percent(share), "seconds": round(seconds, 1)},
        {"code": "timed_floor" if timed else "other_floor"},
    ]
    stated = _measurement(MINOR, share, seconds=seconds, evidence=evidence)
    stated["class"] = SUBSTANTIVE if is_above_floor(resource_type, stated) else MINOR
    return stated


def measure_nothing(old_duration: float | None = None, new_duration: float | None = None) -> Measurement:
    """Two different files the machine did not look into: minor is proposed, the reviewer has to look."""
    evidence: list[dict[str, Any]] = [{"code": "not_analysed"}]
    if old_duration and new_duration:
        evidence.append({"code": "duration", "old": round(old_duration, 1), "new": round(new_duration, 1)})
    return _measurement(MINOR, None, evidence=evidence)


def measure_same(num: int | None = None) -> Measurement:
    """Equal content: of the file compared with, or of the earlier version `num`."""
    evidence = [{"code": "repeats", "num": num}] if num is not None else [{"code": "same_file"}]
    return _measurement(IDENTICAL, 0.0, seconds=0.0, evidence=evidence)


def is_above_floor(resource_type: str, measured: Mapping[str, Any]) -> bool:
    """Whether the measured change reaches the floor of the type (inclusive); what was not measured does not."""
    if measured.get("new_chars") is not None and measured.get("longer_chars"):
        return TextChange(measured["new_chars"], measured["longer_chars"], 0, False).reaches(TEXT_PERCENT, TEXT_CHARS)
    share, seconds = measured.get("share"), measured.get("seconds") or 0.0
    if resource_type in TIMED_TYPES and seconds >= TIMED_SECONDS:
        return True
    return share is not None and share > 0 and share >= (TIMED_SHARE if resource_type in TIMED_TYPES else OTHER_SHARE)


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
    return str(SENTENCES[line["code"]]) % {key: value for key, value in line.items() if key != "code"}


def _text_evidence(change: TextChange) -> list[dict[str, Any]]:
    if change.new_chars == 0:
        return [{"code": "nothing_new"}]
    counted = {"new_chars": change.new_chars, "longer_chars": change.longer_chars, "percent": _percent(change.share)}
    return [{"code": "text_change", **counted}, {"code": "text_floor"}]


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _measurement(
    verdict: str, share: float | None, *, evidence: Sequence[Mapping[str, Any]], **facts: Any
) -> Measurement:
    rounded = None if share is None else round(share, 6)
    return {"class": verdict, "share": rounded, **facts, "evidence": [dict(line) for line in evidence]}
