"""Two files of a library: the verdict, by the way of comparing that fits what they are."""

from __future__ import annotations

from pathlib import Path

from media.comparing.contents import look_at_pages, read_contents
from media.comparing.documents import Transcripts, classify_document, classify_slides, classify_tables, classify_text
from media.comparing.films import match_films
from media.comparing.findings import IDENTICAL, MINOR, RANK, RE_ENCODED, SUBSTANTIVE, Finding, heaviest
from media.comparing.packages import classify_packages
from media.comparing.pictures import compare_pictures, load_picture
from media.comparing.recordings import Recording, read_recording
from media.comparing.sounds import match_sounds
from media.comparing.texts import normalise_text
from media.comparing.tracks import TEMPO, judge
from media.ffmpeg import CancelCheck
from media.gate import inspect_media
from media.sniff import FileKind

TIMED = ("video", "audio")
TEXTS = ("text", "captions")
DOCUMENTS = ("pdf", "document", "presentation", *TEXTS)
WORDS_KEPT = 0.05
OTHER_TEMPO = 0.004


def classify_files(
    old: Path,
    old_kind: FileKind,
    new: Path,
    new_kind: FileKind,
    resource_type: str = "",
    *,
    spoken: Transcripts | None = None,
    cancelled: CancelCheck | None = None,
) -> Finding | None:
    """How `new` differs from `old`; None where the kinds cannot be compared (a film and a text).

    Both passed the gate. Raises MediaError where one cannot be read: then nothing is guessed.
    """
    kinds = {old_kind.kind, new_kind.kind}
    if kinds <= set(TIMED):
        return _recordings(old, new, spoken or Transcripts(), cancelled)
    if kinds == {"image"}:
        return compare_pictures(load_picture(old), load_picture(new))
    if kinds == {"archive"}:
        return classify_packages(old, new)
    if kinds == {"sheet"}:
        return classify_tables(read_contents(old, old_kind.extension), read_contents(new, new_kind.extension))
    return _documents(old, old_kind, new, new_kind, resource_type) if kinds <= set(DOCUMENTS) else None


def _documents(old: Path, old_kind: FileKind, new: Path, new_kind: FileKind, resource_type: str) -> Finding | None:
    before, after = read_contents(old, old_kind.extension), read_contents(new, new_kind.extension)
    if {old_kind.kind, new_kind.kind} <= set(TEXTS):
        return _plain_texts(before.text, after.text, old_kind, new_kind)
    both_pdf = old_kind.kind == new_kind.kind == "pdf"
    look = (lambda pairs: look_at_pages(old, new, pairs)) if both_pdf else None
    if not both_pdf and not (before.text.strip() and after.text.strip()):
        return None
    is_deck = resource_type == "presentation" or "presentation" in (old_kind.kind, new_kind.kind)
    return (classify_slides if is_deck else classify_document)(before, after, look)


def _plain_texts(old: str, new: str, old_kind: FileKind, new_kind: FileKind) -> Finding:
    found = classify_text(old, new)
    if found.verdict != IDENTICAL:
        return found
    if old_kind != new_kind:
        return Finding(RE_ENCODED, 0.0, new_chars=0, longer_chars=found.longer_chars, evidence=found.evidence)
    return found if normalise_text(old) == normalise_text(new) else found.at_least(MINOR)


# --- recordings


def _recordings(old: Path, new: Path, spoken: Transcripts, cancelled: CancelCheck | None) -> Finding | None:
    info = inspect_media(new)
    before = read_recording(old, inspect_media(old), cancelled=cancelled)
    after = read_recording(new, info, cancelled=cancelled)
    film = _film(before, after)
    if film is not None and film.verdict != RE_ENCODED and (pace := _tempo(before, after)):
        paced = read_recording(new, info, pace=pace, cancelled=cancelled)
        film = min(film, _film(before, paced, is_paced=True) or film, key=lambda f: (RANK[f.verdict], f.share))
    found = [f for f in (film, _sound(before, after, spoken)) if f is not None]
    return heaviest(found) if found else None


def _tempo(before: Recording, after: Recording) -> float:
    """How much faster the new film may run, where its length leaves that open; 0 where it does not.

    Of moving pictures the frames between two old ones are no old frames: they have to be taken at the old moments.
    """
    if before.film is None or after.film is None or not after.film.length_s:
        return 0.0
    pace = before.film.length_s / after.film.length_s
    return pace if OTHER_TEMPO < abs(pace - 1) <= TEMPO else 0.0


def _film(before: Recording, after: Recording, *, is_paced: bool = False) -> Finding | None:
    if after.film is None:
        return None if before.film is None else Finding(MINOR, 0.0, 0.0, evidence=({"code": "film_gone"},))
    if before.film is None:
        seconds = after.film.length_s
        return Finding(SUBSTANTIVE, 1.0, seconds, evidence=({"code": "film_added", "seconds": round(seconds, 1)},))
    return judge("film", match_films(before.film, after.film, is_paced=is_paced))


def _sound(before: Recording, after: Recording, spoken: Transcripts) -> Finding | None:
    if after.sound is None or after.sound.is_silent.all():
        had = before.sound is not None and not before.sound.is_silent.all()
        return Finding(MINOR, 0.0, 0.0, evidence=({"code": "sound_gone"},)) if had else None
    if before.sound is None or before.sound.is_silent.all():
        seconds = after.sound.length_s
        return Finding(SUBSTANTIVE, 1.0, seconds, evidence=({"code": "sound_added", "seconds": round(seconds, 1)},))
    return _with_words(judge("sound", match_sounds(before.sound, after.sound)), spoken)


def _with_words(found: Finding, spoken: Transcripts) -> Finding:
    """The same words by another voice are minor: captions tell. Without them the sound is measured as it is heard (M4)."""
    if found.verdict != SUBSTANTIVE:
        return found
    if not spoken.are_known:
        return found.with_evidence({"code": "words_unknown"})
    words = classify_text(spoken.old, spoken.new)
    if words.share >= WORDS_KEPT:
        return found
    return Finding(MINOR, found.share, found.seconds, evidence=(*found.evidence, {"code": "same_words"}))
