"""POST /api/v1/events: learning events in batches, from players, pages that close, and programs.

A batch is answered event by event, in order: accepted, repeated (known already, counted once) or refused with a reason.
A body that is no batch at all is refused as a whole and nothing of it is stored.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import uuid as uuidlib
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, jsonify, request
from flask_babel import lazy_gettext as _l

from courseware.core.errors import DomainError
from courseware.progress import services
from courseware.progress.batches import ALONE
from courseware.progress.errors import REFUSALS, BatchTooLarge, NotEventList
from courseware.progress.models import OWN_VERBS, VERBS
from courseware.progress.rules import is_robot
from courseware.progress.services import MAX_BATCH, EventIn, EventOutcome, Recorded
from courseware.progress.words import seen_as_json, state_as_json
from courseware.web.api import ApiBlueprint, needs_visitor
from courseware.web.sessions import light

blueprint = ApiBlueprint("api_events", __name__, description="What people learn")
MAX_BODY = 1024 * 1024
OBJECTS = ("resource", "lesson", "course")
EVENT = {
    "type": "object",
    "required": ["uuid", "verb", "occurred_at"],
    "properties": {
        "uuid": {"type": "string", "format": "uuid", "description": "Made by the client; a repeat counts once"},
        "verb": {"type": "string", "enum": [verb for verb in VERBS if verb not in OWN_VERBS]},
        **{name: {"type": "string", "format": "uuid", "nullable": True} for name in OBJECTS},
        "from_s": {"type": "number", "minimum": 0, "nullable": True},
        "to_s": {"type": "number", "nullable": True},
        "seconds": {"type": "number", "minimum": 0, "description": "Seconds of attention, for verbs other than watched"},
        "speed": {"type": "number", "default": 1},
        "device": {"type": "string"},
        "context": {"type": "string", "description": "preview and review count for nothing"},
        "sitting": {"type": "string", "description": "Events of one sitting decide together whether it was long enough"},
        "occurred_at": {"type": "string", "format": "date-time", "description": "When the use began, not more than 400 days ago"},
    },
}  # fmt: skip
BATCH = {
    "type": "object", "required": ["events"],
    "properties": {"events": {"type": "array", "maxItems": MAX_BATCH, "items": EVENT}},
}  # fmt: skip
ANSWER = {
    "type": "object",
    "properties": {
        "results": {"type": "array", "items": {"type": "object"}, "description": "One for each event, in their order"},
        "progress": {"type": "object", "description": "What was seen by resource, and what the lesson waits for"},
    },
}
DESCRIPTION = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": BATCH}}},
    "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": ANSWER}}}},
}


class NotJson(DomainError):
    """The body cannot be read."""

    status, code = 400, "not_json"
    message = _l("The body is not JSON in UTF-8.")


class BodyTooLarge(DomainError):
    """500 events need far less than a megabyte."""

    status, code = 413, "body_too_large"
    message = _l("The body is larger than 1 MB. Send fewer events at a time.")


class BadEvent(Exception):
    """One event cannot be read; `code` is one of errors.REFUSALS."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@blueprint.route("/events", methods=["POST"])
@blueprint.doc(**DESCRIPTION)
@light
def record() -> Response:
    """Stores a batch of the signed-in person's events and tells the progress it touched."""
    person = needs_visitor("events")
    given = _events()
    read = [_read(item) for item in given]
    recorded = services.record_batch(
        person, [event for event in read if isinstance(event, EventIn)], is_robot=is_robot(request.user_agent.string)
    )
    return jsonify({"results": _results(given, read, recorded.outcomes), "progress": _progress(recorded)})


def _events() -> list[Any]:
    if (request.content_length or 0) > MAX_BODY:
        raise BodyTooLarge()
    try:
        body = json.loads(request.get_data(cache=False).decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise NotJson() from problem
    found = body.get("events") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise NotEventList()
    if len(found) > MAX_BATCH:
        raise BatchTooLarge(limit=MAX_BATCH)
    return found


def _read(item: Any) -> EventIn | str:
    """The event, or the code of the reason why it cannot be read."""
    try:
        return _event(item if isinstance(item, dict) else {})
    except BadEvent as problem:
        return problem.code


def _event(item: Mapping[str, Any]) -> EventIn:
    uuid = _uuid(item.get("uuid"), "bad_uuid")
    if uuid is None:
        raise BadEvent("bad_uuid")
    if item.get("verb") in OWN_VERBS:
        raise BadEvent("own_word")
    resource, lesson, course = (_uuid(item.get(name), "unknown_object") for name in OBJECTS)
    return EventIn(
        uuid=uuid, verb=str(item.get("verb", "")), occurred_at=_moment(item.get("occurred_at")), resource=resource,
        lesson=lesson, course=course, from_s=_number(item.get("from_s"), None, "bad_range"),
        to_s=_number(item.get("to_s"), None, "bad_range"), seconds=_number(item.get("seconds"), 0.0, "bad_seconds") or 0.0,
        speed=_speed(item.get("speed")), device=_text(item.get("device")), context=_text(item.get("context")),
        sitting=_text(item.get("sitting")) or f"{ALONE}{uuid.hex[:20]}",
    )  # fmt: skip


def _uuid(value: Any, code: str) -> uuidlib.UUID | None:
    if value is None or value == "":
        return None
    try:
        return uuidlib.UUID(str(value))
    except ValueError as problem:
        raise BadEvent(code) from problem


def _moment(value: Any) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(str(value))
        in_utc = moment.astimezone(dt.UTC)
    except (ValueError, OverflowError) as problem:
        raise BadEvent("bad_time") from problem
    if moment.tzinfo is None or in_utc.year < 2000:
        raise BadEvent("bad_time")
    return in_utc


def _number(value: Any, default: float | None, code: str) -> float | None:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadEvent(code)
    return float(value)


def _speed(value: Any) -> float:
    speed = _number(value, 1.0, "bad_speed")
    return 1.0 if speed is None else speed


def _text(value: Any) -> str:
    return str(value)[:40] if isinstance(value, str) else ""


def _results(
    given: Sequence[Any], read: Sequence[EventIn | str], outcomes: Sequence[EventOutcome]
) -> list[dict[str, Any]]:
    known = iter(outcomes)
    return [
        _refused(item.get("uuid") if isinstance(item, dict) else None, event) if isinstance(event, str) else _result(next(known))
        for item, event in zip(given, read, strict=True)
    ]  # fmt: skip


def _result(outcome: EventOutcome) -> dict[str, Any]:
    if outcome.status == "refused":
        return _refused(str(outcome.uuid), outcome.reason)
    return {"uuid": str(outcome.uuid), "status": outcome.status}


def _refused(uuid: Any, reason: str) -> dict[str, Any]:
    named = uuid if isinstance(uuid, str) else None
    return {"uuid": named, "status": "refused", "reason": reason, "message": str(REFUSALS[reason])}


def _progress(recorded: Recorded) -> dict[str, Any]:
    states = list(recorded.lessons.values())
    return {
        "resources": {str(uuid): seen_as_json(seen) for uuid, seen in recorded.resources.items()},
        "lesson": state_as_json(states[-1]) if states else None,
    }
