"""Engines for tests: an empty one of one's own, and a filled one that all tests read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.documents import SearchQuery
from search.whoosh_engine import WhooshEngine
from tests.search.samples import read_documents


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshEngine]:
    """An empty engine."""
    engine = WhooshEngine(tmp_path / "index")
    engine.rebuild(())
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhooshEngine]:
    """The labelled set, for reading only."""
    engine = WhooshEngine(tmp_path_factory.mktemp("library"))
    engine.rebuild(read_documents())
    yield engine
    engine.close()


def found(engine: WhooshEngine, text: str, **fields: object) -> list[str]:
    """Ids on the first page."""
    return [hit.id for hit in engine.search(SearchQuery(text, **fields)).hits]  # type: ignore[arg-type]
