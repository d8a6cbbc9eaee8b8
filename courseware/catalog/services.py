"""Building courses: modules, lessons, drafts that never overwrite each other, publishing, runs."""

from __future__ import annotations

import datetime as dt
import sys
import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import CursorResult, func, insert, literal, select, update

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy, steps
from courseware.catalog.errors import LessonChanged, LessonEmpty, NotReady, ReviewFirst, UnitNotLive
from courseware.catalog.models import (
    ACTIVITY_KINDS,
    SEGMENTS,
    Activity,
    CourseRun,
    Lesson,
    LessonCase,
    LessonEditor,
    LessonVersion,
    Module,
)
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.libraries.models import Course
from courseware.resources.models import Resource, ResourceVersion
from courseware.review import rulebook

SENDER = sys.modules[__name__]
MAX_ACTIVITIES = 200

Item = Mapping[str, Any]


def add_module(actor: User, course: Course, title: str, *, title_en: str = "") -> Module:
    """A new module at the end of the course."""
    _need(policy.can_build(actor, course))
    if not title.strip():
        raise Invalid({"title": [_l("Give the module a title.")]})
    seq = (session().scalar(select(func.max(Module.seq)).where(Module.course_id == course.id)) or 0) + 1
    module = Module(course_id=course.id, seq=seq, title=title.strip()[:200], title_en=title_en.strip()[:200])
    session().add(module)
    session().flush()
    return module


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
    _need(policy.can_add_lesson(actor, course))
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
    _need(policy.can_edit_lesson(actor, lesson))
    draft = open_draft(lesson)
    _take_revision(draft, revision)
    before = steps.state_of(draft.activities)
    draft.activities = _activities(items, draft)
    draft.minutes = draft.minutes if minutes is None else minutes
    draft.introduction = draft.introduction if introduction is None else introduction
    draft.saved_at = clock.now()
    session().flush()
    steps.record(actor, draft, before, how)
    _remember_editor(actor, draft)
    return draft


def _take_revision(draft: LessonVersion, expected: int | None) -> None:
    """Moves the draft one revision on, if it is still the expected one: two editors at once cannot both succeed."""
    seen = draft.revision if expected is None else expected
    change = update(LessonVersion).where(LessonVersion.id == draft.id, LessonVersion.revision == seen)
    change = change.values(revision=seen + 1).execution_options(synchronize_session=False)
    if cast("CursorResult[Any]", session().execute(change)).rowcount != 1:
        raise LessonChanged()
    session().refresh(draft, ["revision"])


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
        draft.activities = [_copy_of(activity) for activity in base.activities]
    _start_draft(lesson, draft)
    if lesson.review_version is not None:
        _take_over(lesson.review_version, draft)
    return draft


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


def publish_lesson(actor: User, lesson: Lesson) -> LessonVersion:
    """Learners see the draft from now on; the version before is kept.

    Raises LessonEmpty, UnitNotLive, and ReviewFirst where the library has its lessons reviewed (R36): there they are
    published by `reviewing.decide`.
    """
    _need(policy.can_edit_lesson(actor, lesson))
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
    _refuse_dead_units(version)


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


def edit_lesson(actor: User, lesson: Lesson, *, minutes: int, introduction: str) -> None:
    """The minutes planned in class and what the lesson is about, in the draft."""
    _need(policy.can_edit_lesson(actor, lesson))
    draft = open_draft(lesson)
    draft.minutes, draft.introduction, draft.saved_at = (
        max(5, min(minutes, 600)),
        introduction.strip()[:4000],
        clock.now(),
    )
    session().flush()
    _remember_editor(actor, draft)


def rename_module(actor: User, module: Module, title: str, title_en: str = "") -> None:
    """A new title; raises Invalid without one."""
    course = module.course or session().get_one(Course, module.course_id)
    _need(policy.can_build(actor, course))
    if not title.strip():
        raise Invalid({"title": [_l("Give the module a title.")]})
    module.title, module.title_en = title.strip()[:200], title_en.strip()[:200]
    touch_course(course)
    session().flush()


def move_module(actor: User, module: Module, position: int) -> None:
    """Puts a module at `position` (from 0) of its course."""
    course = module.course or session().get_one(Course, module.course_id)
    _need(policy.can_build(actor, course))
    others = list(
        session().scalars(select(Module).where(Module.course_id == course.id).order_by(Module.seq, Module.id))
    )
    others = [other for other in others if other.id != module.id]
    others.insert(max(0, min(position, len(others))), module)
    for seq, other in enumerate(others, start=1):
        other.seq = seq
    touch_course(course)
    session().flush()


def withdraw_lesson(actor: User, lesson: Lesson, reason: str) -> None:
    """Takes a lesson from learners; what they did stays."""
    _need(policy.can_edit_lesson(actor, lesson))
    lesson.is_live = False
    if lesson.published_version is not None:
        lesson.published_version.superseded_at = clock.now()
    touch_course(lesson.course)
    session().flush()
    auditlog.record("lesson.withdraw", actor, about=lesson, reason=reason)
    events.content_changed.send(SENDER, kind="lesson", uuid=lesson.uuid)


def move_lesson(actor: User, lesson: Lesson, module: Module, position: int) -> None:
    """Puts a lesson at `position` (from 0) of a module of the same course."""
    _need(policy.can_build(actor, lesson.course) and module.course_id == lesson.course_id)
    others = list(session().scalars(select(Lesson).where(Lesson.module_id == module.id).order_by(Lesson.seq)))
    others = [other for other in others if other.id != lesson.id]
    others.insert(max(0, min(position, len(others))), lesson)
    lesson.module_id = module.id
    for seq, other in enumerate(others, start=1):
        other.seq = seq
    touch_course(lesson.course)
    session().flush()


def rename_lesson(actor: User, lesson: Lesson, title: str, title_en: str = "") -> None:
    """A new title; raises Invalid without one. Where lessons are reviewed, a published one takes it with its next version."""
    _need(policy.can_edit_lesson(actor, lesson))
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


def edit_course(actor: User, course: Course, fields: Mapping[str, str]) -> None:
    """Changes what the course page says: summary, audience, both languages."""
    _need(policy.can_build(actor, course))
    for name in ("summary", "summary_en", "audience"):
        if name in fields:
            setattr(course, name, fields[name].strip()[:2000])
    touch_course(course)
    session().flush()
    events.content_changed.send(SENDER, kind="course", uuid=course.uuid)


def course_problems(course: Course) -> list[Any]:
    """Sentences for all that a course misses before it may be published."""
    live = session().scalar(select(func.count()).where(Lesson.course_id == course.id, Lesson.is_live))
    problems: list[Any] = []
    if not course.summary.strip():
        problems.append(_l("Say in one sentence what a learner will be able to do."))
    if not course.team:
        problems.append(_l("Name at least one teacher."))
    if not live:
        problems.append(_l("Publish at least one lesson."))
    return problems


def publish_course(actor: User, course: Course) -> Course:
    """Opens the course with run "1"; raises NotReady with the whole list."""
    _need(policy.can_build(actor, course))
    problems = course_problems(course)
    if problems:
        raise NotReady({"course": problems})
    course.published_at = course.published_at or clock.now()
    open_run(course, "1", clock.now())
    touch_course(course)
    session().flush()
    auditlog.record("course.publish", actor, about=course)
    events.content_changed.send(SENDER, kind="course", uuid=course.uuid)
    return course


def open_run(
    course: Course, key: str, starts_at: dt.datetime, ends_at: dt.datetime | None = None, *, kind: str = "mooc"
) -> CourseRun:
    """The run of this key, made if need be; a run must end after it starts."""
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid({"ends_at": [_l("A run ends after it starts.")]})
    run = session().scalar(select(CourseRun).where(CourseRun.course_id == course.id, CourseRun.key == key))
    if run is None:
        run = CourseRun(course_id=course.id, key=key, kind=kind, starts_at=starts_at, ends_at=ends_at)
        session().add(run)
        touch_course(course)
        session().flush()
    return run


def touch_course(course: Course) -> None:
    """Something a learner sees changed: fragments cached by content version go stale."""
    course.content_version = Course.content_version + 1


def _start_draft(lesson: Lesson, draft: LessonVersion) -> LessonVersion:
    draft.lesson_id, draft.state, draft.saved_at = lesson.id, "draft", clock.now()
    session().add(draft)
    session().flush()
    lesson.draft_version = draft
    session().flush()
    return draft


def _activities(items: Sequence[Item], draft: LessonVersion) -> list[Activity]:
    if len(items) > MAX_ACTIVITIES:
        raise Invalid({"items": [_l("A lesson holds at most 200 things.")]})
    resources = _resources_of(items)
    pinned = _pinned_versions(items, resources)
    made = [_activity(item, seq, resources, pinned) for seq, item in enumerate(items, start=1)]
    _remember_declined(items, made, draft)
    _make_keys_unique(made)
    for old in list(draft.activities):
        session().delete(old)
    session().flush()
    return made


def _activity(
    item: Item,
    seq: int,
    resources: Mapping[uuidlib.UUID, Resource],
    pinned: Mapping[uuidlib.UUID, ResourceVersion],
) -> Activity:
    kind, segment = str(item.get("kind", "resource")), str(item.get("segment", ""))
    if kind not in ACTIVITY_KINDS or (segment and segment not in SEGMENTS):
        raise Invalid({"items": [_l("This kind of activity is not known.")]})
    resource = resources[_uuid_of(item["resource"])] if kind == "resource" else None
    return Activity(
        key=_uuid_or_none(item.get("key")) or uuidlib.uuid4(), seq=seq, kind=kind, segment=segment,
        title=str(item.get("title") or "")[:200], text=str(item.get("text") or "")[:20000], url=_web_address(item),
        minutes=_minutes(item.get("minutes")), resource_id=resource.id if resource else None,
        pinned_version_id=_pin(item.get("pinned"), resource, pinned), is_required=bool(item.get("required", True)),
    )  # fmt: skip


def _remember_declined(items: Sequence[Item], made: Sequence[Activity], draft: LessonVersion) -> None:
    """An update that was declined stays declined while its item stays; the board's script knows nothing of it."""
    known = {activity.key: activity.declined_version_id for activity in draft.activities}
    for item, activity in zip(items, made, strict=True):
        if activity.pinned_version_id is not None:
            activity.declined_version_id = item.get("declined") or known.get(activity.key)


def _make_keys_unique(activities: Iterable[Activity]) -> None:
    """What was copied inside the lesson is a new thing to the learner."""
    seen: set[uuidlib.UUID] = set()
    for activity in activities:
        if activity.key in seen:
            activity.key = uuidlib.uuid4()
        seen.add(activity.key)


def _minutes(given: Any) -> int:
    try:
        return max(0, min(int(float(given or 0)), 600))
    except (TypeError, ValueError, OverflowError):
        raise Invalid({"items": [_l("Minutes are a whole number.")]}) from None


def _web_address(item: Item) -> str:
    url = str(item.get("url") or "").strip()
    if url and not url.lower().startswith(("https://", "http://", "/")):
        raise Invalid({"items": [_l("A link begins with https:// or http://.")]})
    return url[:500]


def _pinned_versions(
    items: Iterable[Item], resources: Mapping[uuidlib.UUID, Resource]
) -> dict[uuidlib.UUID, ResourceVersion]:
    """The versions that items name by uuid, if they were published once and belong to a resource of the lesson."""
    named = {uuid for item in items if (uuid := _uuid_or_none(item.get("pinned"))) is not None}
    ids = [resource.id for resource in resources.values()]
    query = select(ResourceVersion).where(
        ResourceVersion.uuid.in_(named), ResourceVersion.resource_id.in_(ids), ResourceVersion.published_at.is_not(None)
    )
    return {version.uuid: version for version in session().scalars(query)} if named else {}


def _pin(wanted: Any, resource: Resource | None, pinned: Mapping[uuidlib.UUID, ResourceVersion]) -> int | None:
    """The version to hold: one named by row or uuid, or for True the one published now; None follows the newest."""
    if resource is None or not wanted:
        return None
    if isinstance(wanted, ResourceVersion):
        return wanted.id
    if wanted is True:
        return resource.published_version_id
    version = pinned.get(_uuid_or_none(wanted) or uuidlib.UUID(int=0))
    return version.id if version is not None and version.resource_id == resource.id else None


def _resources_of(items: Iterable[Item]) -> dict[uuidlib.UUID, Resource]:
    wanted = {
        _uuid_of(item["resource"])
        for item in items
        if item.get("kind", "resource") == "resource" and item.get("resource")
    }
    found = {r.uuid: r for r in session().scalars(select(Resource).where(Resource.uuid.in_(wanted)))}
    if wanted - found.keys() or any(not i.get("resource") for i in items if i.get("kind", "resource") == "resource"):
        raise Invalid({"items": [_l("A resource in this lesson no longer exists. Take it out and save again.")]})
    return found


def _uuid_of(resource: Any) -> uuidlib.UUID:
    if isinstance(resource, Resource):
        return resource.uuid
    try:
        return uuidlib.UUID(str(resource))
    except ValueError:
        raise Invalid(
            {"items": [_l("A resource in this lesson no longer exists. Take it out and save again.")]}
        ) from None


def _uuid_or_none(text: Any) -> uuidlib.UUID | None:
    try:
        return uuidlib.UUID(str(text))
    except ValueError:
        return None


def _copy_of(activity: Activity) -> Activity:
    # A published activity and its draft are the same thing to a learner: the key goes along, so that done stays done.
    fields = (
        "key", "seq", "kind", "segment", "title", "text", "url", "minutes", "resource_id", "pinned_version_id", "declined_version_id",
        "is_required",
    )  # fmt: skip
    return Activity(**{name: getattr(activity, name) for name in fields})


def _refuse_dead_units(draft: LessonVersion) -> None:
    ids = [activity.resource_id for activity in draft.activities if activity.resource_id]
    dead = session().scalar(select(Resource.title).where(Resource.id.in_(ids), Resource.is_live.is_(False)).limit(1))
    if dead is not None:
        raise UnitNotLive(title=dead)


def _need(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed()
