"""What the board sends, as the activities of a lesson: checked, in order, each with its own key."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.catalog.errors import UnitNotLive
from courseware.catalog.models import ACTIVITY_KINDS, SEGMENTS, Activity, LessonVersion
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.resources.models import Resource, ResourceVersion

MAX_ACTIVITIES = 200

Item = Mapping[str, Any]


def activities_of(items: Sequence[Item], draft: LessonVersion) -> list[Activity]:
    """What `items` say, as the activities of `draft`; those before are taken out. Raises Invalid."""
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


def copy_of(activity: Activity) -> Activity:
    """The same thing in another version of its lesson."""
    # A published activity and its draft are the same thing to a learner: the key goes along, so that done stays done.
    fields = (
        "key", "seq", "kind", "segment", "title", "text", "url", "minutes", "resource_id", "pinned_version_id", "declined_version_id",
        "is_required",
    )  # fmt: skip
    return Activity(**{name: getattr(activity, name) for name in fields})


def refuse_dead_units(draft: LessonVersion) -> None:
    """Raises UnitNotLive where the version holds a resource that learners could not open."""
    ids = [activity.resource_id for activity in draft.activities if activity.resource_id]
    dead = session().scalar(select(Resource.title).where(Resource.id.in_(ids), Resource.is_live.is_(False)).limit(1))
    if dead is not None:
        raise UnitNotLive(title=dead)


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
