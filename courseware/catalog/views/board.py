"""The lesson board: the page, saving as one goes, who else is here. Usable without a script."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courseware.catalog import coediting, presence, reviewing, services
from courseware.catalog.board import BoardPage, Card, board_page, cards_of, held_by, revision_of
from courseware.catalog.board_models import LAYOUTS
from courseware.catalog.errors import BothChanged
from courseware.catalog.forms import LessonForm
from courseware.catalog.models import Lesson
from courseware.catalog.offers import offers_for
from courseware.catalog.queries.teaching import lesson_for_board
from courseware.catalog.templates_of_lessons import templates_for
from courseware.catalog.views import TEACHERS, blueprint
from courseware.catalog.views.tray import find_units, read_tray
from courseware.core.errors import DomainError, Invalid
from courseware.review.words import dimension_names
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import undo

#: What of the address stays after an act.
KEPT = ("q", "type", "point", "unit", "length", "originality", "all", "layout")


@blueprint.get("/teach/lessons/<uuid:uuid>")
@role_needed(*TEACHERS)
def lesson_board(uuid: uuidlib.UUID) -> str:
    """The board of a lesson. `layout` is eight (three stages, eight segments) or free; `q` and filters search the tray."""
    lesson = lesson_for_board(uuid, signed_in())
    return _draw(lesson, _lesson_form(lesson))


def _draw(lesson: Lesson, form: LessonForm) -> str:
    found = find_units(lesson)
    cards = cards_of([*held_by(lesson), *found.ids])  # of the board and of the tray at once
    page = read_board(lesson, cards)
    return render_template(
        "catalog/board.html", page=page, form=form, tray=read_tray(lesson, found, cards), reasons=_reasons(page), offers=offers_for(page),
        templates=templates_for(signed_in()), reader_id=signed_in().id, others=presence.others(signed_in(), lesson),
    )  # fmt: skip


def read_board(lesson: Lesson, cards: Mapping[int, Card] | None = None) -> BoardPage:
    """The board for the person who asks, in the layout of the address; `cards` saves reading them again."""
    asked = request.args.get("layout", "")
    return board_page(lesson, signed_in(), asked if asked in LAYOUTS else "", cards)


def _reasons(page: BoardPage) -> list[tuple[str, str]]:
    """What review asked to be changed, by the names of its dimensions."""
    if page.case is None or page.sent_back is None:
        return []
    names = dimension_names(reviewing.rules_of_case(page.case))
    return [(names.get(d, d), note) for d, passed, note in reviewing.as_verdicts(page.sent_back) if not passed]


@blueprint.get("/teach/lessons/<uuid:uuid>/plan")
@role_needed(*TEACHERS)
def plan(uuid: uuidlib.UUID) -> Response:
    """What lies on the board now, for a page that is open: {version, plan, offers, can_undo, can_redo}."""
    return jsonify(as_it_is(lesson_for_board(uuid, signed_in())))


def as_it_is(lesson: Lesson, **more: Any) -> dict[str, Any]:
    """The board as an open page takes it over. The fragments are HTML of the same templates that draw the page."""
    page = read_board(lesson)
    parts = {
        "plan": render_template("catalog/_plan.html", page=page),
        "offers": render_template("catalog/_offers.html", lesson=lesson, offers=offers_for(page)),
    }
    return {"version": page.revision, **parts, "can_undo": page.steps.back, "can_redo": page.steps.forth, **more}


@blueprint.put("/teach/lessons/<uuid:uuid>")
@role_needed(*TEACHERS)
def save_lesson(uuid: uuidlib.UUID) -> Response | tuple[Response, int]:
    """Saves the board: {version, segments: [{key, items: [...]}], base?: the same before one's changes, prefer?}.

    409 when somebody else saved meanwhile and no `base` came along, or both changed the same (`clashes` in words).
    """
    lesson = lesson_for_board(uuid, signed_in())
    given = request.get_json(silent=True)
    if not isinstance(given, dict) or not isinstance(given.get("segments"), list):
        raise Invalid({"segments": [_("Send a JSON object with a list named “segments”.")]})
    base = given.get("base")
    try:
        saved = coediting.save_together(
            signed_in(), lesson, _items(given["segments"]), _whole(given.get("version")),
            _items(base) if isinstance(base, list) else None, str(given.get("prefer") or ""),
        )  # fmt: skip
    except BothChanged as clash:
        undo()
        answer = {"code": clash.code, "detail": clash.sentence(), "clashes": clash.clashes, "title": clash.sentence()}
        return jsonify(answer), 409
    return jsonify(_saved(lesson, saved))


def _saved(lesson: Lesson, saved: coediting.Saved) -> dict[str, Any]:
    version = saved.version
    at = version.saved_at.isoformat() if version.saved_at else None
    if not saved.merged_with:
        items = {str(a.key): str(a.key) for a in version.activities}
        return {"version": version.revision, "saved_at": at, "items": items, "can_undo": True, "can_redo": False}
    said = _("%(name)s changed the lesson meanwhile. Both are in it now.", name=saved.merged_with)
    return as_it_is(lesson, saved_at=at, said=said)


@blueprint.post("/teach/lessons/<uuid:uuid>/presence")
@role_needed(*TEACHERS)
def sign_presence(uuid: uuidlib.UUID) -> Response:
    """The board is open here ({editing}): who else has it open, and the revision that is saved now."""
    lesson, person = lesson_for_board(uuid, signed_in()), signed_in()
    given = request.get_json(silent=True)
    presence.sign_in(person, lesson, is_editing=isinstance(given, dict) and given.get("editing") is True)
    others = presence.others(person, lesson)
    version = lesson.newest_version
    by = coediting.last_editor(version, person) if version is not None else ""
    return jsonify(
        {"version": revision_of(lesson), "by": by, "others": render_template("catalog/_others.html", others=others)}
    )


@blueprint.post("/teach/lessons/<uuid:uuid>/settings")
@role_needed(*TEACHERS)
def edit_lesson(uuid: uuidlib.UUID) -> str | BaseResponse:
    """Title, minutes in class, what the lesson is about."""
    lesson, form, person = lesson_for_board(uuid, signed_in()), LessonForm(), signed_in()
    if not form.validate_on_submit():
        return _draw(lesson, form)
    services.rename_lesson(person, lesson, form.title.data or "", form.title_en.data or "")
    services.edit_lesson(person, lesson, minutes=form.minutes.data or 45, introduction=form.introduction.data or "")
    flash(_("Saved."), "success")
    return back(lesson)


@blueprint.post("/teach/lessons/<uuid:uuid>/publish")
@role_needed(*TEACHERS)
def publish_lesson(uuid: uuidlib.UUID) -> BaseResponse:
    """Shows the draft to learners; the version before is kept. Where lessons are reviewed, leads to the author's check."""
    lesson = lesson_for_board(uuid, signed_in())
    if services.is_reviewed(lesson):
        return redirect(url_for("catalog.hand_in", uuid=uuid))
    try:
        services.publish_lesson(signed_in(), lesson)
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("Learners see this lesson now. What they had done stays done."), "success")
    return redirect(url_for("catalog.lesson_board", uuid=uuid))


def back(lesson: Lesson) -> BaseResponse:
    """To the board, as it was searched and laid out."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in KEPT}
    return redirect(url_for("catalog.lesson_board", uuid=lesson.uuid, **kept))


def _items(segments: Sequence[Any]) -> list[dict[str, Any]]:
    """The items of the board's JSON, in order, as services.save_draft takes them."""
    found: list[dict[str, Any]] = []
    for segment in segments:
        rows = segment.get("items") if isinstance(segment, dict) else None
        if not isinstance(rows, list):
            raise Invalid({"segments": [_("Every segment has a key and a list of items.")]})
        found += [_item(row, str(segment.get("key") or "")) for row in rows if isinstance(row, dict)]
    return found


def _item(row: Mapping[str, Any], segment: str) -> dict[str, Any]:
    """In a free order an item keeps the segment it had (`place`), for the day somebody looks at the eight again."""
    pin, seconds = row.get("pin"), row.get("seconds")
    minutes = -(-seconds // 60) if isinstance(seconds, int | float) and 0 <= seconds < 1e6 else 0
    return {
        "key": row.get("id") or row.get("key") or str(uuidlib.uuid4()), "kind": row.get("kind") or "resource",
        "segment": str(row.get("place") or "") if segment == "free" else segment,
        "title": row.get("title") if row.get("kind") != "resource" else "",
        "text": row.get("text"), "url": row.get("url"), "minutes": minutes, "resource": row.get("resource"),
        "pinned": None if pin in (None, "", "latest") else pin, "required": row.get("required") is not False,
    }  # fmt: skip


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid({"version": [_("The version is the number that came with the page.")]})
    return value


def _lesson_form(lesson: Lesson) -> LessonForm:
    version = lesson.newest_version
    given = {"title": lesson.title, "title_en": lesson.title_en}
    if version is not None and version.title:
        given = {"title": version.title, "title_en": version.title_en}
    if version is not None:
        given |= {"minutes": version.minutes, "introduction": version.introduction}  # type: ignore[dict-item]
    return LessonForm(data=given)
