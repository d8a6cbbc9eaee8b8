"""WebVTT beside a recording."""

from collections.abc import Iterable

from .script import Cue


def stamp(seconds: float) -> str:
    """A WebVTT time."""
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02d}:{whole // 60000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def to_vtt(cues: Iterable[Cue], language: str) -> str:
    """The captions in one language, empty when there are none."""
    rows = [(cue.start_s, cue.end_s, cue.zh if language == "zh" else cue.en) for cue in cues]
    told = [f"{n}\n{stamp(a)} --> {stamp(b)}\n{words}\n" for n, (a, b, words) in enumerate(rows, 1) if words]
    return "\n".join(["WEBVTT\n", *told]) if told else ""


def caption_files(cues: Iterable[Cue]) -> dict[str, str]:
    """WebVTT by language code."""
    kept = list(cues)
    made = {"zh": to_vtt(kept, "zh"), "en": to_vtt(kept, "en")}
    return {language: text for language, text in made.items() if text}
