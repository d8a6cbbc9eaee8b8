"""The search engine of this installation, one a process."""

from __future__ import annotations

import threading

from flask import current_app

from search.engine import SearchEngine
from search.whoosh_engine import WhooshEngine

_opening = threading.Lock()


def engine() -> SearchEngine:
    """The engine the settings name; opened at the first question."""
    with _opening:
        opened: SearchEngine | None = current_app.extensions.get("keku_search")
        if opened is None:
            opened = WhooshEngine(current_app.config["KEKU"].data_path / "index")
            current_app.extensions["keku_search"] = opened
    return opened
