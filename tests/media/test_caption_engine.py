"""The optional engine for captions: what is missing is said in words, and it is called as faster-whisper 1.2 wants it.

No model is at hand here: a module with the signatures of faster-whisper 1.2.1 stands for it.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from media.captions import Cue
from media.captions.engines import EngineMissing, make_engine
from media.errors import Cancelled

calls: dict[str, Any] = {}


class WhisperModel:
    """As in faster-whisper 1.2.1, as far as we use it: an argument it does not know is an error."""

    def __init__(
        self, model_size_or_path: str, device: str = "auto", device_index: int = 0, compute_type: str = "default",
        cpu_threads: int = 0, num_workers: int = 1, download_root: str | None = None, local_files_only: bool = False,
    ) -> None:  # fmt: skip
        calls["model"] = (model_size_or_path, device, compute_type, local_files_only)

    def transcribe(
        self, audio: str, language: str | None = None, task: str = "transcribe", beam_size: int = 5, vad_filter: bool = False
    ) -> tuple[Iterator[SimpleNamespace], SimpleNamespace]:  # fmt: skip
        calls["heard"] = (audio, language, task, vad_filter)
        said = [(0.0, 1.5, " 先松开急停。"), (1.5, 1.5, "nothing"), (2.0, 4.25, "  "), (4.0, 6.123456, "再上电。")]
        return (SimpleNamespace(start=a, end=b, text=text) for a, b, text in said), SimpleNamespace(language="zh")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("faster_whisper")
    module.__spec__ = importlib.machinery.ModuleSpec("faster_whisper", None)
    module.WhisperModel = WhisperModel
    monkeypatch.setitem(sys.modules, "faster_whisper", module)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes(b"not a model")
    return tmp_path


def test_each_thing_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, folder: Path, installed: None, tmp_path: Path
) -> None:
    for name, model, code, word in (
        ("", "", "caption_engine_off", "No engine"),
        ("nobody", str(folder), "caption_engine_off", "No engine"),
        ("faster-whisper", "", "caption_engine_model", "no model"),
        ("faster-whisper", "/nowhere", "caption_engine_model", "/nowhere"),
    ):
        with pytest.raises(EngineMissing) as missing:
            make_engine(name, model)
        assert missing.value.code == code
        assert word in str(missing.value)
    monkeypatch.delitem(sys.modules, "faster_whisper")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EngineMissing) as missing:
        make_engine("faster-whisper", str(folder))
    assert missing.value.code == "caption_engine_package"
    assert "faster-whisper" in str(missing.value)


def test_a_model_whose_files_would_be_fetched_from_the_internet_is_not_complete(installed: None, folder: Path) -> None:
    make_engine("faster-whisper", str(folder))
    (folder / "vocabulary.txt").rename(folder / "vocabulary.json")
    make_engine("faster-whisper", str(folder))
    (folder / "tokenizer.json").unlink()
    with pytest.raises(EngineMissing) as missing:
        make_engine("faster-whisper", str(folder))
    assert (missing.value.code, missing.value.params["files"]) == ("caption_engine_files", "tokenizer.json")


def test_it_is_called_as_it_wants_and_what_it_says_becomes_cues(installed: None, folder: Path) -> None:
    told: list[float] = []
    cues = make_engine("faster-whisper", str(folder)).write(Path("/x/sound.wav"), "zh-CN", told.append)
    assert cues == [Cue(0.0, 1.5, "先松开急停。"), Cue(4.0, 6.123, "再上电。")]
    assert calls == {
        "model": (str(folder), "cpu", "int8", True), "heard": ("/x/sound.wav", "zh", "transcribe", True)
    }  # fmt: skip
    assert told == [1.5, 1.5, 4.25, 6.123456]


def test_it_stops_when_it_is_told_to(installed: None, folder: Path) -> None:
    def stop(_seconds: float) -> None:
        raise Cancelled()

    with pytest.raises(Cancelled):
        make_engine("faster-whisper", str(folder)).write(Path("/x/sound.wav"), "zh", stop)
