"""Templates: the structure of a lesson, kept to begin others with. 三段八环 (R84) is built in; teachers keep their own.

A template holds an order of places, minutes in class and the activities a teacher wrote, never resources: those belong to
the subject of one lesson. Applying one adds what is missing; what lies on the board stays.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog import policy, services, steps, undoing
from courseware.catalog.board_models import LAYOUTS, LessonTemplate
from courseware.catalog.models import Lesson, LessonVersion
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound

OWN_FIELDS = ("kind", "segment", "title", "text", "url", "minutes", "is_required")


def templates_for(user: User) -> Sequence[LessonTemplate]:
    """Own templates first, then those that colleagues of the unit share; one query."""
    mine = LessonTemplate.owner_id == user.id
    shared = and_(LessonTemplate.unit_id.is_not(None), LessonTemplate.unit_id == user.unit_id)
    query = (
        select(LessonTemplate).where(or_(mine, shared)).options(joinedload(LessonTemplate.owner).lazyload(User.grants))
    )
    return session().scalars(query.order_by(mine.desc(), LessonTemplate.name, LessonTemplate.id)).all()


def template_by_uuid(uuid: uuidlib.UUID, user: User) -> LessonTemplate:
    """A template the person may use. Raises NotFound."""
    found = session().scalar(select(LessonTemplate).where(LessonTemplate.uuid == uuid))
    if found is None or (found.owner_id != user.id and (found.unit_id is None or found.unit_id != user.unit_id)):
        raise NotFound()
    return found


def keep_as_template(
    actor: User, lesson: Lesson, name: str, *, layout: str = "eight", share: bool = False
) -> LessonTemplate:
    """Keeps the structure of the lesson under a name; one of the actor's with that name is replaced.

    `share` lets colleagues of the unit use it. Raises Invalid without a name, NotAllowed for other people's lessons.
    """
    if not policy.can_edit_lesson(actor, lesson):
        raise NotAllowed()
    wanted = name.strip()[:80]
    if not wanted or layout not in LAYOUTS:
        raise Invalid({"name": [_l("Give the template a name, so that you find it again.")]})
    known = select(LessonTemplate).where(LessonTemplate.owner_id == actor.id, LessonTemplate.name == wanted)
    template = session().scalar(known) or LessonTemplate(owner_id=actor.id, name=wanted)
    version = lesson.newest_version
    template.layout, template.unit_id = layout, actor.unit_id if share else None
    template.minutes = version.minutes if version is not None else 45
    template.outline = outline_of(version)
    session().add(template)
    session().flush()
    return template


def outline_of(version: LessonVersion | None) -> list[Any]:
    """The activities a teacher wrote, without resources and keys."""
    own = [a for a in (version.activities if version is not None else ()) if a.kind != "resource"]
    return [{name: getattr(activity, name) for name in OWN_FIELDS} for activity in own]


def apply_template(actor: User, lesson: Lesson, template: LessonTemplate, revision: int | None = None) -> int:
    """Adds the activities of the template that the lesson lacks; everything on the board stays. Returns how many.

    An empty lesson also takes its minutes in class. Undo takes it back like any other step.
    """
    draft = services.open_draft(lesson)
    held = undoing.items_of(steps.state_of(draft.activities))
    known = {_same(item) for item in held}
    missing = [item for item in template.outline if _same(item) not in known]
    added = [{**item, "required": item.get("is_required", True)} for item in missing]
    services.save_draft(actor, lesson, [*held, *added], revision, minutes=None if held else template.minutes)
    return len(added)


def remove_template(actor: User, template: LessonTemplate) -> None:
    """Takes a template away; lessons made with it stay as they are. Raises NotAllowed for templates of others."""
    if template.owner_id != actor.id:
        raise NotAllowed()
    session().delete(template)
    session().flush()


def _same(item: Any) -> tuple[str, str, str]:
    return item["kind"], item["segment"], item["title"]
