"""One application for all tests of a worker, taken back to its beginning before each: an empty database and folder.

Most tests begin with the same small world, and making it costs more than most of them do. So a world is made once, its
rows are kept beside the database, and every later test gets the rows back and its objects read from them.
"""

from __future__ import annotations

import io
import pickle
import shutil
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, inspect, select, tuple_

from courseware.core import clock
from courseware.core.database import Model, db
from courseware.resources.storage import store
from tests.servers import databases

MadeOnce = Callable[[Callable[[], Any]], Any]


class Rewound:
    """An application with its database at `url`."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self._url = url
        self._opened_at_birth = set(app.extensions)
        self._kept: dict[Hashable, _Kept] = {}
        self._is_untouched = False
        with app.app_context():
            event.listen(db.engine, "checkout", self._touch)

    def rewind(self) -> None:
        """Database, data folder and everything the application remembers are as at the beginning."""
        with self.app.app_context():
            self._let_go()
        databases.put_back(self._url, databases.EMPTY)
        for path in self._folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._is_untouched = True

    def made_once(self, make: Callable[[], Any]) -> Any:
        """What the function `make` makes in an empty database: rows and files that are kept, objects read from the rows.

        It is called once for a day, and once for each moment at which a test stops the clock before. Where something was
        written already it is simply called.
        """
        if not self._is_untouched:
            return make()
        key = (make, clock.now().astimezone(clock.REPORTING_ZONE).date(), clock._frozen.get())
        if key not in self._kept:
            self._kept[key] = self._keep(make)
        kept = self._kept[key]
        databases.put_back(self._url, kept.name)
        if self._files_of(kept.name).exists():
            shutil.copytree(self._files_of(kept.name), self._folder, dirs_exist_ok=True)
        made, stored = kept.read()
        for key, content_type, data in stored:
            store().put(key, io.BytesIO(data), len(data), content_type)
        return made

    def close(self) -> None:
        """Ends the application's connections."""
        with self.app.app_context():
            db.engine.dispose()

    def _keep(self, make: Callable[[], Any]) -> _Kept:
        name = f"kept_{len(self._kept) + 1}"
        made = make()
        db.session.commit()
        kept = _Kept(name, (made, self._stored()))
        self._let_go()
        databases.keep(self._url, name)
        if any(self._folder.iterdir()):
            shutil.copytree(self._folder, self._files_of(name))
        return kept

    def _stored(self) -> list[tuple[str, str, bytes]]:
        """The files of the store, which is in memory: key, type, content."""
        if "keku_store" not in self.app.extensions:
            return []
        return [(info.key, info.content_type, b"".join(store().get_range(info.key))) for info in store().list()]

    def _let_go(self) -> None:
        """Nothing holds on to what is about to be replaced."""
        db.session.remove()
        if self._url.startswith("sqlite"):
            db.engine.dispose()
        for handle in [name for name in self.app.extensions if name.startswith("keku_")]:
            if handle not in self._opened_at_birth:
                self.app.extensions.pop(handle)

    @property
    def _folder(self) -> Path:
        return Path(self.app.config["KEKU"].data_dir)

    def _files_of(self, state: str) -> Path:
        return self._folder.with_name(f"{self._folder.name}-{state}")

    def _touch(self, *_connection: Any) -> None:
        self._is_untouched = False


class _Kept:
    """A world written down under the name of its state, and the keys of its rows by table."""

    def __init__(self, name: str, world: Any) -> None:
        written = io.BytesIO()
        writer = _Writer(written)
        writer.dump(world)
        self.name, self._written, self._rows = name, written.getvalue(), writer.rows

    def read(self) -> Any:
        """The world with the rows of the session; each table is asked once, however many of its rows belong to it."""
        found = [_rows_of(kind, [*keys]) for kind, keys in self._rows.items()]
        world = _Reader(io.BytesIO(self._written)).load()
        del found  # until here, or the session would forget them again
        return world


class _Writer(pickle.Pickler):
    """Writes a world down, with the key of a row in the place of the row."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.rows: dict[type[Model], dict[tuple[Any, ...], None]] = {}

    def persistent_id(self, value: Any) -> tuple[type[Model], tuple[Any, ...]] | None:
        if not isinstance(value, Model):
            return None
        kind, identity = type(value), inspect(value).identity
        self.rows.setdefault(kind, {})[identity] = None
        return kind, identity


class _Reader(pickle.Unpickler):
    """Reads it with the rows of the session."""

    def persistent_load(self, key: tuple[type[Model], tuple[Any, ...]]) -> Model:
        kind, identity = key
        return db.session.get_one(kind, identity)


def _rows_of(kind: type[Model], keys: list[tuple[Any, ...]]) -> Any:
    primary = inspect(kind).primary_key
    wanted = primary[0].in_([key[0] for key in keys]) if len(primary) == 1 else tuple_(*primary).in_(keys)
    return db.session.scalars(select(kind).where(wanted)).unique().all()
