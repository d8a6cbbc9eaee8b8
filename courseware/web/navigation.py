"""What the header, the account menu, the foot and the sides of pages lead to."""

from __future__ import annotations

import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _

from courseware.accounts import queries
from courseware.core.roles import Role
from courseware.web.actor import actor

Item = dict[str, Any]
Roles = AbstractSet[Role]
ASK_AGAIN_S = 300.0
MAKERS = frozenset({Role.TEACHER, Role.REVIEWER, Role.LIBRARIAN})
KEEPERS = frozenset({Role.LIBRARIAN, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the header: `group` sets a line between kinds, `prefix` says which addresses belong to it beside its own."""

    label: str
    href: str
    group: int = 1
    prefix: str = ""

    def leads_to(self, path: str) -> bool:
        """Whether the page at `path` belongs to this entry."""
        return path == self.href or path.startswith((self.prefix or self.href) + "/")


def main_nav(roles: Roles) -> list[Entry]:
    """What everyone sees, then what the roles add."""
    return [
        Entry(_("Courses"), "/courses"), Entry(_("Libraries"), "/libraries"), Entry(_("Knowledge map"), "/map"),
        Entry(_("My learning"), "/my-learning", 1, "/learn"),
        *([Entry(_("Teach"), "/teach/resources", 2, "/teach")] if roles & {Role.TEACHER, Role.LIBRARIAN} else []),
        *([Entry(_("Review"), "/review", 2)] if roles & {Role.REVIEWER, *KEEPERS} else []),
        *([Entry(_("Monitor"), "/monitor", 2)] if roles & KEEPERS else []),
    ]  # fmt: skip


def account_nav(roles: Roles, contributions: str) -> list[Entry]:
    """The menu behind a person's own sign; `contributions` is the address of what they made."""
    return [
        Entry(_("Account"), "/account"), Entry(_("My classes"), "/my-classes"), Entry(_("My reports"), "/my-reports"),
        *([Entry(_("My contributions"), contributions)] if roles & MAKERS else []),
        *([Entry(_("Appeals about learning time"), "/monitor/appeals", 2),
           Entry(_("Certificates"), "/monitor/certificates", 2)] if roles & KEEPERS else []),
        *([Entry(_("Users"), "/admin/users", 2), Entry(_("Jobs"), "/admin/jobs", 2),
           Entry(_("Security log"), "/admin/audit", 2)] if Role.ADMINISTRATOR in roles else []),
    ]  # fmt: skip


def footer_nav() -> list[Entry]:
    """Definitions, accessibility, privacy, feedback."""
    return [
        Entry(_("Indicator definitions"), "/about/definitions"), Entry(_("Accessibility"), "/about/accessibility"),
        Entry(_("Personal information"), "/about/privacy"), Entry(_("Feedback"), "/about/feedback"),
    ]  # fmt: skip


def is_demonstration() -> bool:
    """Whether what is shown is fictional. Asked of the database once in a while: it changes only when somebody loads the demonstration."""
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
        _item(_("Questions of learners"), "/teach/questions", 1, icon="message-question"),
        _item(_("Classes"), "/teach/classes", 1, icon="school"),
        _item(_("Import a course"), "/teach/course-import", 1, "/teach/course-imports", icon="package-import"),
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
