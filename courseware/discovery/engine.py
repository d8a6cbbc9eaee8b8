"""The search engine of this installation, one a process."""

from __future__ import annotations

import threading

from flask import current_app

from courseware.core.settings import Settings
from search.engine import SearchEngine
from search.postgres_engine import PostgresEngine
from search.whoosh_engine import WhooshEngine

_opening = threading.Lock()


def engine() -> SearchEngine:
    """The engine the settings name; opened at the first question."""
    with _opening:
        opened: SearchEngine | None = current_app.extensions.get("keku_search")
        if opened is None:
            opened = _open(current_app.config["KEKU"])
            current_app.extensions["keku_search"] = opened
    return opened


def _open(settings: Settings) -> SearchEngine:
    """PostgreSQL keeps the index beside the site's own tables, in a schema of its own."""
    if settings.search == "postgres":
        return PostgresEngine(settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1))
    return WhooshEngine(settings.data_path / "index")
