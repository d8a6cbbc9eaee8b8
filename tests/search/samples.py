"""Documents and labelled queries of the small vocational set kept beside these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from search.documents import SearchDocument

_DATA = Path(__file__).parent / "data"


def read_lines(name: str) -> list[dict[str, Any]]:
    """The rows of a jsonl file of the set."""
    return [json.loads(line) for line in (_DATA / name).read_text(encoding="utf-8").splitlines()]


def read_documents() -> list[SearchDocument]:
    """124 points and 93 resources that teach them."""
    return [SearchDocument(**{k: _frozen(v) for k, v in row.items()}) for row in read_lines("documents.jsonl")]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def make_document(number: int = 1, **fields: Any) -> SearchDocument:
    """A public resource with defaults."""
    values: dict[str, Any] = {"kind": "resource", "id": f"resource:{number}", "title": f"数控车床对刀 {number}"}
    return SearchDocument(**(values | fields))
