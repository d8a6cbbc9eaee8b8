"""How a library reviews: its form, for those who keep it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import Invalid
from courseware.libraries import policy as library_policy
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.review import hints, rulebook
from courseware.review.forms import read_rules
from courseware.review.models import FLAGS
from courseware.review.policy import STEWARDS
from courseware.review.rules import LEVELS_MOST, OFFERED, OWN_DIMENSIONS_MOST, Level, Rules
from courseware.review.views import blueprint
from courseware.review.views.case import errors_of
from courseware.review.views.navigation import review_nav
from courseware.review.words import DIMENSION_HELP, DIMENSION_NAMES, FLAG_HELP, FLAG_NAMES, ROLE_NAMES
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import undo


@blueprint.route("/admin/libraries/<code>/review", methods=["GET", "POST"])
@role_needed(*STEWARDS)
def rules(code: str) -> str | Response | tuple[str, int]:
    """Levels, people, dimensions, named reviewers, references, words. Saving holds for what is handed in from then on."""
    person = signed_in()
    library = libraries.library_by_code(code, person)
    library_policy.require_manager(person, library)
    if request.method == "GET":
        return _show(library, rulebook.rules_of(library), {})
    given = read_rules(request.form)
    try:
        rulebook.save(person, library, given)
    except Invalid as refusal:
        undo()
        return _show(libraries.library_by_code(code, person), given, errors_of(refusal)), refusal.status
    flash(_("Saved. It holds for what is handed in from now on."), "success")
    return redirect(url_for("review.rules", code=code))


def _show(library: Library, shown: Rules, errors: dict[str, list[str]]) -> str:
    person = signed_in()
    own = {d.key: d.name for d in shown.dimensions}
    levels = [*shown.levels, *(Level() for _i in range(LEVELS_MOST - len(shown.levels)))][:LEVELS_MOST]
    kept = [row for row in libraries.all_libraries() if library_policy.can_manage(person, row)]
    return render_template(
        "review/rules.html", library=library, rules=shown, levels=levels, errors=errors, people=rulebook.people_who_may(),
        offered=OFFERED, own=own, own_count=OWN_DIMENSIONS_MOST, dimension_names=DIMENSION_NAMES, kept=kept,
        dimension_help=DIMENSION_HELP, flags=FLAGS, flag_names=FLAG_NAMES, flag_help=FLAG_HELP, role_names=ROLE_NAMES,
        built_in=hints.built_in(), history=rulebook.history(library), side_nav=review_nav(person),
    )  # fmt: skip
