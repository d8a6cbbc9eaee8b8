"""Review of lessons in the browser: handing in with the author's own check, taking back, one case."""

from __future__ import annotations

import uuid as uuidlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.catalog import cases, reviewing
from courseware.catalog.cases import CaseRow
from courseware.catalog.comparing import Change, compare_activities
from courseware.catalog.models import Activity, Lesson, LessonCase, LessonVersion
from courseware.catalog.queries.teaching import lesson_for_board
from courseware.catalog.views import TEACHERS, blueprint
from courseware.core.errors import DomainError, Invalid
from courseware.resources.views.previews import render_markdown
from courseware.review import queries as review
from courseware.review import rulebook
from courseware.review.differences import TextDifference, compare
from courseware.review.errors import ChangedMeanwhile
from courseware.review.forms import CaseForm
from courseware.review.rules import Rules
from courseware.review.words import DIMENSION_HELP, SELF_CHECK, dimension_names, level_name
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.requests import undo

FIELD_NAMES = {
    "kind": _l("kind"), "segment": _l("segment"), "title": _l("title"), "text": _l("text"), "url": _l("address"),
    "minutes": _l("minutes"), "resource_id": _l("which resource"), "pinned_version_id": _l("version held"),
    "is_required": _l("whether it is needed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One activity as the page shows it: its text as HTML, or both texts side by side where it was changed."""

    change: Change
    html: str
    difference: TextDifference | None

    @property
    def activity(self) -> Activity:
        """The activity as it is now, or as it was."""
        return self.change.activity

    @property
    def fields(self) -> str:
        """What differs, in words."""
        return _(", ").join(str(FIELD_NAMES[name]) for name in self.change.fields)


@blueprint.route("/teach/lessons/<uuid:uuid>/hand-in", methods=["GET", "POST"])
@role_needed(*TEACHERS)
def hand_in(uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """The author's own check before a lesson is handed in, with what is different from the published version (R35)."""
    lesson = lesson_for_board(uuid, signed_in())
    if request.method == "GET":
        return _show_check(lesson, {})
    try:
        said = _("I have checked this lesson myself.")
        reviewing.hand_in(signed_in(), lesson, commitment=said, self_check=request.form.getlist("check"))
    except DomainError as refusal:
        undo()
        return _show_check(lesson_for_board(uuid, signed_in()), _problems(refusal)), refusal.status
    flash(_("Handed in. Learners see it once it is approved; until then the version before stays."), "success")
    return redirect(url_for("catalog.lesson_board", uuid=uuid))


@blueprint.post("/teach/lessons/<uuid:uuid>/take-back")
@role_needed(*TEACHERS)
def take_back(uuid: uuidlib.UUID) -> Response:
    """Makes what waits for review the draft again."""
    try:
        reviewing.take_back(signed_in(), lesson_for_board(uuid, signed_in()))
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("It is your draft again. Nothing of it was lost."), "success")
    return redirect(url_for("catalog.lesson_board", uuid=uuid))


@blueprint.route("/review/lessons/<uuid:case_uuid>", methods=["GET", "POST"])
@login_needed
def lesson_case(case_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """One case: what is different, the preview, verdicts, the decision. Refusals keep what was typed."""
    person = signed_in()
    row = cases.case_of(case_uuid, person)
    form = CaseForm.read(request.form, reviewing.rules_of_case(row.case).keys)
    if request.method == "GET":
        return _show_case(person, row, form)
    try:
        reviewing.decide(person, row.case, form.decision, form.as_verdicts(), note=form.note, level=form.level)
    except DomainError as refusal:
        undo()
        form.errors = _problems(refusal)
        return _show_case(person, _what_stands_now(case_uuid, person, form), form), refusal.status
    return _go_on(person, row.case)


def _what_stands_now(case_uuid: uuidlib.UUID, person: User, form: CaseForm) -> CaseRow:
    """The case to show after a refusal. One that a newer one has replaced gives way to it, with the notes."""
    row = cases.case_of(case_uuid, person)
    newer = cases.newer_than(row.case)
    if newer is None:
        return row
    form.errors = {"": [ChangedMeanwhile().sentence()]}
    return cases.case_of(newer.uuid, person)


def _go_on(person: User, done: LessonCase) -> Response:
    flash(_said(done), "success")
    following = cases.next_open(person, done)
    if following is None:
        return redirect(url_for("review.queue"))
    return redirect(url_for("catalog.lesson_case", case_uuid=following.uuid))


def _said(done: LessonCase) -> str:
    title = done.lesson.title
    return {
        "approved": _("“%(title)s” is published.", title=title),
        "returned": _("“%(title)s” went back to its author with your reasons.", title=title),
    }.get(done.state, _("“%(title)s” goes on to the next level of review.", title=title))


def _show_case(person: User, row: CaseRow, form: CaseForm) -> str:
    case, rules = row.case, reviewing.rules_of_case(row.case)
    names = dimension_names(rules)
    changes = changes_between(case.base_version, case.version)
    return render_template(
        "catalog/lesson_case.html", row=row, case=case, lesson=case.lesson, form=form, names=names, help=DIMENSION_HELP,
        changes=changes, counted=Counter(c.change.kind for c in changes), about=_about(case), whom=reviewing.whom(case),
        step_name=level_name(rules.levels[case.level - 1], case.level, rules.levels), newer=cases.newer_than(case),
        can_decide=not row.blocked and case.state == "open", history=cases.history_of(case.lesson),
        verdicts_of=reviewing.as_verdicts, checked=[names.get(key, key) for key in case.self_check], rules=rules,
        person=person, can_preview=case.lesson.review_version_id == case.version_id, own=review.OWN,
    )  # fmt: skip


def _show_check(lesson: Lesson, errors: dict[str, list[str]]) -> str:
    rules = rulebook.rules_of(lesson.course.library)
    version = lesson.draft_version or lesson.newest_version
    changes = changes_between(lesson.published_version, version) if version is not None else []
    return render_template(
        "catalog/hand_in.html", lesson=lesson, lines=_lines(rules), errors=errors, changes=changes, version=version,
        counted=Counter(c.change.kind for c in changes),
    )  # fmt: skip


def changes_between(base: LessonVersion | None, version: LessonVersion) -> list[ShownChange]:
    """Every activity of `version` beside what is published; all are new where nothing is."""
    before = base.activities if base is not None else []
    return [_shown(change) for change in compare_activities(before, version.activities)]


def _shown(change: Change) -> ShownChange:
    text = change.activity.text
    is_rewritten = change.old is not None and change.new is not None and change.old.text != change.new.text
    difference = compare(change.old.text, text) if is_rewritten and change.old is not None else None
    return ShownChange(change, render_markdown(text) if text and difference is None else "", difference)


def _about(case: LessonCase) -> list[tuple[str, str, str]]:
    """What else is different, as (name, before, now); all of it where nothing is published."""
    old, new, lesson = case.base_version, case.version, case.lesson
    pairs = [
        (_("Title"), lesson.title, new.title or lesson.title),
        (_("Title in English"), lesson.title_en, new.title_en if new.title else lesson.title_en),
        (_("Minutes in class"), str(old.minutes) if old else "", str(new.minutes)),
        (_("What it is about"), old.introduction if old else "", new.introduction),
    ]
    return [pair for pair in pairs if (pair[1] != pair[2] if old else pair[2])]


def _lines(rules: Rules) -> Sequence[tuple[str, str, str, bool]]:
    """The author's check list as (dimension, name, what is said of it, ticked)."""
    names, ticked = dimension_names(rules), request.form.getlist("check")
    return [
        (key, names[key], str(SELF_CHECK.get(key, _("I have checked it: %(dimension)s.", dimension=names[key]))), key in ticked)
        for key in rules.keys
    ]  # fmt: skip


def _problems(refusal: DomainError) -> dict[str, list[str]]:
    """A refusal as sentences by field; the empty name is for the whole form."""
    given: Any = refusal.problems if isinstance(refusal, Invalid) else {}
    return {name: [str(text) for text in many] for name, many in given.items()} or {"": [refusal.sentence()]}
