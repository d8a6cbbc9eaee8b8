"""Captions written by a machine: an interface, and the one engine we know, faster-whisper with a model in a folder.

Nothing is downloaded: the operator puts the model there. Off unless a setting names an engine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from media.captions.cues import Cue
from media.errors import MediaError


class EngineMissing(MediaError):
    """The engine cannot work here: nobody chose one, or its package, model or a file of it is missing.

    Codes caption_engine_off, _package, _model, _files.
    """

    default_code = "caption_engine_off"


class CaptionEngine(Protocol):
    """Listens to a recording and writes down what is said."""

    name: str

    def check(self) -> None:
        """Raises EngineMissing where something it needs is not there. Quick: nothing is loaded."""

    def write(self, sound: Path, language: str, progress: Callable[[float], None]) -> list[Cue]:
        """Cues of a recording of 16 kHz mono sound; `progress` is told the seconds done. Raises Cancelled from it."""


# What belongs to a model beside model.bin, each under one of its names. Without tokenizer.json the package would fetch
# one from the internet.
BESIDE = (("config.json",), ("tokenizer.json",), ("vocabulary.json", "vocabulary.txt"))


class FasterWhisper:
    """faster-whisper on the processor, with the model in `folder`."""

    name = "faster-whisper"

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder) if folder else None

    def check(self) -> None:
        """Raises EngineMissing where the package or the model is not there."""
        from importlib.util import find_spec

        if find_spec("faster_whisper") is None:
            raise EngineMissing("caption_engine_package", package="faster-whisper")
        if self.folder is None or not (self.folder / "model.bin").is_file():
            raise EngineMissing("caption_engine_model", folder=str(self.folder or ""))
        if lacking := [names[0] for names in BESIDE if not any((self.folder / name).is_file() for name in names)]:
            raise EngineMissing("caption_engine_files", folder=str(self.folder), files=", ".join(lacking))

    def write(self, sound: Path, language: str, progress: Callable[[float], None]) -> list[Cue]:
        """What is said, by the model; silences are skipped."""
        self.check()
        import importlib

        whisper: Any = importlib.import_module("faster_whisper")
        model = whisper.WhisperModel(str(self.folder), device="cpu", compute_type="int8", local_files_only=True)
        segments, _info = model.transcribe(str(sound), language=language[:2], vad_filter=True)
        cues = []
        for segment in segments:
            progress(float(segment.end))
            cues.append(Cue(round(float(segment.start), 3), round(float(segment.end), 3), str(segment.text).strip()))
        return [cue for cue in cues if cue.text and cue.end_s > cue.start_s]


ENGINES: dict[str, Callable[[str], CaptionEngine]] = {"faster-whisper": FasterWhisper}


def make_engine(name: str, folder: str) -> CaptionEngine:
    """The engine a setting names, with its model folder; checked. Raises EngineMissing."""
    if name not in ENGINES:
        raise EngineMissing()
    engine = ENGINES[name](folder)
    engine.check()
    return engine
