"""Everything the database keeps about one person, table by table (R48, R65).

Complete by construction: every table with a column that makes a row somebody's own (`OWN`) is exported, so a new table
is in the copy from its first day. What one decided about others in office is theirs; it shows in the security log.
Secrets are left out; a number of another row becomes its title; other people are not named.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Select, Table, func, select

from courseware.accounts.models import User
from courseware.auditlog.models import AuditEntry
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import Model, session
from courseware.progress.models import LearningEvent
from courseware.progress.statements import table_of

OWN = (
    "user_id",
    "author_id",
    "owner_id",
    "reporter_id",
    "submitted_by_id",
    "reviewer_id",
    "assignee_id",
    "uploaded_by_id",
)
SECRET = (
    "password_hash",
    "token_hash",
    "session_epoch",
    "store_key",
    "store_upload_id",
    "request_id",
    "details",
    "join_code",
)
LEFT_OUT = frozenset({"due_day"})  # the worker's list of days to count: says nothing that the days themselves do not
TITLES = ("title", "name", "course_name", "key")
AT_A_TIME = 1_000
Row = dict[str, Any]


@dataclass(frozen=True)
class OwnTable:
    """A table and the column by which a row of it is a person's own."""

    table: Table
    column: Column[Any]

    @property
    def name(self) -> str:
        """As the file is named."""
        return self.table.name

    @cached_property
    def columns(self) -> list[Column[Any]]:
        """What is exported: no secrets, no inner numbers, nobody else."""
        users = table_of(User)
        return [
            column
            for column in self.table.columns
            if column.name not in SECRET
            and column is not self.column
            and not (column.name == "id" and "uuid" in self.table.columns)
            and not any(key.column.table is users for key in column.foreign_keys)
        ]

    def count(self, user_id: int) -> int:
        """How many rows are the person's."""
        query = select(func.count()).select_from(self.table).where(self.column == user_id)
        return session().scalar(query) or 0

    def rows(self, user_id: int) -> Iterator[Row]:
        """The person's rows as plain values, some at a time, with titles in the place of numbers."""
        for chunk in _chunks(self._query(user_id)):
            titles = self._titles(chunk)
            yield from (self._plain(row, titles) for row in chunk)

    def _query(self, user_id: int) -> Select[Any]:
        query = select(*self.columns).where(self.column == user_id)
        return query.order_by(*self.table.primary_key.columns).execution_options(yield_per=AT_A_TIME)

    def _titles(self, chunk: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, str]]:
        """What stands behind the numbers of other rows, by column."""
        found = {}
        for column in self.columns:
            target = next((key.column for key in column.foreign_keys), None)
            if target is not None:
                found[column.name] = _titles_of(target, {row[column.name] for row in chunk} - {None})
        return found

    def _plain(self, row: Mapping[str, Any], titles: Mapping[str, Mapping[int, str]]) -> Row:
        plain: Row = {}
        for column in self.columns:
            value = row[column.name]
            if column.name in titles and value is not None:
                plain[column.name.removesuffix("_id")] = titles[column.name].get(value, "")
            elif not column.foreign_keys or value is None:
                plain[column.name.removesuffix("_id") if column.foreign_keys else column.name] = as_plain(value)
        return plain


def own_tables() -> list[OwnTable]:
    """Every table with rows of persons, the account itself first, by name."""
    users, log = table_of(User), table_of(AuditEntry)
    found = [OwnTable(users, users.c.id)]
    for table in sorted(Model.metadata.tables.values(), key=lambda table: table.name):
        column = _own_column(table)
        if column is not None and table.name not in LEFT_OUT:
            found.append(OwnTable(table, column))
    return [*found, OwnTable(log, log.c.actor_id)]


def is_large(user: User, limit: int) -> bool:
    """Whether the person's events are more than `limit`: what makes a copy large."""
    events = table_of(LearningEvent)
    some = select(events.c.id).where(events.c.user_id == user.id).limit(limit + 1).subquery()
    return (session().scalar(select(func.count()).select_from(some)) or 0) > limit


def as_plain(value: Any) -> Any:
    """As JSON has it; moments in Asia/Shanghai."""
    if isinstance(value, dt.datetime):
        return value.astimezone(REPORTING_ZONE).isoformat(timespec="seconds")
    if isinstance(value, dt.date | uuidlib.UUID):
        return str(value)
    return value


def _own_column(table: Table) -> Column[Any] | None:
    users = table_of(User)
    columns = (table.columns.get(name) for name in OWN)
    return next(
        (c for c in columns if c is not None and any(key.column.table is users for key in c.foreign_keys)), None
    )


def _chunks(query: Select[Any]) -> Iterator[Sequence[Any]]:
    yield from session().execute(query).mappings().partitions(AT_A_TIME)


def _titles_of(target: Column[Any], numbers: Iterable[int]) -> dict[int, str]:
    """A title, name or key of the rows of another table; its number where it has none."""
    table, found = target.table, defaultdict[int, str](str)
    label = next((table.columns[name] for name in TITLES if name in table.columns), target)
    for number, title in session().execute(select(target, label).where(target.in_(list(numbers)))):
        found[number] = str(title or "")
    return found
