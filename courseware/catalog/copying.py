"""A colleague's lesson as a beginning of one's own: copied into a course one teaches, with credit that stays.

The copy follows or holds the same resources: nothing of them is doubled, and their authors keep their credit. What
learners did in the one counts nothing in the other, so every activity gets a new key.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy, services, steps, undoing
from courseware.catalog.errors import NothingToCopy
from courseware.catalog.models import Lesson, LessonVersion, Module
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.libraries.models import Course, CourseTeacher


def places_for(actor: User) -> Sequence[Module]:
    """Modules of the courses the actor teaches, by course: where a copy may go. One query."""
    team = select(CourseTeacher.course_id).where(CourseTeacher.user_id == actor.id)
    owned = select(Lesson.course_id).where(Lesson.owner_id == actor.id)
    query = (
        select(Module)
        .join(Course, Course.id == Module.course_id)
        .where(or_(Course.id.in_(team), Course.id.in_(owned)))
        .options(contains_eager(Module.course))
        .order_by(Course.library_id, Course.seq, Course.id, Module.seq, Module.id)
    )
    return session().scalars(query).all()


def copy_lesson(actor: User, source: Lesson, module: Module) -> Lesson:
    """A lesson of the actor's at the end of `module`, as a draft, with what `source` shows to learners.

    Raises NotAllowed where the actor may not see the one or add to the other, NothingToCopy for what is not published.
    """
    if not (policy.is_staff(actor) and policy.can_see_lesson(actor, source)):
        raise NotAllowed()
    shown = _shown(actor, source)
    copy = services.create_lesson(
        actor, module, source.title, title_en=source.title_en, minutes=shown.minutes, introduction=shown.introduction
    )
    copy.copied_from_id = source.id
    items = [{**item, "key": None} for item in undoing.items_of(steps.state_of(shown.activities))]
    services.save_draft(actor, copy, items)
    auditlog.record("lesson.copy", actor, about=copy, details={"from": str(source.uuid)})
    return copy


def _shown(actor: User, source: Lesson) -> LessonVersion:
    version = source.published_version
    if version is None and policy.can_edit_lesson(actor, source):
        version = source.newest_version
    if version is None:
        raise NothingToCopy()
    return version
