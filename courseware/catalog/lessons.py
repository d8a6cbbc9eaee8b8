"""Lessons: drafts that never overwrite each other, and what learners see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import CursorResult, func, insert, literal, select, update

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy, steps
from courseware.catalog.activities import Item, activities_of, copy_of, refuse_dead_units
from courseware.catalog.changing import SENDER, need, touch_course
from courseware.catalog.errors import LessonChanged, LessonEmpty, ReviewFirst
from courseware.catalog.models import Lesson, LessonCase, LessonEditor, LessonVersion, Module
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.libraries.models import Course
from courseware.review import rulebook


def create_lesson(
    actor: User,
    module: Module,
    title: str,
    *,
    title_en: str = "",
    minutes: int = 45,
    introduction: str = "",
    key: str | None = None,
) -> Lesson:
    """A new lesson at the end of the module, owned by the actor, with an empty draft."""
    course = module.course or session().get_one(Course, module.course_id)
    need(policy.can_add_lesson(actor, course))
    if not title.strip():
        raise Invalid({"title": [_l("Give the lesson a title.")]})
    seq = (session().scalar(select(func.max(Lesson.seq)).where(Lesson.module_id == module.id)) or 0) + 1
    lesson = Lesson(
        course_id=course.id, module_id=module.id, owner_id=actor.id, seq=seq, title=title.strip()[:200],
        title_en=title_en.strip()[:200], key=key,
    )  # fmt: skip
    session().add(lesson)
    session().flush()
    _start_draft(lesson, LessonVersion(num=1, minutes=minutes, introduction=introduction))
    auditlog.record("lesson.create", actor, about=lesson)
    return lesson


def save_draft(
    actor: User,
    lesson: Lesson,
    items: Sequence[Item],
    revision: int | None = None,
    *,
    minutes: int | None = None,
    introduction: str | None = None,
    how: steps.How = "change",
) -> LessonVersion:
    """Replaces what the draft holds. `revision` is the one the editor opened: a stale one raises LessonChanged.

    An item: kind, segment, title, text, url, minutes, resource (uuid or Resource), pinned (bool or version), key.
    """
    need(policy.can_edit_lesson(actor, lesson))
    draft = open_draft(lesson)
    _take_revision(draft, revision)
    before = steps.state_of(draft.activities)
    draft.activities = activities_of(items, draft)
    draft.minutes = draft.minutes if minutes is None else minutes
    draft.introduction = draft.introduction if introduction is None else introduction
    draft.saved_at = clock.now()
    session().flush()
    steps.record(actor, draft, before, how)
    _remember_editor(actor, draft)
    return draft


def open_draft(lesson: Lesson) -> LessonVersion:
    """The draft; when there is none a copy of what waits for review, else of what is published."""
    if lesson.draft_version is None:
        session().refresh(lesson, with_for_update={"of": Lesson})  # two editors who open it at once share one draft
    if lesson.draft_version is not None:
        return lesson.draft_version
    base = lesson.newest_version
    num = (session().scalar(select(func.max(LessonVersion.num)).where(LessonVersion.lesson_id == lesson.id)) or 0) + 1
    draft = LessonVersion(num=num)
    if base is not None:
        draft.revision = base.revision + 1  # whoever opened an earlier state is told, not believed
        draft.minutes, draft.introduction = base.minutes, base.introduction
        draft.activities = [copy_of(activity) for activity in base.activities]
    _start_draft(lesson, draft)
    if lesson.review_version is not None:
        _take_over(lesson.review_version, draft)
    return draft


def edit_lesson(actor: User, lesson: Lesson, *, minutes: int, introduction: str) -> None:
    """The minutes planned in class and what the lesson is about, in the draft."""
    need(policy.can_edit_lesson(actor, lesson))
    draft = open_draft(lesson)
    draft.minutes, draft.introduction, draft.saved_at = (
        max(5, min(minutes, 600)),
        introduction.strip()[:4000],
        clock.now(),
    )
    session().flush()
    _remember_editor(actor, draft)


def rename_lesson(actor: User, lesson: Lesson, title: str, title_en: str = "") -> None:
    """A new title; raises Invalid without one. Where lessons are reviewed, a published one takes it with its next version."""
    need(policy.can_edit_lesson(actor, lesson))
    if not title.strip():
        raise Invalid({"title": [_l("Give the lesson a title.")]})
    wanted = (title.strip()[:200], title_en.strip()[:200])
    if lesson.first_published_at is not None and is_reviewed(lesson):
        draft = open_draft(lesson)
        draft.title, draft.title_en = wanted
        session().flush()
        _remember_editor(actor, draft)
        return
    lesson.title, lesson.title_en = wanted
    touch_course(lesson.course)
    session().flush()
    events.content_changed.send(SENDER, kind="lesson", uuid=lesson.uuid)


def publish_lesson(actor: User, lesson: Lesson) -> LessonVersion:
    """Learners see the draft from now on; the version before is kept.

    Raises LessonEmpty, UnitNotLive, and ReviewFirst where the library has its lessons reviewed (R36): there they are
    published by `reviewing.decide`.
    """
    need(policy.can_edit_lesson(actor, lesson))
    if is_reviewed(lesson):
        raise ReviewFirst()
    draft = open_draft(lesson)
    check_ready(draft)
    set_review_aside(lesson)
    put_live(lesson, draft)
    auditlog.record("lesson.publish", actor, about=lesson, details={"version": draft.num})
    return draft


def is_reviewed(lesson: Lesson) -> bool:
    """Whether the library has its lessons reviewed before learners see them (R36)."""
    return rulebook.rules_of(lesson.course.library).lessons


def check_ready(version: LessonVersion) -> None:
    """Raises LessonEmpty or UnitNotLive where learners could not use the version."""
    if not version.activities:
        raise LessonEmpty()
    refuse_dead_units(version)


def put_live(lesson: Lesson, version: LessonVersion) -> None:
    """Learners see `version` from now on. A newer draft stays a draft. For publishing and for review alone."""
    now = clock.now()
    if lesson.published_version is not None:
        lesson.published_version.state, lesson.published_version.superseded_at = "superseded", now
    version.state, version.published_at = "published", now
    if version.title:
        lesson.title, lesson.title_en = version.title, version.title_en
    lesson.draft_version = None if lesson.draft_version is version else lesson.draft_version
    lesson.review_version = None if lesson.review_version is version else lesson.review_version
    lesson.published_version, lesson.is_live = version, True
    lesson.first_published_at = lesson.first_published_at or now
    touch_course(lesson.course)
    session().flush()
    events.lesson_published.send(SENDER, lesson=lesson)
    events.content_changed.send(SENDER, kind="lesson", uuid=lesson.uuid)


def set_review_aside(lesson: Lesson) -> None:
    """Something newer takes the place of what waits for review: its case ends without a decision."""
    waiting = lesson.review_version
    if waiting is None:
        return
    waiting.state, waiting.superseded_at, lesson.review_version = "superseded", clock.now(), None
    ended = update(LessonCase).where(LessonCase.version_id == waiting.id, LessonCase.state == "open")
    session().execute(ended.values(state="withdrawn").execution_options(synchronize_session="fetch"))
    session().flush()


def withdraw_lesson(actor: User, lesson: Lesson, reason: str) -> None:
    """Takes a lesson from learners; what they did stays."""
    need(policy.can_edit_lesson(actor, lesson))
    lesson.is_live = False
    if lesson.published_version is not None:
        lesson.published_version.superseded_at = clock.now()
    touch_course(lesson.course)
    session().flush()
    auditlog.record("lesson.withdraw", actor, about=lesson, reason=reason)
    events.content_changed.send(SENDER, kind="lesson", uuid=lesson.uuid)


def _start_draft(lesson: Lesson, draft: LessonVersion) -> LessonVersion:
    draft.lesson_id, draft.state, draft.saved_at = lesson.id, "draft", clock.now()
    session().add(draft)
    session().flush()
    lesson.draft_version = draft
    session().flush()
    return draft


def _take_revision(draft: LessonVersion, expected: int | None) -> None:
    """Moves the draft one revision on, if it is still the expected one: two editors at once cannot both succeed."""
    seen = draft.revision if expected is None else expected
    change = update(LessonVersion).where(LessonVersion.id == draft.id, LessonVersion.revision == seen)
    change = change.values(revision=seen + 1).execution_options(synchronize_session=False)
    if cast("CursorResult[Any]", session().execute(change)).rowcount != 1:
        raise LessonChanged()
    session().refresh(draft, ["revision"])


def _take_over(waiting: LessonVersion, draft: LessonVersion) -> None:
    """What waits for review goes on in the draft: its title, and those who wrote it."""
    draft.title, draft.title_en = waiting.title, waiting.title_en
    before = select(literal(draft.id), LessonEditor.user_id).where(LessonEditor.version_id == waiting.id)
    session().execute(insert(LessonEditor).from_select(["version_id", "user_id"], before))


def _remember_editor(actor: User, draft: LessonVersion) -> None:
    """Who changes a draft does not review it (R37). The row of the draft is locked by the change made just before."""
    known = select(LessonEditor.user_id).where(LessonEditor.version_id == draft.id, LessonEditor.user_id == actor.id)
    if session().scalar(known) is None:
        session().add(LessonEditor(version_id=draft.id, user_id=actor.id))
        session().flush()
