"""The register of standards: which ones are known, and by what they were superseded. Taken from a list people keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.tables import Row, RowProblem, read_sheet, text_of
from courseware.monitoring import policy
from courseware.monitoring.planning.standards import Register, Standard, one_standard
from courseware.monitoring.radar.models import KnownStandard

LIMIT, TITLE_CHARS = 20_000, 200
COLUMNS = {
    "标准号": "number", "标准编号": "number", "编号": "number", "number": "number", "standard": "number", "年份": "year", "年代号": "year",
    "发布年份": "year", "year": "year", "代替标准": "superseded_by", "被代替": "superseded_by", "被替代为": "superseded_by",
    "替代标准": "superseded_by", "现行标准": "superseded_by", "superseded_by": "superseded_by", "superseded-by": "superseded_by",
    "replaced_by": "superseded_by", "名称": "title", "标准名称": "title", "title": "title", "name": "title",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list."""

    standard: Standard
    superseded_by: Standard | None
    title: str


@dataclass(slots=True)
class Read:
    """What a list says, and what is wrong with which line."""

    entries: dict[Standard, Entry] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, row: int, name: str, reason: str, sentence: Any) -> None:
        """Notes what is wrong with a line."""
        self.problems.append(RowProblem(row, name, reason, sentence))


def read_list(path: Path) -> Read:
    """The standards of a csv or xlsx: number with its year (or the year in a column of its own), superseded by, title.

    Raises TableUnreadable for what is no such list.
    """
    read = Read()
    for row in read_sheet(path, COLUMNS, LIMIT).rows:
        _take(read, row)
    _refuse_circles(read)
    return read


def import_list(actor: User, read: Read) -> int:
    """Takes a list: known standards get its words, new ones are added, none is forgotten. Returns how many changed.

    A list with a faulty line is not taken at all. Raises NotAllowed.
    """
    if not policy.can_open_monitor(actor):
        raise NotAllowed()
    if read.problems:
        return 0
    known = {(row.name, row.year): row for row in session().scalars(select(KnownStandard))}
    changed = sum(_keep(actor, entry, known) for entry in read.entries.values())
    session().flush()
    if changed:
        auditlog.record("standards.import", actor, details={"lines": len(read.entries), "changed": changed})
    return changed


def forget(actor: User, standard_id: int) -> None:
    """Takes a standard off the register. Raises NotAllowed, NotFound."""
    if not policy.can_open_monitor(actor):
        raise NotAllowed()
    row = session().get(KnownStandard, standard_id)
    if row is None:
        raise NotFound()
    auditlog.record("standards.forget", actor, details={"number": row.number, "superseded_by": row.superseded_by})
    session().delete(row)


def listed(search: str = "") -> list[KnownStandard]:
    """The register by number; of those that hold `search` where it says something."""
    query = select(KnownStandard).order_by(KnownStandard.name, KnownStandard.year)
    if search:
        words = KnownStandard.name + "-" + func.coalesce(KnownStandard.title, "") + KnownStandard.superseded_by
        query = query.where(words.icontains(search, autoescape=True))
    return list(session().scalars(query))


def size() -> int:
    """How many standards the register knows."""
    return session().scalar(select(func.count()).select_from(KnownStandard)) or 0


def register() -> Register:
    """What the register says, for comparing: the years it knows of each number, and successors."""
    rows = session().execute(select(KnownStandard.name, KnownStandard.year, KnownStandard.superseded_by)).all()
    known = [Standard(name, year) for name, year, _next in rows]
    heirs: Mapping[Standard, Standard | None] = {
        Standard(name, year): one_standard(following) for name, year, following in rows if following
    }
    return Register(known, {old: new for old, new in heirs.items() if new is not None})


def _take(read: Read, row: Row) -> None:
    if row.problem:
        read.refuse(row.number, "", "broken_line", row.problem)
        return
    number, year, heir = (text_of(row.values, name) for name in ("number", "year", "superseded_by"))
    standard = one_standard(number) or one_standard(f"{number}-{year.removesuffix('.0')}")
    successor = one_standard(heir)
    if standard is None:
        read.refuse(row.number, "number", "no_standard", _l("“%(text)s” is no standard with its year. Write GB/T 11291.1-2011.", text=f"{number} {year}".strip()))  # fmt: skip
    elif heir and successor is None:
        read.refuse(row.number, "superseded_by", "no_standard", _l("“%(text)s” is no standard with its year. Write GB/T 11291.1-2011.", text=heir))  # fmt: skip
    elif standard in read.entries:
        read.refuse(row.number, "number", "twice", _l("%(number)s stands in the list twice.", number=standard))
    else:
        read.entries[standard] = Entry(standard, successor, text_of(row.values, "title")[:TITLE_CHARS])


def _refuse_circles(read: Read) -> None:
    heirs = {one.standard: one.superseded_by for one in read.entries.values() if one.superseded_by is not None}
    for start in heirs:
        seen, here = {start}, heirs.get(start)
        while here is not None and here not in seen:
            seen.add(here)
            here = heirs.get(here)
        if here == start:
            read.refuse(0, "superseded_by", "circle", _l("%(number)s would supersede itself, by way of others.", number=start))  # fmt: skip


def _keep(actor: User, entry: Entry, known: Mapping[tuple[str, int], KnownStandard]) -> bool:
    """Whether the line said something new."""
    row = known.get((entry.standard.name, entry.standard.year))
    heir = str(entry.superseded_by or "")
    if row is not None and (row.superseded_by, row.title) == (heir, entry.title or row.title):
        return False
    if row is None:
        row = KnownStandard(name=entry.standard.name, year=entry.standard.year)
        session().add(row)
    row.superseded_by, row.title = heir, entry.title or row.title or ""
    row.taken_at, row.taken_by_id = clock.now(), actor.id
    return True
