"""Head, header and foot of every page: drawn once for all who see the same, and kept by exactly what they show.

Nothing in them is of one request alone. The form token and the address to come back to stand in a form of the page itself
(layout.html, #kk-tools), to which the buttons of the header belong. A person's new name or role is another key, so it
shows at once; what was not asked for lately falls out.
"""

from __future__ import annotations

import uuid as uuidlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from flask import Flask, current_app, render_template, request
from markupsafe import Markup

from courseware.accounts.models import User
from courseware.core.roles import Role
from courseware.web.actor import actor
from courseware.web.i18n import language
from courseware.web.navigation import Entry, account_nav, footer_nav, is_demonstration, main_nav

KEPT = 500  # headers of a few kilobytes each
Entries = tuple[list[Entry], list[Entry]]


@dataclass(frozen=True, slots=True)
class Site:
    """What every drawn part depends on: the language, and where the site lies below another."""

    language: str
    root: str


@dataclass(frozen=True, slots=True)
class Reader:
    """As much of the person who reads as the header shows."""

    uuid: uuidlib.UUID
    name: str
    email: str
    roles: frozenset[Role]


def init_frame(app: Flask) -> None:
    """Gives templates `page_head`, `page_header` and `page_foot`."""
    app.jinja_env.globals.update(page_head=page_head, page_header=page_header, page_foot=page_foot)


def page_head() -> Markup:
    """Icon, theme and style."""
    return Markup(_kept(_draw_head))  # noqa: S704  our own template, which escapes; so below


def page_header(search: bool, query: str) -> Markup:
    """Logo, search box (`search`: whether there is one; `query`: what stands in it), navigation, tools, account."""
    reader = _reader(actor())
    here = tuple(entry.href for entry in chain(*_kept(_entries, reader)) if entry.leads_to(request.path))
    return Markup(_kept(_draw_header, reader, here, search, str(query)))  # noqa: S704


def page_foot() -> Markup:
    """What the site says of itself, the words that scripts show, and the script that every page has."""
    return Markup(_kept(_draw_foot, is_demonstration()))  # noqa: S704


def forget() -> None:
    """From now on everything is drawn anew: for tests that put other texts in place."""
    for drawn in (_entries, _draw_head, _draw_header, _draw_foot):
        drawn.cache_clear()


def _reader(person: User | None) -> Reader | None:
    return Reader(person.uuid, person.name, person.email, person.roles) if person is not None else None


def _kept(draw: Any, *what: Any) -> Any:
    """What was drawn before of the same; while somebody works on templates or assets everything is drawn anew."""
    return (draw.__wrapped__ if current_app.debug else draw)(Site(language(), request.script_root), *what)


@lru_cache(KEPT)
def _entries(_site: Site, reader: Reader | None) -> Entries:
    if reader is None:
        return main_nav(frozenset()), []
    return main_nav(reader.roles), account_nav(reader.roles, f"/people/{reader.uuid}/contributions")


@lru_cache(KEPT)
def _draw_head(_site: Site) -> str:
    return render_template("frame/head.html")


@lru_cache(KEPT)
def _draw_header(site: Site, reader: Reader | None, here: tuple[str, ...], search: bool, query: str) -> str:
    nav, account = _entries(site, reader)
    return render_template(
        "frame/header.html", reader=reader, nav=nav, account=account, here=here, search=search, query=query
    )


@lru_cache(KEPT)
def _draw_foot(_site: Site, fictional: bool) -> str:
    return render_template("frame/foot.html", nav=footer_nav(), fictional=fictional)
