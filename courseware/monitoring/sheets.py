"""Lists of the Monitor as files: the same rows as on the screen, as CSV or as a workbook, no cell a formula (SEC13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from courseware.bulk.export import as_csv
from courseware.classes.board_sheet import as_xlsx

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def table_file(name: str, kind: str, heads: Sequence[Any], lines: Iterable[Sequence[Any]]) -> Response:
    """A list as a file to keep, called `name` without what a file system dislikes. `kind` is csv or xlsx."""
    rows = [[_plain(cell) for cell in line] for line in lines]
    texts = [str(head) for head in heads]
    response = Response(as_csv(texts, rows) if kind == "csv" else as_xlsx(texts, rows), mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name.replace(":", "-")}.{kind}"'
    return response


def _plain(value: Any) -> Any:
    """Texts that are translated late become texts now; numbers stay numbers."""
    return value if value is None or isinstance(value, int | float) else str(value)
