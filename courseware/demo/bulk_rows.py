"""Writing many rows in one transaction: ids known beforehand, one INSERT a batch, uuids that follow from the seed."""

from __future__ import annotations

import random
import uuid as uuidlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Index, Table, func, insert, select, text
from sqlalchemy.orm import Session

from courseware.core.database import Model

BATCH = 5_000
Row = Mapping[str, Any]


class Rows:
    """Numbers rows from the highest id on, and stores them. Defaults of columns that a row leaves out are filled in."""

    def __init__(self, db: Session, seed: int) -> None:
        self.db, self.random = db, random.Random(seed)  # noqa: S311  made-up content, no secrets
        self._last: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def next_id(self, model: type[Model]) -> int:
        """The next free id of a table."""
        name = model.__tablename__
        if name not in self._last:
            self._last[name] = self.db.scalar(select(func.max(_table(model).c.id))) or 0
        self._last[name] += 1
        return self._last[name]

    def uuid(self) -> uuidlib.UUID:
        """A uuid that follows from the seed."""
        return uuidlib.UUID(int=self.random.getrandbits(128), version=4)

    def put(self, model: type[Model], rows: Iterable[Row]) -> int:
        """Stores rows in batches as they come; returns how many."""
        table, waiting, count = _table(model), iter(rows), 0
        statement = insert(table)
        while batch := list(islice(waiting, BATCH)):
            self.db.connection().execute(statement, batch)
            count += len(batch)
        self.counts[table.name] = self.counts.get(table.name, 0) + count
        return count

    def settle(self) -> None:
        """Lets PostgreSQL go on numbering where these rows end."""
        if self.db.get_bind().dialect.name != "postgresql":
            return
        for name in self._last:
            newest = f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), (SELECT max(id) FROM \"{name}\"))"  # noqa: S608
            self.db.execute(text(newest))

    @contextmanager
    def without_indexes(self, model: type[Model]) -> Iterator[None]:
        """Builds the named indexes of a table once at the end of the block instead of row by row."""
        connection = self.db.connection()
        indexes = sorted((i for i in _table(model).indexes if not i.unique), key=_name)
        for index in indexes:
            index.drop(connection)
        yield
        for index in indexes:
            index.create(connection)


def _table(model: type[Model]) -> Table:
    return Model.metadata.tables[model.__tablename__]


def _name(index: Index) -> str:
    return str(index.name)
