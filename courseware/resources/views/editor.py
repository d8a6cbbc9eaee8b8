"""The editor of a draft: file, description, rights, captions, moments; handing in, taking back, revising."""

from __future__ import annotations

import re
import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import Conflict, Invalid, NotAllowed
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import queries as libraries
from courseware.resources import change, page_queries, policy, proposals, queries, services
from courseware.resources.assets import MAX_BYTES
from courseware.resources.errors import DuplicateContent, EditConflict, SameContent
from courseware.resources.forms import OTHER, DraftForm, MetadataForm
from courseware.resources.metadata import TIMED_TYPES
from courseware.resources.models import LastEdit, Resource, ResourceVersion
from courseware.resources.views import blueprint
from courseware.resources.views.copies import copies_of
from courseware.resources.views.moments import Row, differ, proposed_moments, read_rows, rows_of, show_clock, typed_rows
from courseware.resources.views.page import words
from courseware.resources.views.previews import LANGUAGES, caption_label, preview_of
from courseware.resources.words import LICENCES, TYPES
from courseware.review import queries as reviews
from courseware.review import services as review
from courseware.review.errors import NotComplete, SelfCheckMissing
from courseware.review.views import self_check
from courseware.web.access import login_needed, signed_in
from courseware.web.i18n import local_text
from courseware.web.navigation import teach_nav
from courseware.web.requests import undo

DESCRIPTION = ("title", "title_en", "description", "audience", "source")
RIGHTS = ("has_evidence", "evidence_note", "reason", "summary", "tags")
ANCHORS = {"major": "course", "content": "content", "duration_s": "content", "evidence": "evidence_note"}


@dataclass(slots=True)
class Outcome:
    """What became of a saved form: sentences for the page, each with the field it leads to."""

    problems: list[tuple[str, str, str]] = field(default_factory=list)
    conflict: str = ""
    theirs: list[tuple[str, str, str]] = field(default_factory=list)
    by: LastEdit | None = None
    existing: str = ""
    status: int = 422

    @property
    def is_fine(self) -> bool:
        """Whether everything was saved."""
        return not self.problems and not self.conflict


@blueprint.route("/teach/resources/<uuid:resource_uuid>/edit", methods=["GET", "POST"])
@login_needed
def edit(resource_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """The editor. Saving keeps what others saved: a stale form comes back with 409 and everything that was typed."""
    person = signed_in()
    resource = _own(resource_uuid, person)
    points = knowledge.points_of_library(resource.library)
    form = _form_of(resource, points)
    if request.method == "GET":
        return _show(person, resource, form, points, rows_of(resource), Outcome())
    rows = typed_rows()
    outcome = _save(person, resource, form, points, rows)
    if outcome.is_fine and request.form.get("action") == "submit":
        outcome = _hand_in(person, resource, form)
    if outcome.is_fine:
        return redirect(request.full_path.rstrip("?"))
    if outcome.conflict:
        resource = _own(resource_uuid, person)
        outcome.theirs, outcome.by = _theirs(resource, form), queries.last_edit_of(resource)
    form.expected_version.raw_data, form.expected_version.data = None, resource.lock_version
    return _show(person, resource, form, points, rows, outcome), outcome.status


@blueprint.post("/teach/resources/<uuid:resource_uuid>/submit")
@login_needed
def submit(resource_uuid: uuidlib.UUID) -> Response:
    """Hands the draft in as it was saved; what is missing is listed in the editor."""
    person = signed_in()
    resource = _own(resource_uuid, person)
    editor = redirect(url_for("resources.edit", resource_uuid=resource_uuid))
    if not request.form.get("commitment"):
        flash(_("Confirm first that you have checked it and answer for it."), "error")
        return editor
    try:
        review.submit(
            person, resource, commitment=commitment(), self_check=request.form.getlist("check"),
            flags=request.form.getlist("flag"),
        )  # fmt: skip
    except (NotComplete, SelfCheckMissing) as refusal:
        flash(refusal.sentence(), "error")
        return editor
    flash(_("Handed in. You will see the answer here; reviewers have seven days."), "success")
    return redirect(url_for("resources.my_resources"))


@blueprint.post("/teach/resources/<uuid:resource_uuid>/take-back")
@login_needed
def take_back(resource_uuid: uuidlib.UUID) -> Response:
    """Takes the draft back from review before anybody has decided."""
    person = signed_in()
    resource = _own(resource_uuid, person)
    waiting = review.open_submission(resource)
    if waiting is None:
        raise Conflict()
    review.take_back(person, waiting)
    flash(_("Taken back. You can change it again."), "success")
    return redirect(url_for("resources.edit", resource_uuid=resource_uuid))


@blueprint.post("/teach/resources/<uuid:resource_uuid>/revise")
@login_needed
def revise(resource_uuid: uuidlib.UUID) -> Response:
    """Opens the next version as a copy of the published one; content and reason follow in the editor."""
    person = signed_in()
    resource = queries.resource_by_uuid(resource_uuid, person)
    services.start_revision(person, resource)
    return redirect(url_for("resources.edit", resource_uuid=resource_uuid))


def commitment() -> str:
    """What the author confirms when handing in (R35)."""
    return _(
        "I have checked this resource for political, scientific and practical soundness and for the norms of the library, "
        "and I hold the rights named here."
    )


def _own(resource_uuid: uuidlib.UUID, person: User) -> Resource:
    resource = queries.resource_by_uuid(resource_uuid, person)
    if not policy.can_edit(person, resource):
        raise NotAllowed()
    return resource


# --- the form ---------------------------------------------------------------------------------------------------------


def _form_of(resource: Resource, points: Sequence[Point]) -> MetadataForm:
    values = _values(resource)
    form: MetadataForm = DraftForm(data=values) if resource.draft_version is not None else MetadataForm(data=values)
    courses = libraries.courses_of(resource.library)
    form.course.choices = [("", _("Choose one")), *((str(c.uuid), local_text(c, "name")) for c in courses)]
    form.points.choices = [(str(point.uuid), local_text(point, "name")) for point in points]
    if resource.language and resource.language not in dict(form.language.choices):
        form.language.choices = [*form.language.choices, (resource.language, resource.language)]
    return form


def _values(resource: Resource) -> dict[str, Any]:
    described = {name: getattr(resource, name) for name in (*DESCRIPTION, "language", "type")}
    described |= {
        "expected_version": resource.lock_version, "course": str(resource.course.uuid) if resource.course else "",
        "points": [str(p.uuid) for p in resource.points], "keywords": "，".join(resource.keywords),
        "difficulty": str(resource.difficulty or ""),
    }  # fmt: skip
    draft = resource.draft_version
    return described if draft is None else described | _version_values(draft)


def _version_values(draft: ResourceVersion) -> dict[str, Any]:
    known = draft.licence in LICENCES or not draft.licence
    return {name: getattr(draft, name) for name in (*RIGHTS, "body", "originality")} | {
        "licence": draft.licence if known else OTHER, "licence_words": "" if known else draft.licence,
        "proposed_class": draft.proposed_class or change.MINOR,
    }  # fmt: skip


def _changes(resource: Resource, form: MetadataForm, points: Sequence[Point]) -> dict[str, Any]:
    chosen = set(form.points.data or [])
    kept = [p for p in resource.points if str(p.uuid) in chosen]
    changes: dict[str, Any] = {name: (form[name].data or "").strip() for name in DESCRIPTION} | {
        "points": [*kept, *(p for p in points if str(p.uuid) in chosen and p not in kept)],
        "course": _course_of(resource, form.course.data), "language": form.language.data,
        "keywords": [word.strip() for word in re.split(r"[,，、;；]", form.keywords.data or "") if word.strip()],
        "difficulty": int(form.difficulty.data) if form.difficulty.data else None,
    }  # fmt: skip
    if changes["course"] is not None:
        changes["major"] = changes["course"].major
    if isinstance(form, DraftForm) and resource.draft_version is not None:
        changes |= _draft_changes(resource, resource.draft_version, form)
    return changes


def _course_of(resource: Resource, wanted: str | None) -> Any:
    return next((c for c in libraries.courses_of(resource.library) if str(c.uuid) == wanted), None)


def _draft_changes(resource: Resource, draft: ResourceVersion, form: DraftForm) -> dict[str, Any]:
    licence = form.licence_words.data if form.licence.data == OTHER else form.licence.data
    changes: dict[str, Any] = {name: form[name].data for name in RIGHTS}
    changes |= {"originality": form.originality.data or draft.originality, "licence": (licence or "").strip()}
    if draft.asset_id is None and "body" in request.form:
        changes["body"] = (form.body.data or "").replace("\r\n", "\n")
    if resource.published_version_id is None and "type" in request.form:
        changes["type"] = form.type.data
    return changes


# --- saving -----------------------------------------------------------------------------------------------------------


def _save(
    person: User, resource: Resource, form: MetadataForm, points: Sequence[Point], rows: Sequence[Row]
) -> Outcome:
    ranges, bad_rows = read_rows(rows, {str(p.uuid): p for p in points})
    if not form.validate() or bad_rows:
        return Outcome(problems=[*_form_problems(form), *(("ranges", _("Moments"), text) for text in bad_rows)])
    try:
        _write(person, resource, form, points, ranges)
    except (DuplicateContent, SameContent) as refusal:  # the refusal stays in the ledger, nothing else was written
        existing = str(refusal.existing_uuid or "") if isinstance(refusal, DuplicateContent) else ""
        return Outcome([("body", _("Text"), refusal.sentence())], existing=existing)
    except (Conflict, StaleDataError) as refusal:
        undo()
        return Outcome(
            conflict=str(refusal) if isinstance(refusal, Conflict) else EditConflict().sentence(), status=409
        )
    except Invalid as refusal:
        undo()
        return Outcome(_problems(form, refusal.problems))
    flash(_("Saved."), "success")
    return Outcome()


def _write(
    person: User, resource: Resource, form: MetadataForm, points: Sequence[Point], ranges: Sequence[Any] | None
) -> None:
    changes, expected = _changes(resource, form, points), form.expected_version.data or 0
    if isinstance(form, DraftForm):
        services.edit_draft(person, resource, changes, expected)
    else:
        if resource.lock_version != expected:
            raise EditConflict()
        services.edit_metadata(person, resource, changes)
    version = resource.draft_version or resource.published_version
    if ranges is not None and version is not None and differ(version, ranges):
        services.set_point_ranges(version, ranges, person)
    session().flush()


def _hand_in(person: User, resource: Resource, form: MetadataForm) -> Outcome:
    if not isinstance(form, DraftForm):
        return Outcome()
    missing = _problems(form, _by_field(services.missing_metadata(resource)))
    missing += self_check.problems_of(resource)
    if not form.commitment.data:
        missing.append(("commitment", str(form.commitment.label.text), _("Confirm this to hand it in.")))
    if missing:
        return Outcome(missing)
    proposed = form.proposed_class.data if form.proposed_class.data in (change.SUBSTANTIVE, change.MINOR) else None
    is_update = resource.published_version_id is not None
    review.submit(
        person, resource, commitment=commitment(), proposed_class=proposed if is_update else None,
        self_check=request.form.getlist("check"), flags=request.form.getlist("flag"),
    )  # fmt: skip
    flash(_("Handed in. You will see the answer here; reviewers have seven days."), "success")
    return Outcome()


def _by_field(problems: Sequence[Any]) -> dict[str, list[Any]]:
    return {
        name: [p.sentence for p in problems if p.field == name] for name in dict.fromkeys(p.field for p in problems)
    }


def _form_problems(form: MetadataForm) -> list[tuple[str, str, str]]:
    return _problems(form, {name: errors for name, errors in form.errors.items() if name})


def _problems(form: MetadataForm, problems: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """Each problem as (anchor, name of the field, sentence); fields of the form carry theirs as well."""
    found = []
    for name, sentences in problems.items():
        anchor = ANCHORS.get(name, name)
        text = " ".join(str(sentence) for sentence in sentences)
        known = form._fields.get(anchor)
        if known is not None:
            known.errors = [text]
        found.append((anchor, str(known.label.text) if known is not None else _label(name), text))
    return found


def _label(name: str) -> str:
    labels = {"content": _("Content"), "duration_s": _("Length"), "ranges": _("Moments"), "unit": _("Unit")}
    return labels.get(name, _("Resource"))


def _theirs(resource: Resource, form: MetadataForm) -> list[tuple[str, str, str]]:
    """(field, what is stored, what was typed) where the two differ."""
    stored = _values(resource)
    texts = [
        n for n in ("title", "title_en", "description", "keywords", "audience", "source", "reason", "body") if n in form
    ]
    return [
        (str(form[name].label.text), str(stored.get(name) or "—"), str(form[name].data or "—"))
        for name in texts
        if (form[name].data or "").replace("\r\n", "\n").strip() != str(stored.get(name) or "").strip()
    ]


# --- the page ---------------------------------------------------------------------------------------------------------


def _show(
    person: User, resource: Resource, form: MetadataForm, points: Sequence[Point], rows: Sequence[Row], outcome: Outcome
) -> str:
    draft = resource.draft_version
    version = draft or resource.published_version
    assert version is not None
    is_timed = resource.type in TIMED_TYPES or (version.asset is not None and version.asset.kind in ("video", "audio"))
    return render_template(
        "resources/editor.html", resource=resource, draft=draft, version=version, form=form, outcome=outcome,
        copies=copies_of(resource, person),
        rows=[*rows, *(Row() for _i in range(3 if not rows else 2))] if is_timed else [], is_timed=is_timed, show_clock=show_clock,
        moments=proposed_moments(version, points, rows) if is_timed and _can(person, resource)["write"] else [],
        groups=_grouped(points), points=points, types=TYPES, proposed=_proposed(resource, version),
        missing=services.missing_metadata(resource) if draft is not None else [], anchors=ANCHORS,
        preview=preview_of(resource, version, person, is_study=False), evidence=change.evidence_sentences(version.measured),
        progress=page_queries.progress_of([version.asset]).get(version.asset_id or 0),
        returned=reviews.last_return(version) if version.state == "returned" else None, reason_lines=reviews.reason_lines,
        waiting=review.open_submission(resource) if version.state == "in_review" else None, commitment=commitment(),
        versions=queries.versions_of(resource, person), caption_label=caption_label, caption_languages=LANGUAGES,
        self_check=self_check.of(version), can=_can(person, resource), max_bytes=MAX_BYTES, side_nav=teach_nav(), **words(),
    )  # fmt: skip


def _can(person: User, resource: Resource) -> dict[str, bool]:
    state = resource.draft_version.state if resource.draft_version is not None else ""
    withdrawn = resource.published_version_id is not None and not resource.is_live
    return {
        "write": state in ("draft", "returned") or (not state and resource.is_live), "submit": state in ("draft", "returned"),
        "revise": not state and resource.is_live and policy.can_revise(person, resource), "withdrawn": withdrawn,
    }  # fmt: skip


def _grouped(points: Sequence[Point]) -> list[tuple[str, list[Point]]]:
    groups: dict[str, list[Point]] = {}
    for point in points:
        groups.setdefault(local_text(point.course, "name") if point.course else _("Without a course"), []).append(point)
    return list(groups.items())


def _proposed(resource: Resource, version: ResourceVersion) -> dict[str, Any]:
    """What the machine proposed and nobody has changed yet; only for a first draft with a file, before it is handed in."""
    if version.asset is None or version.num > 1 or version.submitted_at is not None:
        return {}
    found = proposals.propose(resource.library, version.asset, version.asset.filename)
    return {
        "title": resource.title == found.title, "type": resource.type == found.type,
        "language": resource.language == found.language, "course": bool(found.points),
        "points": {str(point.uuid) for point in found.points},
    }  # fmt: skip
