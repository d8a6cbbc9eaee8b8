"""What may be done to many resources at once: each act does one resource, and knows the way back.

An act goes through the services that a person uses for one resource, so rights, rules, ledger and log are the same.
What it replaced is kept in plain values; `undo` puts exactly that back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import Conflict, DomainError
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.resources import metadata, naming, services, versions
from courseware.resources.errors import InReview, Withdrawn
from courseware.resources.models import Resource
from courseware.review import services as review

Values = Mapping[str, Any]
Before = dict[str, Any]
PLAIN = ("language", "difficulty", "licence")
UNDO_REASON = "撤销批量下架 / Bulk withdrawal undone"


class Incomplete(Conflict):
    """A draft that lacks mandatory fields is not handed in."""

    code = "incomplete"
    message = _l("Still missing: %(fields)s")


@dataclass(frozen=True, slots=True)
class Act:
    """`do` changes one resource and returns what it replaced, None when nothing was to change; `undo` puts it back."""

    do: Callable[[User, Resource, Values], Before | None]
    undo: Callable[[User, Resource, Before], None]


def edit(actor: User, resource: Resource, values: Values) -> Before | None:
    """Sets course, language, difficulty and licence, adds and removes points, adds keywords and tags."""
    _may_describe(resource)
    wanted = {name: value for name, value in _wanted(resource, values).items() if _now(resource, name) != value}
    if not wanted:
        return None
    before = {name: _kept(_now(resource, name)) for name in wanted}
    _put(actor, resource, wanted)
    return before


def undo_edit(actor: User, resource: Resource, before: Before) -> None:
    """Puts back what `edit` or `name` replaced."""
    _may_describe(resource)
    _put(actor, resource, {name: _found(name, value) for name, value in before.items()})


def name(actor: User, resource: Resource, values: Values) -> Before | None:
    """Gives the name that the library's template makes (R19); the number counts its course's resources of the type."""
    _may_describe(resource)
    if naming.follows_template(resource):
        return None
    before = {"name": resource.name}
    services.edit_metadata(actor, resource, {"name": naming.propose_name(resource, _rank(resource))})
    return before


def submit(actor: User, resource: Resource, values: Values) -> Before | None:
    """Hands the draft in for review."""
    draft = versions.require_draft(resource)
    missing = metadata.list_problems(resource)
    if missing:
        raise Incomplete(fields="; ".join(str(problem.sentence) for problem in missing))
    before = {"state": draft.state}
    review.submit(actor, resource, commitment=str(values.get("commitment", "")))
    return before


def undo_submit(actor: User, resource: Resource, before: Before) -> None:
    """Takes the submission back; refused once somebody decided."""
    submission = review.open_submission(resource)
    if submission is None:
        raise Conflict()
    review.take_back(actor, submission)
    submission.version.state = before.get("state", "draft")
    session().flush()


def withdraw(actor: User, resource: Resource, values: Values) -> Before | None:
    """Takes it down, with the reason."""
    services.withdraw(actor, resource, str(values.get("reason", "")))
    return {"live": True}


def undo_withdraw(actor: User, resource: Resource, before: Before) -> None:
    """Puts it back."""
    services.restore(actor, resource, UNDO_REASON)


ACTS: Mapping[str, Act] = {
    "edit": Act(edit, undo_edit), "name": Act(name, undo_edit), "submit": Act(submit, undo_submit),
    "withdraw": Act(withdraw, undo_withdraw),
}  # fmt: skip


def snapshot(resource: Resource, names: Sequence[str]) -> Before:
    """The present values of these fields, plain, as `undo_edit` puts them back."""
    return {name: _kept(_now(resource, name)) for name in names}


def _may_describe(resource: Resource) -> None:
    """What is withdrawn or under the eyes of a reviewer stays as it is."""
    if versions.is_withdrawn(resource):
        raise Withdrawn()
    draft = resource.draft_version
    if draft is not None and draft.state == "in_review" and not resource.is_live:
        raise InReview()


def _wanted(resource: Resource, values: Values) -> dict[str, Any]:
    found = {name: values[name] for name in PLAIN if values.get(name)}
    if values.get("course"):
        found["course"] = _course(values["course"])
    if values.get("points_add") or values.get("points_remove"):
        found["points"] = _points_after(resource, values)
    if values.get("keywords_add"):
        found["keywords"] = _joined(resource.keywords, values["keywords_add"])
    if values.get("tags_add"):
        found["tags"] = _joined(versions.require_draft(resource).tags, values["tags_add"])
    return found


def _points_after(resource: Resource, values: Values) -> list[Point]:
    removed = set(values.get("points_remove", []))
    stay = [point for point in resource.points if point.id not in removed]
    return list(dict.fromkeys([*stay, *_points(values.get("points_add", []))]))


def _joined(held: Sequence[str], more: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*held, *more]))


def _now(resource: Resource, name: str) -> Any:
    version = resource.published_version or resource.draft_version
    match name:
        case "licence":
            return version.licence if version is not None else ""
        case "tags":
            return list(resource.draft_version.tags) if resource.draft_version is not None else []
        case "points" | "keywords":
            return list(getattr(resource, name))
    return getattr(resource, name)


def _kept(value: Any) -> Any:
    """A value as JSON holds it: rows by their id."""
    if isinstance(value, list):
        return [_kept(one) for one in value]
    return value.id if isinstance(value, Course | Point) else value


def _found(name: str, value: Any) -> Any:
    if name == "course":
        return _course(value) if value is not None else None
    return _points(value) if name == "points" else value


def _put(actor: User, resource: Resource, fields: Mapping[str, Any]) -> None:
    about = {name: value for name, value in fields.items() if name != "tags"}
    if about:
        services.edit_metadata(actor, resource, about)
    if "tags" in fields:
        services.edit_draft(actor, resource, {"tags": fields["tags"]}, resource.lock_version)


def _course(course_id: int) -> Course:
    return session().get_one(Course, course_id)


def _points(ids: Sequence[int]) -> list[Point]:
    found = (session().get(Point, point_id) for point_id in ids)
    return [point for point in found if point is not None]


def _rank(resource: Resource) -> int:
    same = select(func.count()).where(
        Resource.library_id == resource.library_id, Resource.course_id == resource.course_id,
        Resource.type == resource.type, Resource.id <= resource.id,
    )  # fmt: skip
    return session().scalar(same) or 1


def sentence_of(refused: DomainError) -> str:
    """The refusal with every field it names, in the language of the moment."""
    named = [str(one) for many in getattr(refused, "problems", {}).values() for one in many]
    return " ".join([refused.sentence(), *named])
