"""The header, the account menu, the foot of every page."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, current_app, request
from flask_babel import gettext as _

from courseware.accounts import queries
from courseware.accounts.models import User
from courseware.core.roles import Role
from courseware.web.actor import actor

Item = dict[str, Any]
ASK_AGAIN_S = 30.0
MAKERS = (Role.TEACHER, Role.REVIEWER, Role.LIBRARIAN)


def init_navigation(app: Flask) -> None:
    """Gives every template its navigation."""
    app.context_processor(
        lambda: {
            "nav": main_nav(actor()),
            "account_nav": account_nav(actor()),
            "footer_nav": footer_nav(),
            "footer_note": footer_note(),
        }
    )


def main_nav(person: User | None) -> list[Item]:
    """What everyone sees, then what the roles add."""
    items = [
        _item(_("Courses"), "/courses", 1), _item(_("Libraries"), "/libraries", 1),
        _item(_("Knowledge map"), "/map", 1), _item(_("My learning"), "/my-learning", 1, "/learn"),
    ]  # fmt: skip
    if person and person.has_role(Role.TEACHER, Role.LIBRARIAN):
        items.append(_item(_("Teach"), "/teach/resources", 2, "/teach"))
    if person and person.has_role(Role.REVIEWER, Role.LIBRARIAN, Role.ADMINISTRATOR):
        items.append(_item(_("Review"), "/review", 2))
    if person and person.has_role(Role.ADMINISTRATOR, Role.LIBRARIAN):
        items.append(_item(_("Monitor"), "/monitor", 2))
    return items


def account_nav(person: User | None) -> list[Item]:
    """The menu behind the person's own sign."""
    if person is None:
        return []
    items = [
        _item(_("Account"), "/account", 1), _item(_("My classes"), "/my-classes", 1), _item(_("My reports"), "/my-reports", 1),
        *([_item(_("My contributions"), f"/people/{person.uuid}/contributions", 1)] if person.has_role(*MAKERS) else []),
    ]  # fmt: skip
    if person.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        items.append(_item(_("Appeals about learning time"), "/monitor/appeals", 2))
    if person.has_role(Role.ADMINISTRATOR):
        items += [
            _item(_("Users"), "/admin/users", 2),
            _item(_("Jobs"), "/admin/jobs", 2),
            _item(_("Security log"), "/admin/audit", 2),
        ]
    return items


def footer_nav() -> list[Item]:
    """Definitions, accessibility, privacy, feedback."""
    return [
        _item(_("Indicator definitions"), "/about/definitions", 1), _item(_("Accessibility"), "/about/accessibility", 1),
        _item(_("Personal information"), "/about/privacy", 1), _item(_("Feedback"), "/about/feedback", 1),
    ]  # fmt: skip


def footer_note() -> str:
    """Says that what is shown is fictional, on every page of a demonstration; empty elsewhere."""
    return _("Keku · demonstration data, people and units are fictional") if _is_demonstration() else ""


def _is_demonstration() -> bool:
    """Asked of the database once in a while: it changes only when somebody loads the demonstration."""
    asked_at, known = current_app.extensions.get("keku_demonstration", (0.0, False))
    if time.monotonic() - asked_at > ASK_AGAIN_S:
        known = queries.has_demo_people()
        current_app.extensions["keku_demonstration"] = (time.monotonic(), known)
    return bool(known)


def teach_nav() -> Item:
    """Side navigation of Teach; who keeps a library finds its table and the import there."""
    items = [
        _item(_("My resources"), "/teach/resources", 1, icon="files"),
        _item(_("My courses and lessons"), "/teach/courses", 1, icon="layout-list"),
        _item(_("Classes"), "/teach/classes", 1, icon="school"),
        _item(_("Questions of learners"), "/teach/questions", 1, icon="message-question"),
        _item(_("Reported problems"), "/teach/reports", 1, icon="flag"),
    ]
    person = actor()
    if person and person.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        items += [
            {"rule": True},
            _item(_("Resources of the library"), "/teach/library", 2, icon="table"),
            _item(_("Import a sheet"), "/teach/import", 2, icon="table-import"),
            _item(_("What people search"), "/teach/searches", 2, icon="search"),
        ]
    return {"title": _("Teach"), "items": items}


def admin_nav() -> Item:
    """Side navigation of Admin."""
    return {"title": _("Administration"), "items": [
        _item(_("Users"), "/admin/users", 1, icon="users"), _item(_("Jobs"), "/admin/jobs", 1, icon="refresh"),
        _item(_("Security log"), "/admin/audit", 1, icon="shield-check"),
    ]}  # fmt: skip


def _item(label: str, href: str, group: int, prefix: str = "", icon: str = "") -> Item:
    current = request.path == href or request.path.startswith((prefix or href) + "/")
    return {"label": label, "href": href, "group": group, "current": current, "icon": icon}
