"""The queue of a reviewer, and one case."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.errors import DomainError, Invalid
from courseware.core.roles import Role
from courseware.resources import change, page_queries
from courseware.resources.models import RESOURCE_TYPES, ResourceVersion
from courseware.resources.views.copies import copies_of
from courseware.resources.views.page import words
from courseware.resources.views.previews import caption_label, preview_of
from courseware.resources.words import MACHINE_CLASSES, TYPES
from courseware.review import queries, services
from courseware.review.differences import TextDifference, compare
from courseware.review.forms import DIMENSION_HELP, DIMENSION_NAMES, CaseForm
from courseware.review.models import DIMENSIONS, Submission
from courseware.review.queries import KINDS, Case, QueueFilters
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.i18n import local_text, show_duration, show_filesize
from courseware.web.requests import undo

blueprint = Blueprint("review", __name__)


@blueprint.get("/review")
@role_needed(Role.REVIEWER)
def queue() -> str:
    """What waits for review, due first; own work is shown but cannot be opened for a decision."""
    person, filters = signed_in(), _filters()
    page = queries.queue(person, filters, request.args.get("after"))
    return render_template(
        "review/queue.html", page=page, filters=filters, counts=queries.queue_counts(person), types=TYPES,
        tabs=_tabs(queries.queue_counts(person), filters), next_href=_address(after=page.next) if page.next else None,
        first_href=_address() if request.args.get("after") else None,
    )  # fmt: skip


@blueprint.route("/review/<uuid:submission_uuid>", methods=["GET", "POST"])
@login_needed
def case(submission_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """One submission: content, difference, four verdicts, the decision. Refusals keep what was typed."""
    person = signed_in()
    found = queries.case_of(submission_uuid, person)
    if request.method == "GET":
        return _show(person, found, CaseForm(decided_class=found.version.proposed_class))
    form = CaseForm.read(request.form)
    try:
        services.decide(
            person, found.submission, form.decision, form.as_verdicts(), note=form.note, level=form.level,
            decided_class=form.decided_class if found.base else None, is_evidence_accepted=form.is_evidence_accepted,
        )  # fmt: skip
    except DomainError as refusal:
        undo()
        form.errors = _errors(refusal)
        return _show(person, queries.case_of(submission_uuid, person), form), refusal.status
    return _go_on(person, found.submission)


def _go_on(person: User, done: Submission) -> Response:
    flash(_outcome(done), "success")
    following = queries.next_open(person, done)
    if following is None:
        return redirect(url_for("review.queue"))
    return redirect(url_for("review.case", submission_uuid=following))


def _outcome(done: Submission) -> str:
    title = local_text(done.version.resource, "title")
    return {
        "approved": _("“%(title)s” is published.", title=title),
        "returned": _("“%(title)s” went back to its author with your reasons.", title=title),
        "rejected": _("“%(title)s” was not accepted.", title=title),
    }.get(done.state, _("“%(title)s” goes on to the next level of review.", title=title))


def _errors(refusal: DomainError) -> dict[str, list[str]]:
    if isinstance(refusal, Invalid) and refusal.problems:
        return {name: [str(text) for text in many] for name, many in refusal.problems.items()}
    return {"": [refusal.sentence()]}


def _show(person: User, found: Case, form: CaseForm) -> str:
    resource, version, base = found.resource, found.version, found.base
    return render_template(
        "review/case.html", case=found, submission=found.submission, resource=resource, version=version, base=base,
        form=form, preview=preview_of(resource, version, person, is_study=False),
        base_preview=preview_of(resource, base, person, is_study=False) if base is not None else None,
        difference=_text_difference(base, version) if base is not None else None,
        facts=_facts(base, version), evidence=change.evidence_sentences(version.measured),
        dimensions=DIMENSIONS, dimension_names=DIMENSION_NAMES, dimension_help=DIMENSION_HELP,
        is_above_floor=change.is_above_floor(resource.type, version.measured),
        machine_class=version.measured.get("class"), machine_classes=MACHINE_CLASSES,
        copies=copies_of(resource, person), is_unchanged=change.is_unchanged(version.measured), reason_lines=queries.reason_lines, **words(),
    )  # fmt: skip


def _text_difference(base: ResourceVersion, version: ResourceVersion) -> TextDifference | None:
    old, new = _text_of(base), _text_of(version)
    return compare(old, new) if old or new else None


def _text_of(version: ResourceVersion) -> str:
    """What is read or heard: the text, the words in the file, or the transcript."""
    if version.body or version.asset is None:
        return version.body
    spoken = page_queries.transcript_of(version.captions, "zh") if version.captions else []
    return "\n".join(line.text for line in spoken) or version.asset.extracted_text


def _facts(base: ResourceVersion | None, version: ResourceVersion) -> list[tuple[str, str, str]]:
    """What else a reviewer compares: (name, before, now)."""
    new = _facts_of(version)
    old = _facts_of(base) if base is not None else {}
    return [(name, old.get(name, ""), text) for name, text in new.items() if text or old.get(name)]


def _facts_of(version: ResourceVersion) -> dict[str, str]:
    asset, named = version.asset, words()
    return {
        _("File"): f"{asset.filename}，{show_filesize(asset.size)}" if asset else "",
        _("Length"): show_duration(version.duration_s),
        _("Size of the picture"): f"{asset.width}×{asset.height}" if asset and asset.width else "",
        _("Pages"): str(asset.pages) if asset and asset.pages else "",
        _("Origin"): str(named["originalities"][version.originality]),
        _("Licence"): str(named["licences"].get(version.licence, version.licence)),
        _("Captions"): "，".join(caption_label(t.language, is_machine=t.is_machine) for t in version.captions),
        _("Moments"): "；".join(
            f"{show_duration(r.start_s)}–{show_duration(r.end_s)} {local_text(r.point, 'name')}" for r in version.ranges
        ),
    }


def _filters() -> QueueFilters:
    given = request.args
    kind, type_ = given.get("kind", ""), given.get("type", "")
    return QueueFilters(
        state="decided" if given.get("show") == "decided" else "open", mine=given.get("show", "mine") != "all",
        kind=kind if kind in KINDS else "", type=type_ if type_ in RESOURCE_TYPES else "", text=given.get("q", "")[:100],
    )  # fmt: skip


def _tabs(counts: dict[str, int], filters: QueueFilters) -> list[dict[str, Any]]:
    shown = "decided" if filters.state == "decided" else "mine" if filters.mine else "all"
    labels = {"mine": _("For me"), "all": _("All waiting"), "decided": _("Decided by me")}
    return [
        {"label": label, "href": url_for("review.queue", show=key), "current": key == shown, "n": counts[key]}
        for key, label in labels.items()
    ]


def _address(**changes: Any) -> str:
    kept = {name: request.args[name] for name in ("q", "type", "kind", "show") if request.args.get(name)}
    return url_for("review.queue", **{**kept, **changes})
