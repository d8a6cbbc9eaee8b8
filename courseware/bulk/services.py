"""Preparing, doing and undoing one act on many resources.

`prepare` fixes which resources are meant, so that what was looked at in the preview is what is done. `begin` does small
actions at once and asks for a job for large ones; `run_some` and `undo_some` do the next few and may be called again
after any stop: each item says itself whether it is open. A refusal of one item stays with that item.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import joinedload, selectinload

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.bulk import acts
from courseware.bulk.errors import ChangedSince, NothingChosen, NotReady
from courseware.bulk.models import BulkAction, BulkItem
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import DomainError, Invalid, NotFound
from courseware.jobs import services as jobs
from courseware.knowledge.models import Point
from courseware.libraries import policy as libraries
from courseware.libraries.models import Course, Library
from courseware.resources import table
from courseware.resources.models import Resource
from courseware.resources.words import LANGUAGE_NAMES, TAGS

AT_ONCE = 50
JOB, UNDO_JOB = "bulk.run", "bulk.undo"
CHANGED = ("done", "created", "updated")

WORDS = {
    "nothing": _l("Choose at least one field to change."),
    "course": _l("This course belongs to another library."),
    "points": _l("There is no point “%(value)s” in this library."),
    "difficulty": _l("Difficulty goes from 1 to 5."),
    "language": _l("This language is not known."),
    "tags": _l("This tag is not known."),
    "reason": _l("Say why: those who used it will read it."),
    "commitment": _l("Confirm the self-check: whoever hands in answers for it."),
}


def prepare(
    actor: User,
    library: Library,
    act: str,
    given: Mapping[str, Any],
    *,
    filters: table.Filters | None = None,
    uuids: Sequence[uuidlib.UUID] = (),
) -> BulkAction:
    """An action that waits for its preview to be confirmed. `filters` mean all they leave, else `uuids` are meant.

    Raises NotAllowed, NothingChosen, and Invalid naming every field of `given` that cannot be.
    """
    libraries.require_manager(actor, library)
    if act not in acts.ACTS:
        raise NothingChosen()
    values = read_values(library, act, given)
    action = BulkAction(library_id=library.id, actor_id=actor.id, act=act, values=values, state="prepared")
    action.library, action.actor = library, actor
    session().add(action)
    session().flush()
    action.total = _add_items(action, library, filters, uuids)
    if not action.total:
        raise NothingChosen()
    session().flush()
    return action


def read_values(library: Library, act: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, checked against the library, in plain values. Raises Invalid with all problems."""
    problems: dict[str, list[Any]] = {}
    values = _READ[act](library, given, problems) if act in _READ else {}
    if problems:
        raise Invalid(problems)
    return values


def begin(actor: User, action: BulkAction) -> BulkAction:
    """Does the prepared action: a small one at once, a large one as a job. Raises NotReady, NotAllowed."""
    libraries.require_manager(actor, action.library)
    _move(action, ("prepared",), "running", started_at=clock.now())
    auditlog.record(f"bulk.{action.act}", actor, about=action, details={"resources": action.total})
    if action.total > AT_ONCE or action.act == "import":
        ask_for_job(action, JOB)
    else:
        run_some(action, action.total)
        finish(action)
    return action


def undo(actor: User, action: BulkAction) -> BulkAction:
    """Takes the whole action back; what was changed since stays and is named. Raises NotReady, NotAllowed."""
    libraries.require_manager(actor, action.library)
    _move(action, ("done",), "undoing", undone_at=clock.now(), undone_by_id=actor.id)
    auditlog.record("bulk.undo", actor, about=action, details={"act": action.act})
    if action.total > AT_ONCE or action.act == "import":
        ask_for_job(action, UNDO_JOB)
    else:
        undo_some(action, action.total)
        finish(action)
    return action


def go_on(actor: User, action: BulkAction) -> BulkAction:
    """Asks anew for the job of an action that stopped in the middle."""
    libraries.require_manager(actor, action.library)
    kind = {"running": JOB, "undoing": UNDO_JOB, "checking": "bulk.check"}.get(action.state)
    if kind is None:
        raise NotReady()
    ask_for_job(action, kind)
    return action


def discard(actor: User, action: BulkAction) -> None:
    """Forgets a prepared action that nobody did."""
    libraries.require_manager(actor, action.library)
    if action.state not in ("prepared", "failed"):
        raise NotReady()
    session().delete(action)
    session().flush()


def ask_for_job(action: BulkAction, kind: str) -> None:
    """A durable job for the action, in the language of whoever asks; asked for again it is the same job."""
    payload = {"action": str(action.uuid), "locale": str(get_locale() or "zh_Hans")}
    jobs.enqueue(kind, f"{kind}:{action.uuid}", payload, priority=2)


def run_some(action: BulkAction, limit: int = AT_ONCE) -> int:
    """Does the next open items; returns how many it looked at, 0 when none is left."""
    return _each(action, ("open",), limit, lambda item: _do(action, item))


def undo_some(action: BulkAction, limit: int = AT_ONCE) -> int:
    """Takes the next done items back; returns how many it looked at, 0 when none is left."""
    return _each(action, CHANGED, limit, lambda item: _undo(action, item))


def finish(action: BulkAction) -> None:
    """The action has come to its end."""
    action.state = {"running": "done", "undoing": "undone"}.get(action.state, action.state)
    action.ended_at = clock.now()
    session().flush()


def action_of(action_uuid: uuidlib.UUID, actor: User) -> BulkAction:
    """The action, for those who keep its library; raises NotFound."""
    query = select(BulkAction).where(BulkAction.uuid == action_uuid)
    action = session().scalar(query.options(joinedload(BulkAction.library), joinedload(BulkAction.actor)))
    if action is None or not libraries.can_manage(actor, action.library):
        raise NotFound()
    return action


# --- one item --------------------------------------------------------------------------------------------------------


def _each(action: BulkAction, outcomes: Sequence[str], limit: int, work: Callable[[BulkItem], None]) -> int:
    items = session().scalars(_next_items(action, outcomes, limit)).all()
    for item in items:
        work(item)
    session().flush()
    return len(items)


def _next_items(action: BulkAction, outcomes: Sequence[str], limit: int) -> Any:
    of_item = joinedload(BulkItem.resource)
    parts = (
        of_item.joinedload(Resource.library), of_item.joinedload(Resource.course), of_item.joinedload(Resource.major),
        of_item.joinedload(Resource.draft_version), of_item.joinedload(Resource.published_version),
        of_item.joinedload(Resource.author), of_item.selectinload(Resource.points), selectinload(BulkItem.action),
    )  # fmt: skip
    query = select(BulkItem).where(BulkItem.action_id == action.id, BulkItem.outcome.in_(outcomes))
    return query.options(*parts).order_by(BulkItem.seq).limit(limit)


def _do(action: BulkAction, item: BulkItem) -> None:
    resource = item.resource
    if resource is None:
        item.outcome, item.code = "refused", "not_found"
        return
    try:
        with session().begin_nested():
            before = acts.ACTS[action.act].do(action.actor, resource, action.values)
            session().flush()
    except DomainError as refused:
        refuse(item, refused)
        return
    item.outcome = "done" if before is not None else "unchanged"
    item.before, item.after_version = before or {}, resource.lock_version


def _undo(action: BulkAction, item: BulkItem) -> None:
    resource, actor = item.resource, action.undone_by or action.actor
    try:
        with session().begin_nested():
            if resource is None or resource.lock_version != item.after_version:
                raise ChangedSince()
            way_back(action, item)(actor, resource, item.before)
            session().flush()
    except DomainError as refused:
        refuse(item, refused, "kept")
        return
    item.outcome = "undone"


def way_back(action: BulkAction, item: BulkItem) -> Callable[[User, Resource, acts.Before], None]:
    """How this item is undone."""
    if action.act != "import":
        return acts.ACTS[action.act].undo
    from courseware.bulk.drafts import delete_draft

    return delete_draft if item.outcome == "created" else acts.undo_edit


def refuse(item: BulkItem, refused: DomainError, outcome: str = "refused") -> None:
    """Keeps the refusal with its item, as a sentence in the language of whoever acts."""
    item.outcome, item.code, item.sentence = outcome, refused.code, acts.sentence_of(refused)


def _move(action: BulkAction, come_from: Sequence[str], to: str, **more: Any) -> None:
    """Takes the action to its next state, once: of two people who press at the same moment the second is told."""
    moved: Any = session().execute(
        update(BulkAction).where(BulkAction.id == action.id, BulkAction.state.in_(come_from)).values(state=to, **more)
    )
    if not moved.rowcount:
        raise NotReady()
    session().refresh(action)


def _add_items(
    action: BulkAction, library: Library, filters: table.Filters | None, uuids: Sequence[uuidlib.UUID]
) -> int:
    if filters is not None:
        meant = table.select_ids(library, filters).subquery()
    else:
        chosen = select(Resource.id).where(Resource.library_id == library.id, Resource.uuid.in_(list(uuids)))
        meant = chosen.subquery()
    rows = select(literal(action.id), func.row_number().over(order_by=meant.c.id), meant.c.id)
    session().execute(insert(BulkItem).from_select(["action_id", "seq", "resource_id"], rows))
    return session().scalar(select(func.count()).where(BulkItem.action_id == action.id)) or 0


# --- what was asked for ------------------------------------------------------------------------------------------------

Problems = dict[str, list[Any]]


def _read_edit(library: Library, given: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    values = {
        "course": _read_course(library, given, problems), "points_add": _read_points(library, given, "points_add", problems),
        "points_remove": _read_points(library, given, "points_remove", problems), "licence": str(given.get("licence") or "")[:300],
        "language": _read_choice(given, "language", LANGUAGE_NAMES, problems), "difficulty": _read_difficulty(given, problems),
        "keywords_add": [word[:100] for word in _words(given.get("keywords_add"))], "tags_add": _read_tags(given, problems),
    }  # fmt: skip
    values = {name: value for name, value in values.items() if value}
    if not values and not problems:
        problems["fields"] = [WORDS["nothing"]]
    return values


def _read_submit(_library: Library, given: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    words = str(given.get("commitment") or "").strip()
    if not words:
        problems["commitment"] = [WORDS["commitment"]]
    return {"commitment": words[:500]}


def _read_withdraw(_library: Library, given: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    reason = str(given.get("reason") or "").strip()
    if not reason:
        problems["reason"] = [WORDS["reason"]]
    return {"reason": reason[:2000]}


_READ = {"edit": _read_edit, "submit": _read_submit, "withdraw": _read_withdraw}


def _read_course(library: Library, given: Mapping[str, Any], problems: Problems) -> int | None:
    code = str(given.get("course") or "")
    if not code:
        return None
    found = session().scalar(select(Course.id).where(Course.library_id == library.id, Course.code == code))
    if found is None:
        problems["course"] = [WORDS["course"]]
    return found


def _read_points(library: Library, given: Mapping[str, Any], name: str, problems: Problems) -> list[int]:
    wanted = _words(given.get(name))
    if not wanted:
        return []
    query = select(Point).where(Point.library_id == library.id, (Point.name.in_(wanted)) | (Point.key.in_(wanted)))
    found = {key: point.id for point in session().scalars(query) for key in (point.name, point.key)}
    unknown = [word for word in wanted if word not in found]
    if unknown:
        problems[name] = [str(WORDS["points"]) % {"value": word} for word in unknown]
    return list(dict.fromkeys(found[word] for word in wanted if word in found))


def _read_choice(given: Mapping[str, Any], name: str, choices: Mapping[Any, Any], problems: Problems) -> str:
    value = str(given.get(name) or "")
    if value and value not in choices:
        problems[name] = [WORDS[name]]
    return value


def _read_difficulty(given: Mapping[str, Any], problems: Problems) -> int | None:
    value = str(given.get("difficulty") or "")
    if value and value not in "12345":
        problems["difficulty"] = [WORDS["difficulty"]]
        return None
    return int(value) if value else None


def _read_tags(given: Mapping[str, Any], problems: Problems) -> list[str]:
    tags = _words(given.get("tags_add"))
    if any(tag not in TAGS for tag in tags):
        problems["tags_add"] = [WORDS["tags"]]
    return tags


def _words(value: Any) -> list[str]:
    """A list, or text divided by commas, semicolons and lines."""
    parts = (
        value if isinstance(value, list) else str(value or "").translate(str.maketrans("；;，、\n", ",,,,,")).split(",")
    )
    return list(dict.fromkeys(part for part in (str(one).strip() for one in parts) if part))
