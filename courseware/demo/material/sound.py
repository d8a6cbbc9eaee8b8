"""The sound file of a script: spoken where speech is at hand, otherwise a bed that costs nothing to repeat."""

import os
from pathlib import Path

from .audio import bed, recording, tell, write_wav
from .encode import encode_audio
from .script import Script
from .speech import speaker

BED_S = 24.0
SHORT_S = 5.0
"""Recordings shorter than this (they are made by tests) are not spoken."""


def spoken(script: Script) -> list[tuple[float, float, str]]:
    """What is said and when."""
    return [(cue.start_s, cue.end_s, cue.zh) for cue in script.cues]


def video_sound(script: Script, course: str, told: bool, out_dir: Path) -> Path:
    """A WAV of the words, or the bed of the course when nothing is told or there is no time to speak."""
    if (told or speaker()) and script.duration_s > SHORT_S:
        return write_wav(out_dir / f".{os.getpid()}.wav", tell(course, spoken(script), script.duration_s))
    kept = out_dir / f".bed-{course or 'RP'}.aac"
    if not kept.exists():
        wav = write_wav(out_dir / f".{os.getpid()}.wav", bed(course, BED_S))
        made = encode_audio(wav, out_dir / f".bed-{os.getpid()}.aac", BED_S)
        wav.unlink()
        made.replace(kept)
    return kept


def make_recording(script: Script, course: str, out: Path) -> Path:
    """An audio resource as m4a."""
    words = spoken(script) if script.duration_s > SHORT_S else []
    wav = write_wav(out.with_suffix(".wav"), recording(script.title, course, words, script.duration_s))
    encode_audio(wav, out, script.duration_s, script.title)
    wav.unlink()
    return out
