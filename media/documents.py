"""Plain text and page counts of documents, for search and for judging change; within bounds of time and size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media.apart import read_apart
from media.sniff import FileKind

_READABLE = frozenset("pdf pptx docx xlsx odt odp ods html md txt csv vtt srt".split())
_MEMORY = 1536 << 20


@dataclass(frozen=True, slots=True)
class DocumentText:
    """`pages` counts pages, slides or sheets (None where the format has none).

    `truncated` is set when the bounds cut the text.
    """

    text: str
    pages: int | None
    title: str = ""
    truncated: bool = False


def extract_text(path: Path, kind: FileKind, max_chars: int = 500_000, timeout_s: float = 20) -> DocumentText:
    """Text of a document of a kind found by `sniff`; empty text for kinds that hold none we can read.

    Raises DocumentError: document_unreadable, document_encrypted, document_timeout; and archive_bomb.
    """
    if kind.extension not in _READABLE:
        return DocumentText("", None)
    asked = (str(path.resolve()), kind.extension, str(max_chars))
    answer = read_apart("media.document_worker", *asked, memory_bytes=_MEMORY, timeout_s=timeout_s)
    return DocumentText(answer["text"], answer["pages"], answer["title"], answer["truncated"])
