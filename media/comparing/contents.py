"""What a reader sees of a document, read in a process of its own under limits."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media.apart import read_apart
from media.comparing.aligning import Array

_WORKER = "media.comparing.content_worker"
_MEMORY = 2 << 30
TIMEOUT_S = 90.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page or slide, or the whole of a text without pages."""

    text: str
    pictures: tuple[Array, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """Pages in order; of tables the values of cells instead."""

    pages: tuple[Page, ...]
    cells: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All text."""
        return "\n".join(page.text for page in self.pages)

    @property
    def pictures(self) -> list[Array]:
        """All pictures."""
        return [picture for page in self.pages for picture in page.pictures]


def read_contents(path: Path, extension: str) -> Contents:
    """Raises DocumentError: document_unreadable, document_encrypted, document_timeout, document_too_long."""
    answer = _ask("read", str(path.resolve()), extension)
    pictures = [_picture(p) for p in answer["pictures"]]
    pages = tuple(Page(p["text"], tuple(pictures[i] for i in p["pictures"])) for p in answer["pages"])
    return Contents(pages, tuple(answer["cells"]))


def look_at_pages(old: Path, new: Path, pairs: Sequence[tuple[int, int]]) -> list[tuple[float, float, float]]:
    """Draws pages of two PDFs; for each pair (old page, new page, from 0) the share of the page that looks different: to
    a sharp eye, and by more than a scan of the same page does; and the share on which the new page shows anything.

    Raises DocumentError.
    """
    if not pairs:
        return []
    named = ",".join(f"{i}:{j}" for i, j in pairs)
    shares = _ask("look", str(old.resolve()), str(new.resolve()), named)["shares"]
    return [(fine, coarse, drawn) for fine, coarse, drawn in shares]


def _picture(plain: dict[str, Any]) -> Array:
    pixels = np.frombuffer(base64.b64decode(plain["rgb"]), dtype=np.uint8)
    return pixels.reshape(plain["height"], plain["width"], 3).astype(np.float32)


def _ask(*arguments: str) -> dict[str, Any]:
    return read_apart(_WORKER, *arguments, memory_bytes=_MEMORY, timeout_s=TIMEOUT_S)
