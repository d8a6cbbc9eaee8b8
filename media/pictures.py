"""Posters, timeline thumbnails and small images."""

from __future__ import annotations

from pathlib import Path

from media.gate import MediaInfo


def make_poster(source: Path, info: MediaInfo, target: Path) -> Path:
    """A JPEG frame from 10 % into the video, at most 1280 wide."""
    raise NotImplementedError


def make_sprite(source: Path, info: MediaInfo, out: Path) -> tuple[Path, Path]:
    """Timeline thumbnails: one JPEG (`thumbs.jpg`) and the WebVTT index (`thumbs.vtt`) that names its regions."""
    raise NotImplementedError


def make_thumbnail(source: Path, target: Path, side: int = 640) -> tuple[int, int]:
    """A WebP or JPEG (by the ending of `target`) of at most `side` pixels, without metadata; returns its size."""
    raise NotImplementedError


def make_pdf_thumbnail(source: Path, target: Path, side: int = 640) -> tuple[int, int] | None:
    """The first page as a picture, or None where this machine has no renderer."""
    raise NotImplementedError
