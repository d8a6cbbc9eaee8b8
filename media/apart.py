"""Foreign documents are read in a process of their own: bounds of memory and time, no environment, nothing written.

Parsers of foreign documents can be made to run for ever or to eat all memory, so the work happens where it may be killed.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from media import sandbox
from media.errors import DocumentError

_WORKER = Path(__file__).with_name("apart_worker.py")
_PACKAGE_PARENT = _WORKER.parent.parent
_OUT_OF_TIME = (-signal.SIGXCPU, 128 + signal.SIGXCPU)


def read_apart(module: str, *arguments: str, memory_bytes: int, timeout_s: float) -> dict[str, Any]:
    """What `answer(*arguments)` of `module` gives, a dictionary of plain JSON values.

    Raises DocumentError: document_unreadable (also where a bound of memory ended it), document_encrypted,
    document_timeout after `timeout_s` seconds, document_too_long, archive_bomb, archive_unsafe.
    """
    command = [sys.executable, "-I", str(_WORKER), str(_PACKAGE_PARENT), module, *arguments]
    limits = sandbox.Limits(memory_bytes=memory_bytes, cpu_s=int(timeout_s) + 1, file_bytes=0)
    with tempfile.TemporaryDirectory(prefix="document-") as empty:
        output, status = _finished(sandbox.start_limited(command, Path(empty), limits), timeout_s)
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:  # killed by a limit
        raise DocumentError("document_timeout" if status in _OUT_OF_TIME else "document_unreadable") from None
    if "error" in answer:
        raise DocumentError(answer["error"], **answer.get("params", {}))
    return answer


def _finished(process: subprocess.Popen[bytes], timeout_s: float) -> tuple[bytes, int]:
    """Its output and status; whatever happens, it does not outlive the call."""
    try:
        output, _ = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise DocumentError("document_timeout") from None
    finally:
        sandbox.stop(process, patience_s=0.5)
        process.communicate()
    return output, process.returncode
