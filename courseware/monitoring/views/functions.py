"""The platform's own check (R58): its page, and the same rows as a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from courseware.core.roles import Role
from courseware.monitoring import pages
from courseware.monitoring.functions import AVAILABLE, MISSING, STATES, USED, Checked, by_group, check_functions
from courseware.monitoring.sheets import table_file
from courseware.web.access import role_needed
from courseware.web.i18n import local_text

blueprint = Blueprint("monitoring_functions", __name__)
KEEPERS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
IN_WORDS: dict[str, Any] = {USED: _l("used"), AVAILABLE: _l("available"), MISSING: _l("not there yet")}


@blueprint.get("/monitor/functions")
@role_needed(*KEEPERS)
def check() -> str:
    """Which functions are there, and how often each was used in the period."""
    place = pages.place()
    checked = _checked(place)
    return render_template(
        "monitoring/functions.html", place=place, groups=by_group(checked), words=IN_WORDS,
        side_nav=pages.side_nav(place.library, place.period, "monitoring_functions.check"),
        sizes={state: sum(one.state == state for one in checked) for state in STATES},
    )  # fmt: skip


@blueprint.get("/monitor/functions.<any(csv, xlsx):kind>")
@role_needed(*KEEPERS)
def export(kind: str) -> Response:
    """The rows of the page."""
    place = pages.place()
    heads = [_("Group of functions"), _("Function"), _("State"), _("Uses in the period"), _("What is counted")]
    rows = [_line(local_text(group, "name"), one) for group, found in by_group(_checked(place)) for one in found]
    return table_file(f"{place.library.code}-{place.period.code}-functions", kind, heads, rows)


def _line(group: str, one: Checked) -> list[Any]:
    uses = "" if one.uses is None else one.uses
    return [group, local_text(one.function, "name"), str(IN_WORDS[one.state]), uses, local_text(one.function, "counts")]


def _checked(place: pages.Place) -> list[Checked]:
    return check_functions(current_app.view_functions.keys(), place.period, place.now)
