"""Built files come packed to browsers that take it, and are kept for ever, because new content has a new name."""

from __future__ import annotations

import gzip
from typing import Any

import pytest


@pytest.fixture
def style(client: Any) -> str:
    """The address of the style that every page has."""
    from courseware.web.assets import asset_file

    with client.application.app_context():
        return f"/static/{asset_file('app.css')}"


def test_a_built_file_comes_packed_and_is_the_same_file(client: Any, style: str) -> None:
    plain, packed = client.get(style), client.get(style, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.mimetype == plain.mimetype == "text/css"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3


def test_a_built_file_is_kept_for_ever_packed_or_not(client: Any, style: str) -> None:
    for answer in (client.get(style), client.get(style, headers={"Accept-Encoding": "gzip"})):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Accept-Encoding" in answer.vary
        answer.close()


def test_what_is_not_built_is_asked_for_again_and_what_is_not_there_is_not_found(client: Any, style: str) -> None:
    with client.get("/static/img/mark.svg") as sign:
        assert "immutable" not in sign.headers["Cache-Control"]
    missing = client.get(style.replace("app-", "nothing-"), headers={"Accept-Encoding": "gzip"})
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("Cache-Control", "")
    assert client.get("/static/dist/../../app.py", headers={"Accept-Encoding": "gzip"}).status_code == 404
