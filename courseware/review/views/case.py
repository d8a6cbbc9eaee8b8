"""One case: content, difference, hints, verdicts; taking and releasing it, marks, named reviewers."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_time
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.core.errors import DomainError, Invalid
from courseware.resources import change
from courseware.resources.models import ResourceVersion
from courseware.resources.views.copies import copies_of
from courseware.resources.views.page import words
from courseware.resources.views.previews import caption_label, preview_of
from courseware.resources.words import MACHINE_CLASSES
from courseware.review import opinions, policy, queries, rulebook, services
from courseware.review.differences import TextDifference, compare
from courseware.review.errors import ChangedMeanwhile
from courseware.review.forms import CaseForm
from courseware.review.hints import Hint, by_dimension, hints_of
from courseware.review.models import FLAGS, Submission
from courseware.review.queries import Case
from courseware.review.rules import Rules
from courseware.review.views import blueprint
from courseware.review.words import DIMENSION_HELP, FLAG_HELP, FLAG_NAMES, dimension_names, level_name
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.i18n import is_english, local_text, show_duration, show_filesize
from courseware.web.requests import undo


@blueprint.route("/review/<uuid:submission_uuid>", methods=["GET", "POST"])
@login_needed
def case(submission_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """One submission: content, difference, verdicts, the decision. Refusals keep what was typed."""
    person = signed_in()
    found = queries.case_of(submission_uuid, person)
    if request.method == "GET":
        return _show(person, found, _begun(person, found))
    form = CaseForm.read(request.form, found.rules.keys)
    try:
        services.decide(
            person, found.submission, form.decision, form.as_verdicts(), note=form.note, level=form.level, seen=form.seen,
            decided_class=form.decided_class if found.base else None, is_evidence_accepted=form.is_evidence_accepted,
        )  # fmt: skip
    except DomainError as refusal:
        undo()
        form.errors = errors_of(refusal)
        return _show(person, _what_stands_now(submission_uuid, person, form), form), refusal.status
    return _go_on(person, found.submission)


def _begun(person: User, found: Case) -> CaseForm:
    """The form as the person left it, or an empty one."""
    kept = opinions.opinion_of(person, found.submission) if found.can_decide else None
    if kept is not None:
        return CaseForm.restored(kept.content, kept.saved_at, found.rules.keys)
    return CaseForm(found.rules.keys, decided_class=found.version.proposed_class)


@blueprint.post("/review/<uuid:submission_uuid>/opinion")
@role_needed(*policy.REVIEWING)
def keep_opinion(submission_uuid: uuidlib.UUID) -> Response | tuple[str, int]:
    """Keeps an unfinished opinion: asked by the page itself every few seconds of writing, or by "continue later"."""
    person = signed_in()
    found = services.submission_of(submission_uuid, person)
    if request.form.get("forget"):
        opinions.forget(person, found)
        return redirect(url_for("review.case", submission_uuid=submission_uuid))
    form = CaseForm.read(request.form, rulebook.rules_of_case(found).keys)
    kept = opinions.keep(person, found, form.as_kept(), form.level)
    if request.headers.get("X-Keku-Autosave"):
        return _("Kept at %(at)s", at=format_time(kept.saved_at, "HH:mm")), 200
    flash(_("Your unfinished opinion is kept. Only you see it."), "success")
    return redirect(url_for("review.queue"))


def _what_stands_now(submission_uuid: uuidlib.UUID, person: User, form: CaseForm) -> Case:
    """The case to show after a refusal. One that a newer submission has replaced gives way to it, with the notes."""
    found = queries.case_of(submission_uuid, person)
    if found.newer is not None:
        form.errors = {"": [ChangedMeanwhile().sentence()]}
        return queries.case_of(found.newer.uuid, person)
    return found


@blueprint.post("/review/<uuid:submission_uuid>/claim")
@role_needed(*policy.REVIEWING)
def claim(submission_uuid: uuidlib.UUID) -> Response:
    """Takes the case for half an hour, so that nobody else reads it at the same time."""
    return _change(submission_uuid, services.claim)


@blueprint.post("/review/<uuid:submission_uuid>/release")
@role_needed(*policy.REVIEWING)
def release(submission_uuid: uuidlib.UUID) -> Response:
    """Lets others take the case."""
    return _change(submission_uuid, services.release)


@blueprint.post("/review/<uuid:submission_uuid>/flags")
@role_needed(*policy.REVIEWING)
def set_flags(submission_uuid: uuidlib.UUID) -> Response:
    """Marks the case as showing maps, minors and so on: those named for it decide as well."""
    chosen = request.form.getlist("flag")
    return _change(submission_uuid, lambda person, found: services.set_flags(person, found, chosen))


@blueprint.post("/review/<uuid:submission_uuid>/reviewers")
@role_needed(*policy.STEWARDS)
def name_reviewers(submission_uuid: uuidlib.UUID) -> Response:
    """A librarian hands the present level to somebody by e-mail."""
    person = accounts.user_by_email(request.form.get("email", "").strip())
    if person is None or not policy.can_review(person):
        flash(_("Nobody with a reviewing role has this e-mail address."), "error")
        return redirect(url_for("review.case", submission_uuid=submission_uuid))
    return _change(submission_uuid, lambda who, found: services.name_reviewers(who, found, [person]))


def _change(submission_uuid: uuidlib.UUID, act: Callable[[User, Submission], None]) -> Response:
    person = signed_in()
    found = services.submission_of(submission_uuid, person)
    try:
        act(person, found)
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    return redirect(url_for("review.case", submission_uuid=submission_uuid))


def _go_on(person: User, done: Submission) -> Response:
    flash(outcome_of(done), "success")
    following = queries.next_open(person, done)
    if following is None:
        return redirect(url_for("review.queue"))
    return redirect(url_for("review.case", submission_uuid=following))


def outcome_of(done: Submission) -> str:
    """What a decision led to, in a sentence."""
    title = local_text(done.version.resource, "title")
    return {
        "approved": _("“%(title)s” is published.", title=title),
        "returned": _("“%(title)s” went back to its author with your reasons.", title=title),
        "rejected": _("“%(title)s” was not accepted.", title=title),
    }.get(done.state, _("“%(title)s” goes on to the next level of review.", title=title))


def errors_of(refusal: DomainError) -> dict[str, list[str]]:
    """A refusal as sentences by field; the empty name is for the whole form."""
    if isinstance(refusal, Invalid) and refusal.problems:
        return {name: [str(text) for text in many] for name, many in refusal.problems.items()}
    return {"": [refusal.sentence()]}


def found_in(version: ResourceVersion, rules: Rules) -> list[Hint]:
    """What the machine noticed about a version, in the reader's language."""
    return hints_of(version, rules, queries.text_of(version), is_english=is_english())


def _show(person: User, found: Case, form: CaseForm) -> str:
    resource, version, base = found.resource, found.version, found.base
    hints, names = found_in(version, found.rules), dimension_names(found.rules)
    steps = found.steps
    return render_template(
        "review/case.html", case=found, submission=found.submission, resource=resource, version=version, base=base,
        form=form, preview=preview_of(resource, version, person, is_study=False),
        base_preview=preview_of(resource, base, person, is_study=False) if base is not None else None,
        difference=_difference(base, version) if base is not None else None, since_return=_since_return(found),
        facts=_facts(base, version), evidence=change.evidence_sentences(version.measured), hints=hints,
        hints_by=by_dimension(hints, found.rules.keys), dimensions=found.rules.keys, dimension_names=names,
        dimension_help=DIMENSION_HELP, flags=FLAGS, flag_names=FLAG_NAMES, flag_help=FLAG_HELP,
        step_names=[level_name(step, n, steps) for n, step in enumerate(steps, start=1)], whom=services.whom(found.submission),
        claim=services.claim_words(found.submission), can_name=policy.can_name_reviewers(person, found.submission),
        people=rulebook.people_who_may() if found.blocked and policy.can_name_reviewers(person, found.submission) else (),
        is_above_floor=change.is_above_floor(resource.type, version.measured), person=person,
        machine_class=version.measured.get("class"), machine_classes=MACHINE_CLASSES,
        copies=copies_of(resource, person), is_unchanged=change.is_unchanged(version.measured),
        self_checked=[names.get(key, key) for key in found.submission.self_check], reason_lines=queries.reason_lines, **words(),
    )  # fmt: skip


def _difference(base: ResourceVersion, version: ResourceVersion) -> TextDifference | None:
    old, new = queries.text_of(base), queries.text_of(version)
    return compare(old, new) if old or new else None


def _since_return(found: Case) -> TextDifference | None:
    """What the author changed after the case was sent back; None where it never was."""
    if found.returned_text is None:
        return None
    return compare(found.returned_text, queries.text_of(found.version))


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
