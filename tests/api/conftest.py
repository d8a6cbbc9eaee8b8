"""A small site, and programs that ask it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from courseware.accounts import services as accounts
from courseware.core.database import session
from tests.resources.conftest import world
from tests.servers.rewound import MadeOnce
from tests.web.site import Site, make_indexed_site, make_site

__all__ = ["world"]


@pytest.fixture
def site(made_once: MadeOnce) -> Site:
    """The small site, as new."""
    made: Site = made_once(make_site)
    return made


@pytest.fixture
def indexed(made_once: MadeOnce) -> Site:
    """The same, found by search."""
    made: Site = made_once(make_indexed_site)
    return made


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
