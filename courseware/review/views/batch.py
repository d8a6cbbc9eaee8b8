"""Several cases on one page: short ones, each with a verdict of its own (R40)."""

from __future__ import annotations

import uuid as uuidlib
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.resources.views.previews import Preview, preview_of
from courseware.review import policy, queries, rulebook, services
from courseware.review.forms import CaseForm
from courseware.review.hints import Hint
from courseware.review.queries import QueueRow
from courseware.review.rules import Rules
from courseware.review.views import blueprint
from courseware.review.views.case import errors_of, found_in
from courseware.review.views.navigation import review_nav
from courseware.review.words import dimension_names
from courseware.web.access import role_needed, signed_in

MOST = 10


@dataclass(slots=True)
class Item:
    """One case of the page with what was typed for it."""

    row: QueueRow
    rules: Rules
    form: CaseForm
    hints: list[Hint]
    preview: Preview

    @property
    def names(self) -> dict[str, str]:
        """The dimensions of this case."""
        return dimension_names(self.rules)


@blueprint.route("/review/batch", methods=["GET", "POST"])
@role_needed(*policy.REVIEWING)
def batch() -> str | Response | tuple[str, int]:
    """Cases chosen in the queue, at most ten. Those left without verdicts stay as they are; refused ones come back."""
    person = signed_in()
    rows = queries.cases_of(_chosen(), person)
    items = [_item(person, row) for row in rows if row.submission.state == "open" or request.method == "POST"]
    if not items:
        flash(_("Choose cases in the queue first."), "warning")
        return redirect(url_for("review.queue"))
    if request.method == "GET":
        return _show(person, items)
    left = [item for item in items if not _decide(person, item)]
    done = len(items) - len(left)
    if done:
        flash(ngettext("%(num)d case decided.", "%(num)d cases decided.", done), "success")
    if not left:
        return redirect(url_for("review.queue"))
    return _show(person, left), (422 if any(item.form.errors for item in left) else 200)


def _decide(person: User, item: Item) -> bool:
    """Decides one case in a savepoint of its own, so that one refusal takes nothing else back."""
    form = item.form
    if not form.verdicts and not form.typed:
        return False
    try:
        with session().begin_nested():
            services.decide(
                person, item.row.submission, form.implied, form.as_verdicts(), note=form.note, level=form.level,
                seen=form.seen, decided_class=item.row.version.proposed_class if item.row.is_update else None,
            )  # fmt: skip
    except DomainError as refusal:
        form.errors = errors_of(refusal)
        return False
    return True


def _item(person: User, row: QueueRow) -> Item:
    rules = rulebook.rules_of_case(row.submission)
    form = CaseForm.read(request.form, rules.keys, prefix=f"{row.submission.uuid}-")
    return Item(
        row, rules, form, found_in(row.version, rules), preview_of(row.resource, row.version, person, is_study=False)
    )


def _show(person: User, items: list[Item]) -> str:
    return render_template("review/batch.html", items=items, side_nav=review_nav(person))


def _chosen() -> list[uuidlib.UUID]:
    found = []
    for text in request.values.getlist("case")[:MOST]:
        try:
            found.append(uuidlib.UUID(text))
        except ValueError:
            continue
    return found
