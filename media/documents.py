"""Plain text and page counts of documents, within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media.sniff import FileKind


@dataclass(frozen=True, slots=True)
class DocumentText:
    """`pages` counts pages, slides or sheets (None where the format has none); `truncated` when bounds cut the text."""

    text: str
    pages: int | None
    title: str = ""
    truncated: bool = False


def extract_text(path: Path, kind: FileKind, max_chars: int = 500_000, timeout_s: float = 20) -> DocumentText:
    """Text of a document of a kind found by `sniff`. Raises DocumentError."""
    raise NotImplementedError
