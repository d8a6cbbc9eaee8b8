"""Taking back and doing again what one changed on the board. Nobody takes back somebody else's work unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog import services, steps
from courseware.catalog.board_models import LessonStep
from courseware.catalog.errors import NothingToUndo, StepOfAnother
from courseware.catalog.models import Lesson, LessonVersion
from courseware.core.database import session
from courseware.resources.models import Resource, ResourceVersion


@dataclass(frozen=True, slots=True)
class CanGo:
    """Which of the two buttons would do something for this person."""

    back: bool = False
    forth: bool = False


def can_go(actor: User, lesson: Lesson) -> CanGo:
    """Whether the next step back and forth are the actor's own."""
    draft = lesson.draft_version
    if draft is None:
        return CanGo()
    back, forth = steps.last_done(draft), steps.next_undone(draft)
    return CanGo(back is not None and back.user_id == actor.id, forth is not None and forth.user_id == actor.id)


def undo(actor: User, lesson: Lesson, revision: int | None = None) -> LessonVersion:
    """Takes back the last step. Raises NothingToUndo, StepOfAnother, and LessonChanged for a stale revision."""
    draft = lesson.draft_version
    step = _own(actor, steps.last_done(draft) if draft is not None else None)
    return _go(actor, lesson, revision, steps.taken_back(_now(lesson), step.change), "undo")


def redo(actor: User, lesson: Lesson, revision: int | None = None) -> LessonVersion:
    """Does again what was taken back last. Raises as `undo` does."""
    draft = lesson.draft_version
    step = _own(actor, steps.next_undone(draft) if draft is not None else None)
    return _go(actor, lesson, revision, steps.done_again(_now(lesson), step.change), "redo")


def items_of(state: steps.State) -> list[dict[str, Any]]:
    """A remembered state as `services.save_draft` takes it; two queries."""
    resources = _rows(Resource, [item["resource_id"] for item in state])
    versions = _rows(ResourceVersion, [item["pinned_version_id"] for item in state])
    return [
        {
            **item, "resource": resources.get(item["resource_id"]), "pinned": versions.get(item["pinned_version_id"]),
            "declined": item["declined_version_id"], "required": item["is_required"],
        }
        for item in state
    ]  # fmt: skip


def _own(actor: User, step: LessonStep | None) -> LessonStep:
    if step is None:
        raise NothingToUndo()
    if step.user_id != actor.id:
        raise StepOfAnother(name=step.user.name)
    return step


def _now(lesson: Lesson) -> steps.State:
    return steps.state_of(lesson.draft_version.activities if lesson.draft_version is not None else ())


def _go(actor: User, lesson: Lesson, revision: int | None, state: steps.State, how: steps.How) -> LessonVersion:
    return services.save_draft(actor, lesson, items_of(state), revision, how=how)


def _rows(model: type[Any], ids: list[int | None]) -> Mapping[int, Any]:
    wanted = {number for number in ids if number is not None}
    return {row.id: row for row in session().scalars(select(model).where(model.id.in_(wanted)))} if wanted else {}
