"""The installation's one file store, made from its settings; and the folder where work on files happens."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app

from courseware.core.settings import Settings
from media.stores import ObjectStore, StoreSettings, make_store

_lock = threading.Lock()


def store() -> ObjectStore:
    """The store of this application, ready for use. Raises media.errors.StoreUnavailable, which the next call tries anew."""
    made: ObjectStore | None = current_app.extensions.get("keku_store")
    if made is not None:
        return made
    with _lock:
        made = make_store(store_settings(current_app.config["KEKU"]))
        made.ensure_ready()
        current_app.extensions["keku_store"] = made
    return made


def store_settings(settings: Settings) -> StoreSettings:
    """What `media` wants to know, from the settings of the installation."""
    kind: Any = settings.store
    return StoreSettings(
        kind=kind, folder=settings.data_path / "store", s3_endpoint=settings.s3_endpoint,
        s3_public_endpoint=settings.s3_public_endpoint, s3_region=settings.s3_region, s3_access_key=settings.s3_access_key,
        s3_secret_key=settings.s3_secret_key, s3_secure=settings.is_on("s3_secure"), s3_bucket=settings.s3_bucket,
        s3_virtual_host=settings.is_on("s3_virtual_host"),
    )  # fmt: skip


def work_folder(name: str) -> Path:
    """A folder of this name below the data folder, made when missing. The caller removes it when the work is done."""
    folder: Path = current_app.config["KEKU"].data_path / "work" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def passing_folder() -> Iterator[Path]:
    """An empty work folder that goes away with the block."""
    folder = Path(tempfile.mkdtemp(prefix="check-", dir=work_folder("passing")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
