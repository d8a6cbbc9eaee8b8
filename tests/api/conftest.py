"""A small site, and programs that ask it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from courseware.accounts import services as accounts
from courseware.core.database import session
from courseware.discovery import indexing
from courseware.discovery.engine import engine
from tests.resources.conftest import World, world  # noqa: F401 - a fixture
from tests.web.site import Site, a_site


@pytest.fixture
def site(app: Flask, world: World) -> Site:  # noqa: F811
    return a_site(world)


@pytest.fixture
def indexed(app: Flask, site: Site) -> Site:
    """The site, found by search."""
    app.extensions.pop("keku_search", None)
    engine().rebuild(indexing.all_documents())
    return site


class Program:
    """Asks with a bearer token, without a cookie."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client, self.headers = app.test_client(), {"Authorization": f"Bearer {token}"}
        self.client.sends_token = False  # type: ignore[attr-defined]

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(path, json=body, headers=self.headers)


@pytest.fixture
def program(app: Flask, site: Site) -> Any:
    """`program("a", "read")`: a program of the administrator with a token for reading."""

    def make(letter: str, *scopes: str) -> Program:
        person = site.people[letter]
        assert person is not None
        token = accounts.issue_token(person, scopes)
        session().commit()
        return Program(app, token)

    return make
