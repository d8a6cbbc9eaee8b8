"""Side navigation of Review."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from courseware.accounts.models import User
from courseware.core.roles import Role
from courseware.libraries import policy as library_policy
from courseware.libraries import queries as libraries
from courseware.review import rechecks, takedowns


def review_nav(person: User) -> dict[str, Any]:
    """Queue, take-downs, re-checks; for those who keep libraries also the workload and the rules."""
    items = [
        _item(_("Queue"), "review.queue", icon="list"),
        _item(_("Take-downs"), "review.take_downs", icon="ban", n=takedowns.count_open()),
        _item(_("Re-checks"), "review.rechecks", icon="checkup-list", n=rechecks.count_open()),
    ]
    if person.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        items.append(_item(_("Workload"), "review.workload", icon="users"))
        kept = next((row for row in libraries.all_libraries() if library_policy.can_manage(person, row)), None)
        if kept is not None:
            items.append(_item(_("Rules of review"), "review.rules", icon="adjustments", code=kept.code))
    return {"title": _("Review"), "items": items}


def _item(label: str, endpoint: str, *, icon: str, n: int = 0, **values: Any) -> dict[str, Any]:
    current = request.endpoint == endpoint
    return {"label": label, "href": url_for(endpoint, **values), "icon": icon, "current": current, "n": n}
