"""Object stores: one interface, three stores, one contract suite."""

from __future__ import annotations

from media.stores.folder import FolderStore
from media.stores.interface import MIN_PART_BYTES, ObjectInfo, ObjectStore, OpenUpload, Part
from media.stores.memory import MemoryStore
from media.stores.s3 import S3Store
from media.stores.settings import StoreSettings
from media.stores.transfer import pull_object, push_folder

__all__ = [
    "MIN_PART_BYTES",
    "FolderStore",
    "MemoryStore",
    "ObjectInfo",
    "ObjectStore",
    "OpenUpload",
    "Part",
    "S3Store",
    "StoreSettings",
    "make_store",
    "pull_object",
    "push_folder",
]


def make_store(settings: StoreSettings) -> ObjectStore:
    """The store the settings ask for; opens no connection. Raises StoreUnavailable("store_settings")."""
    settings.check()
    if settings.kind == "memory":
        return MemoryStore()
    if settings.kind == "folder" and settings.folder:
        return FolderStore(settings.folder)
    return S3Store(settings)
