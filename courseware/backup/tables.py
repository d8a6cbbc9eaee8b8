"""Every table as lines of JSON, and back: the same file for SQLite and PostgreSQL.

The order is that of foreign keys, so that what is referred to is there first. Keys that close a circle (a resource and its
versions, a unit and the one above it) are left out of the rows and set when all rows are there.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import uuid as uuidlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, TypeDecorator, bindparam, func, insert, select, text, update

from courseware.core.database import Model

BATCH = 1000
NOT_KEPT = ("store_move",)  # where the files of the old installation lay; a restore puts them where its settings say
Row = dict[str, Any]


def tables() -> Sequence[Table]:
    """All tables that a backup keeps, those referred to first."""
    return [table for table in Model.metadata.sorted_tables if table.name not in NOT_KEPT]


def dump(connection: Connection, table: Table, path: Path) -> dict[str, Any]:
    """Writes the rows in the order of their keys; returns how many and the SHA-256 of the lines."""
    count, digest = 0, hashlib.sha256()
    query = select(table).order_by(*table.primary_key.columns)
    with gzip.GzipFile(path, "wb", mtime=0) as out:
        for row in connection.execution_options(yield_per=BATCH).execute(query):
            line = (
                json.dumps(
                    [_plain(value) for value in row], ensure_ascii=False, sort_keys=True, separators=(",", ":")
                ).encode()
                + b"\n"
            )
            digest.update(line)
            out.write(line)
            count += 1
    return {"rows": count, "sha256": digest.hexdigest(), "columns": [column.name for column in table.columns]}


def read(path: Path) -> Iterator[list[Any]]:
    """The rows of a dump as they were written."""
    with gzip.open(path, "rb") as source:
        for line in source:
            yield json.loads(line)


def digest_of(path: Path) -> str:
    """The SHA-256 of the lines of a dump. Raises OSError, EOFError for a broken file."""
    digest = hashlib.sha256()
    with gzip.open(path, "rb") as source:
        for line in source:
            digest.update(line)
    return digest.hexdigest()


def load(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[list[Any]]) -> None:
    """Inserts rows; `columns` are those the dump was made with. Keys that close circles stay empty: `close_circles`."""
    late = {column.name for column in circular(table)}
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        connection.execute(insert(table), [_row(table, columns, values, without=late) for values in batch])


def close_circles(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[list[Any]]) -> None:
    """Sets the keys that `load` left empty."""
    late, keys = circular(table), list(table.primary_key.columns)
    if not late:
        return
    where = [column == bindparam(f"key_{column.name}") for column in keys]
    statement = update(table).where(*where).values({column.name: bindparam(f"to_{column.name}") for column in late})
    set_rows = (_row(table, columns, values) for values in rows)
    wanted = (row for row in set_rows if any(row[column.name] is not None for column in late))
    while batch := list(islice(wanted, BATCH)):
        connection.execute(
            statement,
            [
                {f"key_{c.name}": row[c.name] for c in keys} | {f"to_{c.name}": row[c.name] for c in late}
                for row in batch
            ],
        )


def circular(table: Table) -> list[Column[Any]]:
    """Columns that refer to a table which is not there before this one."""
    places = {other: place for place, other in enumerate(tables())}
    found = [
        key.parent
        for constraint in table.foreign_key_constraints
        for key in constraint.elements
        if places[key.column.table] >= places[table]
    ]
    required = [column for column in found if not column.nullable]
    assert not required, f"{table.name}.{required[0].name if required else ''} closes a circle and may not be empty"
    return found


def go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers the next row after the last one put back; SQLite does so by itself."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', keys[0].name)))
    if sequence:
        last = connection.scalar(select(func.max(keys[0])))
        if last is not None:
            connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _row(table: Table, columns: Sequence[str], values: list[Any], without: set[str] | None = None) -> Row:
    known = {name: value for name, value in zip(columns, values, strict=True) if name in table.columns}
    return {
        name: None if name in (without or ()) else _typed(value, table.columns[name]) for name, value in known.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, uuidlib.UUID | Decimal):
        return str(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(value: Any, column: Column[Any]) -> Any:
    """The value as the column's type wants it. JSON columns take what JSON gave."""
    kind = _python_type(column)
    if value is None or kind is None:
        return value
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is bytes:
        return base64.b64decode(value)
    return kind(value) if kind in (uuidlib.UUID, Decimal) else value


def _python_type(column: Column[Any]) -> type | None:
    kind = column.type
    try:
        return (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
    except NotImplementedError:
        return None
