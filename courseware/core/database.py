"""One database, one session a request, one naming convention.

Models inherit from `Model` (typed), sessions come from `db.session`. Services flush; the commit belongs to
the edge: a request (courseware/web/unit_of_work.py), a command, or a job step.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import uuid as uuidlib
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Integer, MetaData, String, Uuid, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

from courseware.core import clock
from courseware.core.types import Json, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only for INTEGER keys; PostgreSQL gets room for more than two thousand million.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


class Model(DeclarativeBase):
    """Base of every table. `id` stays inside the house; `uuid` goes outside and never changes."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            dt.datetime: UtcDateTime(),
            dict[str, Any]: Json,
            list[str]: Json,
            list[Any]: Json,
            str: String(),
        },
    )


class Identified:
    """Mixin: a number for inside, a uuid for outside."""

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uuid: Mapped[uuidlib.UUID] = mapped_column(Uuid(), default=uuidlib.uuid4, unique=True)


class Numbered:
    """Mixin: rows that never leave the house by themselves."""

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)


class Stamped:
    """Mixin: when the row came to be, by the one clock."""

    created_at: Mapped[dt.datetime] = mapped_column(default=clock.now)


db: SQLAlchemy = SQLAlchemy(model_class=Model)


def init_database(app: Flask) -> None:
    """Binds the database to the application. Only our own engine is tuned: the job engine has one of its own."""
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", _prepare_sqlite)
        event.listen(db.engine, "begin", _begin)


def session() -> Session:
    """The session of this unit of work."""
    return db.session()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """SQLite holds foreign keys, waits its turn, and lets readers go on while one writes.

    The driver's own transaction handling is switched off: it opens transactions too late for
    SAVEPOINT and hides lock upgrades; `_begin` below says BEGIN itself.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON", "busy_timeout=15000", "journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY",
        "cache_size=-32000", "mmap_size=268435456",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
