"""Steps of a draft: what each save changed, so that whoever made it can take it back and do it again, also tomorrow.

They lie in the database beside the draft and not in a browser: a reload, another device and a second teacher meet one
and the same history. `services.save_draft` records them, `undoing` goes through them, a publication ends them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import delete, select

from courseware.accounts.models import User
from courseware.catalog.board_models import LessonStep
from courseware.catalog.models import Activity, LessonVersion
from courseware.core import clock
from courseware.core.database import session

How = Literal["change", "undo", "redo"]
State = list[dict[str, Any]]

#: So many steps of a draft are kept; older ones cannot be taken back any more.
KEPT = 100
FIELDS = (
    "kind", "segment", "title", "text", "url", "minutes", "resource_id", "pinned_version_id", "declined_version_id", "is_required",
)  # fmt: skip


def state_of(activities: Iterable[Activity]) -> State:
    """What lies on the board as plain values, in order."""
    return [{"key": str(a.key), **{name: getattr(a, name) for name in FIELDS}} for a in activities]


def difference(before: State, after: State) -> dict[str, Any]:
    """Both orders of keys, and the items that are not the same on both sides; empty where nothing changed."""
    if before == after:
        return {}
    old, new = {i["key"]: i for i in before}, {i["key"]: i for i in after}
    return {
        "old_order": list(old), "new_order": list(new),
        "old": [item for key, item in old.items() if new.get(key) != item],
        "new": [item for key, item in new.items() if old.get(key) != item],
    }  # fmt: skip


def taken_back(now: State, change: dict[str, Any]) -> State:
    """The state before `change`."""
    return _moved_to(now, change["old_order"], change["old"])


def done_again(now: State, change: dict[str, Any]) -> State:
    """The state after `change`."""
    return _moved_to(now, change["new_order"], change["new"])


def _moved_to(now: State, order: Sequence[str], items: State) -> State:
    known = {item["key"]: item for item in [*now, *items]}
    return [known[key] for key in order if key in known]


def record(actor: User, draft: LessonVersion, before: State, how: How) -> None:
    """Remembers a change, or that one was taken back or done again. A new change ends what could be done again."""
    if how == "change":
        _record_change(actor, draft, difference(before, state_of(draft.activities)))
        return
    step = last_done(draft) if how == "undo" else next_undone(draft)
    if step is not None:
        step.is_undone = how == "undo"
        session().flush()


def _record_change(actor: User, draft: LessonVersion, change: dict[str, Any]) -> None:
    if not change:
        return
    mine = LessonStep.version_id == draft.id
    session().execute(delete(LessonStep).where(mine, LessonStep.is_undone.is_(True)))
    session().add(LessonStep(version_id=draft.id, user_id=actor.id, made_at=clock.now(), change=change))
    session().flush()
    oldest_kept = select(LessonStep.id).where(mine).order_by(LessonStep.id.desc()).limit(1).offset(KEPT - 1)
    session().execute(delete(LessonStep).where(mine, LessonStep.id < oldest_kept.scalar_subquery()))


def last_done(draft: LessonVersion) -> LessonStep | None:
    """The step that undo would take back."""
    query = select(LessonStep).where(LessonStep.version_id == draft.id, LessonStep.is_undone.is_(False))
    return session().scalar(query.order_by(LessonStep.id.desc()).limit(1))


def next_undone(draft: LessonVersion) -> LessonStep | None:
    """The step that redo would do again."""
    query = select(LessonStep).where(LessonStep.version_id == draft.id, LessonStep.is_undone.is_(True))
    return session().scalar(query.order_by(LessonStep.id).limit(1))


def forget(version: LessonVersion) -> None:
    """What was published is not taken back step by step: its history ends."""
    session().execute(delete(LessonStep).where(LessonStep.version_id == version.id))
