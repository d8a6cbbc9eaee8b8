"""Run as a script under limits: apart_worker.py PACKAGE_PARENT MODULE ARGUMENTS… prints what MODULE.answer gives, as JSON."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from typing import Any

TOLD = frozenset("archive_bomb archive_unsafe document_too_long document_encrypted".split())


def answer_of(module: str, arguments: list[str]) -> dict[str, Any]:
    """The answer, or the code of what went wrong: parsers raise anything at all on damaged input."""
    try:
        found: dict[str, Any] = importlib.import_module(module).answer(*arguments)
        return found
    except PermissionError:
        return {"error": "document_encrypted"}
    except Exception as problem:
        code = getattr(problem, "code", "")
        return {"error": code, "params": problem.params} if code in TOLD else {"error": "document_unreadable"}  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    logging.disable(logging.CRITICAL)  # pypdf comments every oddity
    print(json.dumps(answer_of(sys.argv[2], sys.argv[3:])))
