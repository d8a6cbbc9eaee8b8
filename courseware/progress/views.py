"""Learning a lesson, and all that one learns."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.catalog import policy
from courseware.catalog import queries as catalog
from courseware.catalog.memory import memory
from courseware.catalog.models import Lesson, LessonVersion
from courseware.catalog.queries import CourseContents, CourseHead, Item, LessonFacts, PointFacts
from courseware.catalog.queries.facts import RunFacts
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import DomainError, Invalid, NotFound
from courseware.core.roles import Role
from courseware.enrollment import queries as enrollment
from courseware.enrollment.queries import Standing
from courseware.progress import appeals, keeping, queries, services
from courseware.progress.days import date_of
from courseware.progress.doors import Door, door_of
from courseware.progress.errors import CreditNeedsEnrollment, LessonClosed, RunEnded
from courseware.progress.following import LessonState, Seen, Step
from courseware.progress.keeping import Kept
from courseware.progress.models import APPEAL_STATES
from courseware.progress.words import appeal_states, credit_reason, credit_rule, heading, step_sentence
from courseware.resources.models import Asset, Resource, ResourceVersion
from courseware.resources.views.previews import Preview, preview_of, render_markdown
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.requests import undo

blueprint = Blueprint("progress", __name__)
EVENTS = "/api/v1/events"
IN_REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Content:
    """The thing in the middle of a lesson page: public, kept with the course's content version."""

    preview: Preview | None = None
    points: Sequence[PointFacts] = ()
    description: str = ""
    author: str = ""
    unit: str = ""
    html: str = ""
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class LearnPage:
    """All that a lesson page shows. `role` says how the person is here: preview, guest, outside, learner."""

    course: CourseHead
    contents: CourseContents
    lesson: LessonFacts
    number: int
    role: str
    states: queries.CourseStates
    state: LessonState
    item: Item | None
    content: Content
    before: tuple[LessonFacts, Item | None] | None
    after: tuple[LessonFacts, Item | None] | None
    steps: Sequence[Step] = field(default_factory=tuple)
    kept: Kept | None = None
    place: Standing | None = None
    door: Door | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the learner has to wait for this lesson."""
        return self.door is not None and self.door.is_closed

    @property
    def ended_run(self) -> Standing | None:
        """The learner's place, where its run is over."""
        return self.place if self.place is not None and self.place.has_ended(clock.now()) else None

    @property
    def open_run(self) -> RunFacts | None:
        """The run one may join by oneself now."""
        return self.contents.open_run(clock.now())

    @property
    def is_newer(self) -> bool:
        """Whether the lesson was published after the learner's run was frozen: to be read, not part of the run."""
        run = self.course.contents_of_run(self.place.frozen_at) if self.place is not None else self.contents
        return self.role == "learner" and self.lesson.uuid not in run.by_lesson

    @property
    def seen(self) -> Seen | None:
        """What the person has seen of the thing in the middle."""
        return self.state.seen.get(self.item.resource_id or 0) if self.item is not None else None

    @property
    def step(self) -> Step | None:
        """What is left to do with the thing in the middle."""
        return next((s for s in self.steps if self.item is not None and s.item.key == self.item.key), None)

    @property
    def open_steps(self) -> Sequence[Step]:
        """What is left in the lesson, the thing in the middle first."""
        return sorted(self.steps, key=lambda step: step is not self.step)

    @property
    def events_url(self) -> str | None:
        """Where events go: nowhere for guests."""
        return None if self.role == "guest" else EVENTS

    @property
    def preview(self) -> str:
        """Which preview it is: "1" of the board, "review" of what waits for review."""
        return IN_REVIEW if request.args.get("preview") == IN_REVIEW else "1"

    @property
    def context(self) -> str:
        """How events are marked, so that previews count for nothing."""
        return "preview" if self.role == "preview" else ""


@blueprint.get("/learn/<uuid:lesson_uuid>")
def learn(lesson_uuid: uuidlib.UUID) -> str:
    """A lesson: outline, one thing in the middle, what is left to do. `at` names the thing by its key.

    Guests look; people in the course get credit. `preview` shows the draft to those who build it.
    """
    page = learn_page(lesson_uuid, actor())
    return render_template(
        "progress/learn.html",
        page=page,
        heading=heading,
        step_sentence=step_sentence,
        start_at=request.args.get("t", 0, int),
    )


def learn_page(lesson_uuid: uuidlib.UUID, person: User | None) -> LearnPage:
    """Reads the page for `person`; raises NotFound."""
    course = catalog.course_of_lesson(lesson_uuid, person)
    place = enrollment.standing_in(person, course.id)
    contents = _contents(course, lesson_uuid, place)
    draft = _draft(lesson_uuid, person) if "preview" in request.args or lesson_uuid not in contents.by_lesson else None
    facts = draft or contents.by_lesson.get(lesson_uuid)
    if facts is None:
        raise NotFound()
    role = "preview" if draft is not None else _role(person, place)
    learner = person if role == "learner" else None
    states = queries.course_states(learner, contents, course.id)
    door = door_of(contents, facts, place, states.completed, clock.now()) if learner and place else None
    state = queries.lesson_state(learner, facts)
    item = None if door is not None and door.is_closed else _item(facts, state)
    kept = _kept(learner, item)
    shown = replace(item, version_id=kept.version_id, duration_s=kept.duration_s) if item and kept else item
    before, after = _neighbours(contents, facts, item)
    found = contents.module_of(lesson_uuid)
    return LearnPage(
        course, contents, facts, found[0] if found else 0, role, states,
        state, item, _content(contents, shown, draft is not None), before, after, state.steps(), kept, place, door,
    )  # fmt: skip


def _contents(course: CourseHead, lesson_uuid: uuidlib.UUID, place: Standing | None) -> CourseContents:
    """The course as the person's run froze it; as it is published for everybody else, and for a lesson that came later."""
    if place is None or place.frozen_at is None:
        return course.contents
    frozen = course.contents_of_run(place.frozen_at)
    return frozen if lesson_uuid in frozen.by_lesson else course.contents


def _kept(learner: User | None, item: Item | None) -> Kept | None:
    """What the learner began and goes on with; asked only where there is an older version and the lesson follows the newest."""
    if learner is None or item is None or item.resource_id is None or item.num < 2 or item.pinned_num:
        return None
    return keeping.kept_by(learner.id, item.resource_id)


def _role(person: User | None, place: Standing | None) -> str:
    if person is None:
        return "guest"
    return "learner" if place is not None else "outside"


def _draft(lesson_uuid: uuidlib.UUID, person: User | None) -> LessonFacts | None:
    """The lesson as it stands on the board, for those who build it; None for everybody else."""
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    version = _shown_draft(lesson, person)
    if version is None:
        return None
    owner, titled = lesson.owner, version if version.title else lesson
    return LessonFacts(
        lesson.id, lesson.uuid, titled.title, titled.title_en, version.minutes, version.introduction, owner.name,
        owner.unit.name if owner.unit else "", version.uuid, catalog.draft_items(version), catalog.credit_of(lesson.id),
    )  # fmt: skip


def _shown_draft(lesson: Lesson, person: User | None) -> LessonVersion | None:
    """What the board shows, to its builders; what waits for review, to reviewers and where it is asked for."""
    if policy.can_preview_review(person, lesson) and (
        request.args.get("preview") == IN_REVIEW or not policy.can_edit_lesson(person, lesson)
    ):
        return lesson.review_version
    return lesson.newest_version if policy.can_edit_lesson(person, lesson) else None


def _item(lesson: LessonFacts, state: LessonState) -> Item | None:
    """The thing asked for, else what was left half done last, else what is not done, else the first."""
    wanted = request.args.get("at", "")
    asked = next((item for item in lesson.items if str(item.key) == wanted), None)
    return asked or state.next_item


Place = tuple[LessonFacts, Item | None]


def _neighbours(contents: CourseContents, lesson: LessonFacts, item: Item | None) -> tuple[Place | None, Place | None]:
    """What comes before and after, across lessons."""
    items, lessons = list(lesson.items), contents.lessons
    at = items.index(item) if item is not None else 0
    where = next((n for n, known in enumerate(lessons) if known.uuid == lesson.uuid), None)
    before: Place | None = (lesson, items[at - 1]) if at > 0 else None
    after: Place | None = (lesson, items[at + 1]) if at + 1 < len(items) else None
    if before is None and where:
        before = (lessons[where - 1], lessons[where - 1].items[-1] if lessons[where - 1].items else None)
    if after is None and where is not None and where + 1 < len(lessons):
        after = (lessons[where + 1], None)
    return before, after


def _content(contents: CourseContents, item: Item | None, is_preview: bool) -> Content:
    if item is None:
        return Content()
    if is_preview:
        return _read_content(item)
    key = (contents.uuid, contents.version, item.key, item.version_id, str(get_locale()))
    kept = memory("lesson_items", 400)
    content = kept.get(key, lambda: _read_content(item))
    if content.preview is not None and content.preview.kind == "processing":
        kept.drop(key)
    return content


def _read_content(item: Item) -> Content:
    if item.kind != "resource":
        return Content(html=render_markdown(item.text))
    if item.is_gone or item.version_id is None:
        return Content()
    version = _version(item.version_id)
    resource, preview = version.resource, preview_of(version.resource, version, None)
    return Content(
        preview=preview, transcript=_transcript(preview), description=resource.description, author=resource.author.name,
        unit=resource.unit.name if resource.unit else "",
        points=[PointFacts(p.id, p.uuid, p.name, p.name_en, p.kind) for p in resource.points],
    )  # fmt: skip


def _transcript(preview: Preview) -> str:
    """The spoken words as a panel, drawn once: a lesson has hundreds of lines and everybody sees the same."""
    if not preview.lines:
        return ""
    return Markup(render_template("progress/_transcript.html", preview=preview))  # noqa: S704  our own template, which escapes


def _version(version_id: int) -> ResourceVersion:
    """A version with all that showing it needs."""
    resource = joinedload(ResourceVersion.resource)
    query = (
        select(ResourceVersion)
        .where(ResourceVersion.id == version_id)
        .options(
            joinedload(ResourceVersion.asset).selectinload(Asset.renditions),
            selectinload(ResourceVersion.captions),
            selectinload(ResourceVersion.ranges),
            resource.joinedload(Resource.author),
            resource.joinedload(Resource.unit),
            resource.selectinload(Resource.points),
        )
    )
    return session().scalars(query).one()


@blueprint.post("/learn/<uuid:lesson_uuid>/activities/<uuid:key>/done")
@login_needed
def mark_done(lesson_uuid: uuidlib.UUID, key: uuidlib.UUID) -> Response:
    """The learner says that something was read or done; goes on to what comes next."""
    person = signed_in()
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    here = url_for("progress.learn", lesson_uuid=lesson_uuid, at=key)
    try:
        progress = services.mark_done(person, lesson, key)
    except (CreditNeedsEnrollment, LessonClosed, RunEnded) as refusal:
        flash(refusal.sentence(), "warning")
        return redirect(here)
    services.open_lesson(person, lesson)
    if progress.completed_at is not None:
        flash(_("Done. This lesson is complete."), "success")
        return redirect(here)
    flash(_("Done. On to the next step."), "success")
    return redirect(url_for("progress.learn", lesson_uuid=lesson_uuid))


@blueprint.post("/learn/<uuid:lesson_uuid>/activities/<uuid:key>/newest")
@login_needed
def take_newest(lesson_uuid: uuidlib.UUID, key: uuidlib.UUID) -> Response:
    """The learner leaves the version they began for the newest one."""
    person = signed_in()
    services.take_newest(person, catalog.lesson_by_uuid(lesson_uuid, person), key)
    flash(_("You go on with the newest version. What you had seen stays seen."), "success")
    return redirect(url_for("progress.learn", lesson_uuid=lesson_uuid, at=key))


@blueprint.get("/my-learning/time")
@login_needed
def my_time() -> str:
    """Time that was credited and time that was not, with the reason; what can be appealed."""
    account = appeals.account_of(signed_in())
    return render_template(
        "progress/my_time.html", account=account, reason=credit_reason, rule=credit_rule, days=appeals.SHOWN_DAYS,
        reasons=list(dict.fromkeys(one.reason for one in account.lost)),
    )  # fmt: skip


@blueprint.post("/my-learning/time/appeal")
@login_needed
def appeal_time() -> Response:
    """The learner says that time was rightly spent."""
    form = request.form
    try:
        resource, day = uuidlib.UUID(form.get("resource", "")), int(form.get("day", ""))
    except ValueError as problem:
        raise NotFound() from problem
    try:
        appeals.appeal(signed_in(), day, resource, form.get("reason", ""), form.get("words", ""))
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("Your appeal is on its way. The answer appears here."), "success")
    return redirect(url_for("progress.my_time"))


@blueprint.get("/monitor/appeals")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def time_appeals() -> str:
    """What learners say about time that was not credited; those who keep the library decide."""
    state = request.args.get("state", "open")
    state = state if state in APPEAL_STATES else "open"
    return render_template(
        "progress/time_appeals.html", appeals=appeals.appeals_for(signed_in(), state), state=state, reason=credit_reason,
        rule=credit_rule, date_of=date_of, states=appeal_states(),
    )  # fmt: skip


@blueprint.post("/monitor/appeals/<uuid:appeal_uuid>")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def decide_appeal(appeal_uuid: uuidlib.UUID) -> Response:
    """Gives the time back, or says why not."""
    try:
        appeals.decide(
            signed_in(), appeal_uuid, accept=request.form.get("decision") == "accept", note=request.form.get("note", "")
        )
    except Invalid as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("Decided. The learner reads the answer under “My learning”."), "success")
    return redirect(url_for("progress.time_appeals"))
