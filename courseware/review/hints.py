"""What the machine noticed about a version. Hints support a reviewer and never decide (R38); the words are local."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from courseware.resources.models import Asset, ResourceVersion
from courseware.resources.reasons import reason_of
from courseware.review.models import DIMENSIONS
from courseware.review.rules import Rules

WORDS_FILE = Path(__file__).parent / "data" / "sensitive_words.tsv"
AROUND, PLACES_MOST, TEXT_CHARS = 14, 3, 200_000
LOW_SIDE, QUIET_DB, STILL_PERCENT = 480, -50.0, 90
NEED_EVIDENCE = ("adapted", "third_party")
_MAP = re.compile(
    r"地图|版图|疆域|国界|行政区划|区位图|分布图|全国.{0,8}布局图|\bmaps?\b|\batlas\b|国境线|九段线", re.IGNORECASE
)
_PERSONAL = {
    "id_card": re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"),
    "phone": re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing noticed: the dimension it belongs to, a sentence, places in the text. `is_serious` is shown first."""

    code: str
    dimension: str
    text: str
    places: Sequence[str] = ()
    is_serious: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word to look at, and why, in both languages."""

    text: str
    dimension: str
    why: str = ""
    why_en: str = ""


@cache
def built_in() -> tuple[Word, ...]:
    """The words that come with Keku."""
    lines = (line for line in WORDS_FILE.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return tuple(Word(*line.split("\t")) for line in lines)


def words_of(rules: Rules) -> list[Word]:
    """The words of a library: built-in ones that are not switched off, then its own."""
    muted = set(rules.muted)
    own = [Word(text, DIMENSIONS[0]) for text in rules.words]
    return [word for word in built_in() if word.text not in muted] + own


def hints_of(version: ResourceVersion, rules: Rules, text: str, *, is_english: bool = False) -> list[Hint]:
    """Everything noticed about `version`, whose words are `text`; serious things first.

    Looks at texts and at facts kept with the file; it opens no file and sends no query.
    """
    resource = version.resource
    named = "\n".join((resource.title, resource.description, " ".join(resource.keywords), version.reason))
    filename = version.asset.filename if version.asset is not None else ""
    whole = f"{named}\n{text}"[:TEXT_CHARS]
    found = [
        *_words(whole, rules, is_english), *_personal(whole), *_maps(f"{filename}\n{named}", whole), *_rights(version),
        *(_media(version.asset) if version.asset is not None else ()),
    ]  # fmt: skip
    return sorted(found, key=lambda hint: not hint.is_serious)


def by_dimension(hints: Sequence[Hint], keys: Sequence[str]) -> dict[str, list[Hint]]:
    """Hints under the dimension they belong to; those of a dimension the library does not ask for stand under norms."""
    grouped: dict[str, list[Hint]] = {key: [] for key in keys}
    for hint in hints:
        grouped[hint.dimension if hint.dimension in grouped else "norms"].append(hint)
    return grouped


def _words(text: str, rules: Rules, is_english: bool) -> Iterator[Hint]:
    folded = text.casefold()
    for word in words_of(rules):
        at = [m.start() for m in re.finditer(re.escape(word.text.casefold()), folded)] if word.text else []
        if not at:
            continue
        why = (word.why_en if is_english else word.why) or _("on the list of this library")
        yield Hint("word", word.dimension, _("“%(word)s”: %(why)s", word=word.text, why=why), _places(text, at))


def _places(text: str, at: Sequence[int]) -> list[str]:
    cut = [" ".join(text[max(0, i - AROUND) : i + AROUND * 2].split()) for i in at[:PLACES_MOST]]
    return [f"…{piece}…" for piece in cut]


def _personal(text: str) -> Iterator[Hint]:
    for code, pattern in _PERSONAL.items():
        count = len(pattern.findall(text))
        if count:
            sentence = (
                ngettext("%(num)s number that looks like an identity card", "%(num)s numbers that look like identity cards", count)
                if code == "id_card"
                else ngettext("%(num)s number that looks like a mobile phone", "%(num)s numbers that look like mobile phones", count)
            )  # fmt: skip
            yield Hint(code, "norms", sentence, is_serious=code == "id_card")


def _maps(named: str, whole: str) -> Iterator[Hint]:
    match = _MAP.search(named) or _MAP.search(whole)
    if match is not None:
        sentence = _("May show a map: the word “%(word)s” stands there. Pictures themselves were not looked into.", word=match.group(0))  # fmt: skip
        yield Hint("map", "political", sentence)


def _rights(version: ResourceVersion) -> Iterator[Hint]:
    evidence = version.has_evidence or bool(version.evidence_note.strip())
    if version.originality in NEED_EVIDENCE and not evidence:
        yield Hint("rights", "norms", _("Made from the work of others, and no evidence of rights is named."), is_serious=True)  # fmt: skip
    elif version.originality == "original" and not evidence:
        yield Hint("evidence", "norms", _("Named as original without evidence; it will not count as original."))
    if not version.licence:
        yield Hint("licence", "norms", _("No licence is named."), is_serious=True)


def _media(asset: Asset) -> Iterator[Hint]:
    if asset.state == "failed":
        yield Hint("broken", "norms", _("The file could not be prepared for playing: %(reason)s", reason=reason_of(asset) or "—"), is_serious=True)  # fmt: skip
    elif asset.state != "ready":
        yield Hint("waiting", "norms", _("The file is still being prepared; some of these hints may follow."))
    if asset.width and asset.height and asset.kind in ("video", "image") and min(asset.width, asset.height) < LOW_SIDE:
        size = f"{asset.width}×{asset.height}"
        yield Hint("small", "norms", _("Low resolution: %(size)s; from 480 lines on it is readable.", size=size))
    if asset.kind in ("video", "audio"):
        yield from _recording(asset.facts, is_video=asset.kind == "video")


def _recording(facts: dict[str, Any], *, is_video: bool) -> Iterator[Hint]:
    peak, still = facts.get("peak_db"), facts.get("still_percent")
    if facts.get("has_sound") is False:
        yield Hint("silent", "norms", _("There is no sound track."))
    elif peak is not None and peak < QUIET_DB:
        sentence = _("The sound cannot be heard: its loudest moment is %(peak)s dB.", peak=peak)
        yield Hint("silent", "norms", sentence, is_serious=not is_video)
    if is_video and still is not None and still >= STILL_PERCENT:
        yield Hint("slideshow", "applicability", _("Hardly anything moves (%(percent)s %% still): it may be slides and no video.", percent=still))  # fmt: skip
