"""The lesson board: find, arrange, see what it comes to; saved as one goes, and usable without a script."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.catalog import cases, policy, queries, reviewing, services
from courseware.catalog.forms import LessonForm
from courseware.catalog.models import SEGMENTS, STAGES, Activity, Lesson, LessonCase, LessonDecision, LessonVersion
from courseware.catalog.queries.teaching import board_resources, lesson_for_board
from courseware.catalog.queries.withdrawn import replacements_of
from courseware.catalog.views import blueprint
from courseware.core.errors import DomainError, Invalid
from courseware.core.roles import Role
from courseware.discovery import services as discovery
from courseware.resources.models import RESOURCE_TYPES, Resource, ResourceVersion
from courseware.resources.queries import recently_updated, thumbnails_of, version_before
from courseware.review.words import dimension_names
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import undo
from search.engine import IndexUnavailable

TEACHERS = (Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)
TRAY = 24
TIMED_TYPES = ("video", "audio", "animation")
ANSWERS = {
    "accept": _l("It holds the newest version now. Publish the lesson, so that learners see it."),
    "decline": _l("It keeps the version it holds."),
    "hold": _l("It holds the version before now. Publish the lesson, so that learners see it."),
}
DEFAULT_MINUTES = {
    "text": 5, "presentation": 10, "image": 2, "simulation": 20, "other": 5, "question": 3, "task": 15, "discussion": 10, "link": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """A resource as the tray and the board show it, and as the meter counts it."""

    resource: Resource
    thumbnail: str
    uses: int

    @property
    def version(self) -> ResourceVersion | None:
        """What learners see of it."""
        return self.resource.published_version

    @property
    def duration_s(self) -> float | None:
        """Its length when it plays."""
        is_timed = self.resource.type in TIMED_TYPES
        return self.version.duration_s if self.version is not None and is_timed else None

    @property
    def seconds(self) -> int:
        """How long it takes in a lesson."""
        return round(self.duration_s or 60 * DEFAULT_MINUTES.get(self.resource.type, 5))

    @property
    def is_original(self) -> bool:
        """Original with accepted evidence (M3.A): what was decided, not what is claimed."""
        version = self.version
        return version is not None and version.originality == "original" and version.is_evidence_accepted


@dataclass(frozen=True, slots=True)
class BoardItem:
    """An activity on the board; `card` for resources. `newer`: the pinned version is not the one published now."""

    activity: Activity
    card: Card | None
    is_dead: bool = False
    replacement: Resource | None = None
    pinned: ResourceVersion | None = None

    @property
    def newer(self) -> bool:
        """Whether what is held is older than what is published."""
        return (
            self.pinned is not None
            and self.card is not None
            and self.pinned.id != self.card.resource.published_version_id
        )

    @property
    def waits(self) -> bool:
        """Whether a newer version waits for an answer: it was neither taken nor declined."""
        return self.newer and not self.is_dead and self.activity.declined_version_id != self._published_id

    @property
    def _published_id(self) -> int | None:
        return self.card.resource.published_version_id if self.card is not None else None

    def changed_since(self, moment: dt.datetime | None) -> bool:
        """Whether what the item follows was published anew after `moment`."""
        version = self.card.version if self.card is not None and self.pinned is None else None
        if version is None or moment is None or version.num < 2 or version.published_at is None:
            return False
        return version.published_at > moment and not self.is_dead

    @property
    def seconds(self) -> int:
        """How long it takes."""
        minutes = self.activity.minutes
        return self.card.seconds if self.card is not None and self.card.duration_s else minutes * 60


@dataclass(frozen=True, slots=True)
class Segment:
    """A place for items; `stage` is before, during or after class, empty in a free order."""

    key: str
    stage: str
    items: list[BoardItem] = field(default_factory=list)

    @property
    def in_class(self) -> bool:
        """Whether its minutes are minutes in class."""
        return self.stage in ("during", "")


@dataclass(frozen=True, slots=True)
class BoardPage:
    """All that the board shows. `revision` goes back with every save."""

    lesson: Lesson
    version: LessonVersion | None
    revision: int
    layout: str
    stages: Sequence[tuple[str, Sequence[Segment]]]
    units: Sequence[queries.UnitFacts]
    has_changes: bool
    can_build: bool
    is_reviewed: bool = False
    case: LessonCase | None = None

    @property
    def waiting_case(self) -> LessonCase | None:
        """The case of what was handed in and is not decided yet."""
        return self.case if self.case is not None and self.case.state == "open" else None

    @property
    def sent_back(self) -> LessonDecision | None:
        """What review asked to be changed, until the lesson is handed in again."""
        is_back = self.case is not None and self.case.state == "returned"
        return self.case.decisions[-1] if self.case is not None and is_back and self.case.decisions else None

    @property
    def minutes(self) -> int:
        """Minutes planned in class."""
        return self.version.minutes if self.version is not None else 45

    @property
    def segments(self) -> list[Segment]:
        """All places in order."""
        return [segment for _stage, segments in self.stages for segment in segments]

    @property
    def waiting(self) -> list[BoardItem]:
        """Items that hold a version while a newer one waits for an answer."""
        return [item for item in self.items if item.waits]

    @property
    def followed(self) -> list[BoardItem]:
        """Items that follow the newest version and have changed since the lesson was published: learners see that already."""
        published = self.lesson.published_version
        return [i for i in self.items if i.changed_since(published.published_at if published is not None else None)]

    @property
    def items(self) -> list[BoardItem]:
        """Everything on the board."""
        return [item for segment in self.segments for item in segment.items]


@blueprint.get("/teach/lessons/<uuid:uuid>")
@role_needed(*TEACHERS)
def lesson_board(uuid: uuidlib.UUID) -> str:
    """The board of a lesson. `layout` is eight (three stages, eight segments) or free; `q` searches the tray."""
    lesson = lesson_for_board(uuid, signed_in())
    return _draw(lesson, _lesson_form(lesson))


def _draw(lesson: Lesson, form: LessonForm) -> str:
    page = board_page(lesson, signed_in())
    return render_template(
        "catalog/board.html",
        page=page,
        form=form,
        tray=_tray(lesson),
        types=RESOURCE_TYPES,
        asked=_asked(),
        reasons=_reasons(page),
    )


def _reasons(page: BoardPage) -> list[tuple[str, str]]:
    """What review asked to be changed, by the names of its dimensions."""
    if page.case is None or page.sent_back is None:
        return []
    names = dimension_names(reviewing.rules_of_case(page.case))
    return [(names.get(d, d), note) for d, passed, note in reviewing.as_verdicts(page.sent_back) if not passed]


def board_page(lesson: Lesson, person: User) -> BoardPage:
    """Reads the board without writing: a lesson without a draft shows what is published."""
    version = lesson.newest_version
    opened = version.revision if version is not None else 0
    items = _board_items(version.activities if version is not None else [])
    layout = _layout(items)
    return BoardPage(
        lesson, version, opened if lesson.draft_version is not None else opened + 1, layout,
        _stages(items, layout), queries.contents_of(lesson.course).units, lesson.draft_version is not None,
        policy.can_build(person, lesson.course), services.is_reviewed(lesson), cases.last_case(lesson),
    )  # fmt: skip


@blueprint.get("/teach/lessons/<uuid:uuid>/tray")
@role_needed(*TEACHERS)
def tray(uuid: uuidlib.UUID) -> str:
    """What the tray holds for a search, as a fragment of HTML."""
    lesson = lesson_for_board(uuid, signed_in())
    return render_template(
        "catalog/_tray.html", tray=_tray(lesson), lesson=lesson, asked=_asked(), types=RESOURCE_TYPES
    )


@blueprint.put("/teach/lessons/<uuid:uuid>")
@role_needed(*TEACHERS)
def save_lesson(uuid: uuidlib.UUID) -> Response:
    """Saves the board: {version, segments: [{key, items: [...]}]}. 409 when somebody else saved meanwhile."""
    lesson = lesson_for_board(uuid, signed_in())
    given = request.get_json(silent=True)
    if not isinstance(given, dict) or not isinstance(given.get("segments"), list):
        raise Invalid({"segments": [_("Send a JSON object with a list named “segments”.")]})
    version = services.save_draft(signed_in(), lesson, _items(given["segments"]), _whole(given.get("version")))
    saved = version.saved_at.isoformat() if version.saved_at else None
    return jsonify(
        {"version": version.revision, "saved_at": saved, "items": {str(a.key): str(a.key) for a in version.activities}}
    )


@blueprint.post("/teach/lessons/<uuid:uuid>/items")
@role_needed(*TEACHERS)
def add_item(uuid: uuidlib.UUID) -> BaseResponse:
    """Adds one thing by a plain form: a resource, or a text, task, discussion, question or link."""
    lesson, form = lesson_for_board(uuid, signed_in()), request.form
    item: dict[str, Any] = {name: form.get(name, "") for name in ("segment", "title", "text", "url")}
    item["kind"] = form.get("kind", "resource")
    item["minutes"] = form.get("minutes") or DEFAULT_MINUTES.get(item["kind"], 5)
    item["resource"] = form.get("resource") or None
    return _changed(lesson, lambda held: [*held, item], _("Added."))


@blueprint.post("/teach/lessons/<uuid:uuid>/items/<uuid:key>")
@role_needed(*TEACHERS)
def change_item(uuid: uuidlib.UUID, key: uuidlib.UUID) -> BaseResponse:
    """By a plain form: moves an item up or down, takes it out, or answers an update of what it holds or follows.

    accept: holds the newest version from now on; decline: is not asked about this one again; hold: goes back to the version
    before the newest.
    """
    lesson, action = lesson_for_board(uuid, signed_in()), request.form.get("action", "")

    def change(held: list[dict[str, Any]]) -> list[dict[str, Any]]:
        at = next((n for n, item in enumerate(held) if item["key"] == key), None)
        if at is None:
            return held
        if action in ANSWERS:
            held[at] |= _answered(held[at], action)
            return held
        item = held.pop(at)
        if action != "remove":
            held.insert(max(0, at + (-1 if action == "up" else 1)), item)
        return held

    return _changed(lesson, change, str(ANSWERS.get(action, _("Saved."))))


def _answered(item: Mapping[str, Any], action: str) -> dict[str, Any]:
    """What an answer to an update changes in an item."""
    resource: Resource | None = item.get("resource")
    if resource is None or resource.published_version is None:
        return {}
    if action == "decline":
        return {"declined": resource.published_version_id}
    if action == "accept":
        return {"pinned": resource.published_version}
    before = version_before(resource.published_version)
    return {"pinned": before, "declined": resource.published_version_id} if before is not None else {}


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
    return _back(lesson)


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


def _back(lesson: Lesson) -> BaseResponse:
    kept: dict[str, Any] = {name: request.args[name] for name in ("q", "layout", "type", "all") if name in request.args}
    return redirect(url_for("catalog.lesson_board", uuid=lesson.uuid, **kept))


def _changed(lesson: Lesson, change: Any, said: str) -> BaseResponse:
    """Saves the draft with a changed list of items, and comes back to the board."""
    held = [as_item(activity) for activity in services.open_draft(lesson).activities]
    try:
        services.save_draft(signed_in(), lesson, change(held))
    except DomainError as refusal:
        undo()
        flash(_first_problem(refusal), "error")
    else:
        flash(said, "success")
    return _back(lesson)


def _first_problem(refusal: DomainError) -> str:
    problems = getattr(refusal, "problems", {})
    return str(next(iter(problems.values()))[0]) if problems else refusal.sentence()


def as_item(activity: Activity) -> dict[str, Any]:
    """An activity as services.save_draft takes it."""
    same = ("key", "kind", "segment", "title", "text", "url", "minutes")
    own: dict[str, Any] = {name: getattr(activity, name) for name in same}
    return {
        **own, "resource": activity.resource, "pinned": activity.pinned_version, "required": activity.is_required,
        "declined": activity.declined_version_id,
    }  # fmt: skip


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
    pin = row.get("pin")
    seconds = row.get("seconds")
    minutes = -(-seconds // 60) if isinstance(seconds, int | float) and 0 <= seconds < 1e6 else 0
    return {
        "key": row.get("id") or row.get("key"), "kind": row.get("kind") or "resource",
        "segment": "" if segment == "free" else segment, "title": row.get("title") if row.get("kind") != "resource" else "",
        "text": row.get("text"), "url": row.get("url"), "minutes": minutes, "resource": row.get("resource"),
        "pinned": None if pin in (None, "", "latest") else pin, "required": row.get("required") is not False,
    }  # fmt: skip


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid({"version": [_("The version is the number that came with the page.")]})
    return value


def _layout(items: Sequence[BoardItem]) -> str:
    asked = request.args.get("layout", "")
    if asked in ("eight", "free"):
        return asked
    return "free" if items and not any(item.activity.segment for item in items) else "eight"


def _stages(items: Sequence[BoardItem], layout: str) -> list[tuple[str, list[Segment]]]:
    """Places by stage. In a free order there is one; among the eight, what has no place yet stands first."""
    if layout == "free":
        return [("", [Segment("free", "", list(items))])]
    segments = [Segment(key, stage) for key, stage in SEGMENTS.items()]
    loose = Segment("free", "")
    by_key = {segment.key: segment for segment in segments}
    for item in items:
        by_key.get(item.activity.segment, loose).items.append(item)
    first = [("", [loose])] if loose.items else []
    return [*first, *((stage, [s for s in segments if s.stage == stage]) for stage in STAGES)]


def _board_items(activities: Sequence[Activity]) -> list[BoardItem]:
    found = board_resources([a.resource_id for a in activities if a.resource_id is not None])
    cards = _cards(list(found.values()))
    instead = replacements_of([key for key, resource in found.items() if not resource.is_live])
    return [
        BoardItem(
            a, cards.get(a.resource_id or 0), is_dead=a.resource_id is not None and not found[a.resource_id].is_live,
            pinned=a.pinned_version, replacement=instead.get(a.resource_id or 0),
        )
        for a in activities
    ]  # fmt: skip


def _cards(resources: Sequence[Resource]) -> dict[int, Card]:
    pictures, uses = thumbnails_of(resources), queries.count_uses([r.id for r in resources])
    return {r.id: Card(r, pictures.get(r.id, ""), uses.get(r.id, 0)) for r in resources}


def _tray(lesson: Lesson) -> list[Card]:
    """What the search finds, best first; the course's own units unless all are asked for."""
    asked = _asked()
    course = None if asked["all"] else lesson.course
    types = (asked["type"],) if asked["type"] else ()
    try:
        found = discovery.search_resources(signed_in(), asked["q"], course=course, types=types, limit=TRAY)
    except IndexUnavailable:  # while the index is made anew the newest units are better than none
        found = recently_updated(TRAY, lesson.course.library, course)
    ids = [r.id for r in found if r.is_live]
    cards = _cards(list(board_resources(ids).values()))
    return [cards[number] for number in ids]


def _asked() -> dict[str, Any]:
    type_ = request.args.get("type", "")
    return {
        "q": request.args.get("q", "")[:100].strip(),
        "type": type_ if type_ in RESOURCE_TYPES else "",
        "all": "all" in request.args,
    }


def _lesson_form(lesson: Lesson) -> LessonForm:
    version = lesson.newest_version
    given = {"title": lesson.title, "title_en": lesson.title_en}
    if version is not None and version.title:
        given = {"title": version.title, "title_en": version.title_en}
    if version is not None:
        given |= {"minutes": version.minutes, "introduction": version.introduction}  # type: ignore[dict-item]
    return LessonForm(data=given)
