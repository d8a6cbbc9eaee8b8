"""Reading about people leaves a trace: who read or took away what about whom, for which figure (SEC9, SEC10).

Pages and files of the Monitor that name people call `note` once, after they were drawn. Where the trace cannot be
written the answer is not given either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core.unit_of_work import announce_writes
from courseware.libraries.models import Library
from courseware.monitoring.periods import Period
from courseware.monitoring.results import IndicatorResult

READ, EXPORTED = "people.read", "people.export"
SUBJECTS = frozenset({"person", "roster", "enrolment", "pair", "watch"})


def names_people(result: IndicatorResult) -> bool:
    """Whether the rows of this figure's ledger name people."""
    return result.definition.subject in SUBJECTS


def note(
    reader: User,
    about: Any,
    list_name: str,
    rows: int,
    *,
    figure: str = "",
    is_export: bool = False,
    **details: Any,
) -> None:
    """Writes who read (or with `is_export` took away) `rows` rows of a list about a person, roster, finding or library.

    `figure` is the definition the reader answers for: the reason of the entry. Nothing is written for an empty list.
    """  # fmt: skip
    if not rows:
        return
    announce_writes()  # the page is drawn: from here on the transaction writes, and is short
    told = {"list": list_name, "rows": rows} | {name: value for name, value in details.items() if value}
    auditlog.record(EXPORTED if is_export else READ, reader, about=about, reason=figure, details=told)


def note_ledger(
    reader: User,
    library: Library,
    period: Period,
    result: IndicatorResult,
    rows: int,
    filters: Mapping[str, str],
    *,
    is_export: bool = False,
) -> None:
    """The same of the ledger of a figure, if it names people."""  # fmt: skip
    if names_people(result):
        note(
            reader, library, result.id, rows, figure=result.id, is_export=is_export,
            library=library.code, period=period.code, **_kept(filters),
        )  # fmt: skip


def _kept(filters: Mapping[str, str]) -> dict[str, Any]:
    """What narrowed the list, without the words that were searched: they may be a name (SEC10)."""
    parts = {name: value for name, value in filters.items() if name != "q"}
    return {"part": parts, "searched": "q" in filters}
