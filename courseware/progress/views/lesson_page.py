"""All that a lesson page shows, read for one person."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from flask import render_template, request
from markupsafe import Markup

from courseware.accounts.models import User
from courseware.catalog import policy
from courseware.catalog import queries as catalog
from courseware.catalog.memory import memory
from courseware.catalog.models import Lesson, LessonVersion
from courseware.catalog.queries import CourseContents, CourseHead, Item, LessonFacts, ModuleFacts
from courseware.catalog.queries.facts import RunFacts
from courseware.core import clock
from courseware.core.errors import NotFound
from courseware.enrollment import queries as enrollment
from courseware.enrollment.queries import Standing
from courseware.progress import keeping, queries
from courseware.progress.doors import Door, door_of
from courseware.progress.following import LessonState, Seen, Step
from courseware.progress.keeping import Kept
from courseware.progress.views import blueprint
from courseware.progress.views.content import Content, content_of
from courseware.web.i18n import language

EVENTS = "/api/v1/events"
IN_REVIEW = "review"
OPEN_MODULES = 3  # with fewer, all of them are open
Place = tuple[LessonFacts, Item | None]


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
    before: Place | None
    after: Place | None
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


@blueprint.app_template_global()
def other_module(page: LearnPage, module: ModuleFacts, number: int) -> Markup:
    """A module of the outline that does not hold the lesson: kept by exactly what it shows, so people who stand alike share it."""
    states = tuple(page.states.of(lesson) for lesson in module.lessons)
    is_open = len(page.contents.modules) < OPEN_MODULES
    titles = tuple((lesson.uuid, lesson.title, lesson.title_en, lesson.minutes) for lesson in module.lessons)
    key = (number, module.title, module.title_en, titles, states, is_open, language(), request.script_root)
    draw = partial(
        render_template, "progress/_other_module.html", module=module, number=number, states=states, is_open=is_open
    )
    return Markup(memory("outline", 2_000).get(key, draw))  # noqa: S704  our own template, which escapes


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
        state, item, content_of(contents, shown, draft is not None), before, after, state.steps(), kept, place, door,
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
