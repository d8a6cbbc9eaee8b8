"""Plain text and page counts of documents, for search and for judging change; within bounds of time and size.

Parsers of foreign documents can be made to run for ever, so the work happens in a process that may be killed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media import sandbox
from media.errors import DocumentError
from media.sniff import FileKind

_PACKAGE_PARENT = Path(__file__).resolve().parent.parent
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
    answer = _read_apart(path, kind.extension, max_chars, timeout_s)
    if "error" in answer:
        raise DocumentError(answer["error"])
    return DocumentText(answer["text"], answer["pages"], answer["title"], answer["truncated"])


def _read_apart(path: Path, extension: str, max_chars: int, timeout_s: float) -> dict[str, Any]:
    worker = [sys.executable, "-I", str(Path(__file__).with_name("document_worker.py")), str(_PACKAGE_PARENT)]
    command = [*worker, str(path.resolve()), extension, str(max_chars)]
    limits = sandbox.Limits(memory_bytes=_MEMORY, cpu_s=int(timeout_s) + 1, file_bytes=0)
    with tempfile.TemporaryDirectory(prefix="document-") as empty:
        process = sandbox.start_limited(command, Path(empty), limits)
        try:
            output, _ = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise DocumentError("document_timeout") from None
        finally:
            sandbox.stop(process, patience_s=0.5)
            process.communicate()
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:  # killed by a limit
        raise DocumentError("document_unreadable") from None
    return answer
