"""Writing resources: create, edit the draft, tag, revise, withdraw, restore.

The actor comes first; services flush and never commit. What review does to versions is in versions.py, files come
in through uploads.py and assets.py.

A refusal of known content (DuplicateContent, SameContent) leaves a line in the ledger, in this transaction, before
anything else was written: catch it and go on, or roll back and call `note_refusal(error)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.accounts.models import Unit, User
from courseware.auditlog import services as auditlog
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library, Major
from courseware.resources import likeness, metadata, naming, policy, versions
from courseware.resources.content import hash_content
from courseware.resources.errors import AlreadyLive, EditConflict, NotLive, Withdrawn
from courseware.resources.ledger import add_note, find_copy, note_refusal, refuse_copy, refuse_same
from courseware.resources.models import (
    ORIGINALITY,
    RESOURCE_TYPES,
    Asset,
    LastEdit,
    LiveSpan,
    Resource,
    ResourcePoint,
    ResourceVersion,
)
from courseware.resources.ranges import set_captions, set_point_ranges
from courseware.resources.versions import (
    SENDER,
    give_back,
    hand_in,
    publish_version,
    restore_version,
    start_revision,
    turn_down,
)

__all__ = [
    "attach_asset", "create_resource", "edit_draft", "edit_metadata", "give_back", "hand_in", "missing_metadata",
    "note_refusal", "note_reupload", "note_transcode", "publish_version", "rename", "restore", "restore_version", "set_captions",
    "set_point_ranges", "start_revision", "turn_down", "withdraw",
]  # fmt: skip

METADATA = (
    "title", "title_en", "name", "description", "language", "keywords", "difficulty", "audience", "source", "course", "major",
    "points",
)  # fmt: skip
OF_VERSION = ("originality", "has_evidence", "evidence_note", "licence", "reason", "summary", "tags")
ONLY_BEFORE_PUBLICATION = ("type", "unit", "derived_from", "translation_of")

WORDS = {
    "title": _l("Give the resource a title."),
    "title_long": _l("A title has at most 200 characters."),
    "type": _l("This type is not known."),
    "originality": _l("This kind of origin is not known."),
    "difficulty": _l("Difficulty goes from 1 to 5."),
    "points": _l("This point belongs to another library."),
    "course": _l("This course belongs to another library."),
    "field": _l("This field cannot be changed here."),
    "reason": _l("Say why: those who used it will read it."),
}


def create_resource(
    actor: Actor,
    library: Library,
    *,
    type: str,  # noqa: A002 - the field's own name
    title: str,
    course: Course | None = None,
    major: Major | None = None,
    points: Sequence[Point] = (),
    asset: Asset | None = None,
    body: str = "",
    content_hash: str = "",
    duration_s: float | None = None,
    originality: str = "unknown",
    has_evidence: bool = False,
    evidence_note: str = "",
    licence: str = "",
    unit: Unit | None = None,
    tags: Iterable[str] = (),
    author: User | None = None,
    is_imported: bool = False,
    **fields: Any,
) -> Resource:
    """Puts a resource into `library` as the draft of its version 1; nobody but authors and staff sees it.

    `content_hash` stands for a file that is not here (imports, scenarios). `fields` are further columns of Resource:
    title_en, name, description, language, keywords, difficulty, audience, source, external_id, derived_from,
    translation_of. Without `name` one is proposed by the library's template (R19); major and unit default to those
    of the course and the author. Licence and originality are asked for at submission, not here.
    Raises DuplicateContent, Invalid (all problems at once), NotAllowed.
    """
    if not policy.can_create(actor, library):
        raise NotAllowed()
    given = {
        "type": type,
        "title": title,
        "points": list(points),
        "course": course,
        "originality": originality,
        **fields,
    }
    _check(library, given)
    fingerprint = content_hash or hash_content(asset, body)
    copy = find_copy(library.id, fingerprint)
    if copy is not None:
        refuse_copy(actor, copy)
    author_id = author.id if author is not None else actor.id
    resource = Resource(
        library=library, library_id=library.id, type=type, title=title.strip(), course=course, author_id=author_id,
        unit_id=unit.id if unit is not None else (author or actor).unit_id, is_imported=is_imported,
        major=major or (course.major if course is not None else library.core_major), **fields,
    )  # fmt: skip
    first = ResourceVersion(
        num=1, author_id=author_id, originality=originality, has_evidence=has_evidence, evidence_note=evidence_note,
        licence=licence, tags=list(tags), state="draft", measured={},
    )  # fmt: skip
    versions.put_content(first, asset, body, fingerprint, duration_s, None)
    _add_with_first_version(resource, first, points)
    likeness.ask_for_likeness(first)
    auditlog.record("resource.create", actor, about=resource)
    return resource


def edit_draft(actor: Actor, resource: Resource, changes: Mapping[str, Any], expected_version: int) -> Resource:
    """Saves fields of the draft: metadata, rights, reason, `body`.

    `expected_version` is the `lock_version` the editor was opened with; EditConflict when somebody saved since.
    Of a published resource the metadata go live at once, as an entry of the ledger; its content waits for review.
    Raises Invalid (all problems), NoDraft, InReview, SameContent, DuplicateContent, NotAllowed.
    """
    _may_edit(actor, resource)
    _expect(resource, expected_version)
    draft = versions.require_draft(resource)
    _check(resource.library, changes, known=(*METADATA, *OF_VERSION, *ONLY_BEFORE_PUBLICATION, "body"))
    if "body" in changes:
        _put_body(actor, resource, draft, changes["body"])
    if resource.published_version_id is not None:
        _change_metadata(actor, resource, {k: v for k, v in changes.items() if k in METADATA})
    else:
        _apply(resource, {k: v for k, v in changes.items() if k in METADATA + ONLY_BEFORE_PUBLICATION})
    _apply_rights(draft, {k: v for k, v in changes.items() if k in OF_VERSION})
    _saved_by(actor, resource)
    return resource


def attach_asset(actor: Actor, resource: Resource, asset: Asset, duration_s: float | None = None) -> ResourceVersion:
    """Makes `asset` the content of the draft. Raises SameContent, DuplicateContent, NoDraft, InReview, NotAllowed."""
    _may_edit(actor, resource)
    draft = versions.require_draft(resource)
    if draft.content_hash != asset.sha256:
        versions.refuse_known(actor, resource, asset.sha256)
    versions.put_content(draft, asset, draft.body, asset.sha256, duration_s, resource.published_version)
    _saved_by(actor, resource)
    auditlog.record("resource.attach", actor, about=resource, details={"sha256": asset.sha256})
    return draft


def missing_metadata(resource: Resource) -> list[metadata.Problem]:
    """Everything that still blocks submission (R18), all at once."""
    return metadata.list_problems(resource)


def edit_metadata(
    actor: Actor, resource: Resource, fields: Mapping[str, Any], *, expected_version: int | None = None
) -> Resource:
    """Changes what describes a resource (METADATA, licence); never a version, never an update (M4).

    `expected_version` is the `lock_version` that was read before, where there was time for somebody to come between.
    Raises Withdrawn, Invalid, EditConflict, NotAllowed.
    """
    _may_edit(actor, resource)
    if expected_version is not None:
        _expect(resource, expected_version)
    _not_withdrawn(resource)
    _check(resource.library, fields, known=(*METADATA, "licence"))
    _change_metadata(actor, resource, fields)
    _saved_by(actor, resource)
    return resource


def rename(actor: Actor, resource: Resource, title: str) -> Resource:
    """Gives another title and, where the name followed the template, the name that fits. Raises as edit_metadata."""
    _may_edit(actor, resource)
    _not_withdrawn(resource)
    _check(resource.library, {"title": title})
    before, fitted = resource.title, naming.follows_template(resource)
    resource.title = title.strip()
    if fitted:
        resource.name = naming.propose_name(resource)
    naming.mark(resource)
    add_note(resource.library_id, resource.id, "rename", actor, old=before, new=resource.title)
    _changed(resource)
    return resource


def note_transcode(resource: Resource, actor: Actor | None = None) -> None:
    """The file was encoded again: content and version stay (M4). Raises Withdrawn."""
    _not_withdrawn(resource)
    add_note(resource.library_id, resource.id, "transcode", actor)
    session().flush()


def note_reupload(actor: Actor, resource: Resource) -> None:
    """The published content was offered again. Always raises: SameContent, or Withdrawn."""
    _not_withdrawn(resource)
    refuse_same(actor, resource)


def withdraw(actor: Actor, resource: Resource, reason: str) -> Resource:
    """Takes a live resource down; the record stays (R26). Raises NotLive, NotAllowed, Invalid without a reason."""
    _may_withdraw(actor, resource, reason)
    if not resource.is_live:
        raise Withdrawn() if versions.is_withdrawn(resource) else NotLive()
    resource.is_live = False
    span = _open_span(resource)
    if span is not None:
        span.ended_at, span.reason = clock.now(), reason.strip()
    _changed(resource)
    events.resource_withdrawn.send(SENDER, resource=resource)
    auditlog.record("resource.withdraw", actor, about=resource, reason=reason)
    return resource


def restore(actor: Actor, resource: Resource, reason: str) -> Resource:
    """Puts a withdrawn resource back: a new live span, the first publication stays. Raises AlreadyLive, NotLive."""
    _may_withdraw(actor, resource, reason)
    if resource.is_live:
        raise AlreadyLive()
    if resource.published_version_id is None:
        raise NotLive()
    resource.is_live = True
    session().add(LiveSpan(resource_id=resource.id, started_at=clock.now(), reason=reason.strip()))
    _changed(resource)
    auditlog.record("resource.restore", actor, about=resource, reason=reason)
    return resource


def _add_with_first_version(resource: Resource, first: ResourceVersion, points: Sequence[Point]) -> None:
    db = session()
    first.resource = resource
    db.add_all([resource, first])
    db.flush()
    _set_points(resource, points)
    resource.draft_version = first
    resource.name = resource.name or naming.propose_name(resource)
    naming.mark(resource)
    db.flush()


def _set_points(resource: Resource, points: Sequence[Point]) -> None:
    db = session()
    db.query(ResourcePoint).filter_by(resource_id=resource.id).delete()
    unique = list(dict.fromkeys(points))
    db.add_all(ResourcePoint(resource_id=resource.id, point_id=p.id, seq=i) for i, p in enumerate(unique))
    db.flush()
    db.expire(resource, ["points"])


def _put_body(actor: Actor, resource: Resource, draft: ResourceVersion, body: str) -> None:
    fingerprint = hash_content(draft.asset, body)
    if fingerprint != draft.content_hash:
        versions.refuse_known(actor, resource, fingerprint)
    versions.put_content(draft, draft.asset, body, fingerprint, draft.duration_s, resource.published_version)


def _change_metadata(actor: Actor, resource: Resource, fields: Mapping[str, Any]) -> None:
    changed = {k: v for k, v in fields.items() if k != "licence" and _value(resource, k) != v}
    licence = fields.get("licence")
    current = resource.published_version or resource.draft_version
    if licence is not None and current is not None and current.licence != licence:
        current.licence = licence
        changed["licence"] = licence
    if not changed and resource.published_version_id is not None and not fields:
        return
    _apply(resource, {k: v for k, v in changed.items() if k != "licence"})
    add_note(resource.library_id, resource.id, "metadata", actor, fields=sorted(changed) or sorted(fields))
    _changed(resource)


def _value(resource: Resource, name: str) -> Any:
    value = getattr(resource, name)
    return list(value) if name in ("points", "keywords") else value


def _apply(resource: Resource, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name == "points":
            _set_points(resource, value)
        else:
            setattr(resource, name, value.strip() if isinstance(value, str) else value)
    naming.mark(resource)


def _apply_rights(draft: ResourceVersion, fields: Mapping[str, Any]) -> None:
    claims = ("originality", "has_evidence", "evidence_note")
    if any(name in fields and getattr(draft, name) != fields[name] for name in claims):
        draft.is_evidence_accepted = False
    for name, value in fields.items():
        setattr(draft, name, list(value) if name == "tags" else value)


def _check(library: Library, fields: Mapping[str, Any], known: Sequence[str] | None = None) -> None:
    """Raises Invalid naming every field that cannot be as given."""
    problems: dict[str, list[Any]] = {}
    for name, value in fields.items():
        word = _problem_of(library, name, value) if known is None or name in known else "field"
        if word is not None:
            problems[name] = [WORDS[word]]
    if problems:
        raise Invalid(problems)


def _problem_of(library: Library, name: str, value: Any) -> str | None:
    """The key of the sentence that says what is wrong with one value; None when it may stand."""
    match name:
        case "title":
            return "title" if not str(value).strip() else ("title_long" if len(value) > 200 else None)
        case "type":
            return None if value in RESOURCE_TYPES else "type"
        case "originality":
            return None if value in ORIGINALITY else "originality"
        case "difficulty":
            return None if value is None or value in range(1, 6) else "difficulty"
        case "points":
            return None if all(point.library_id == library.id for point in value) else "points"
        case "course":
            return None if value is None or value.library_id == library.id else "course"
    return None


def _saved_by(actor: Actor, resource: Resource) -> None:
    """Counts as a change for whoever edits it at the same time, who will be told by whom it was made."""
    versions.touch(resource)
    session().flush()
    last = session().get(LastEdit, resource.id)
    if last is None:
        last = LastEdit(resource_id=resource.id)
        session().add(last)
    last.user_id, last.at = actor.id, clock.now()
    session().flush()


def _may_edit(actor: Actor, resource: Resource) -> None:
    if not policy.can_edit(actor, resource):
        raise NotAllowed()


def _may_withdraw(actor: Actor, resource: Resource, reason: str) -> None:
    if not policy.can_withdraw(actor, resource):
        raise NotAllowed()
    if not reason.strip():
        raise Invalid({"reason": [WORDS["reason"]]})


def _not_withdrawn(resource: Resource) -> None:
    if versions.is_withdrawn(resource):
        raise Withdrawn()


def _expect(resource: Resource, expected_version: int) -> None:
    if resource.lock_version != expected_version:
        raise EditConflict()


def _open_span(resource: Resource) -> LiveSpan | None:
    return (
        session().query(LiveSpan).filter_by(resource_id=resource.id, ended_at=None).order_by(LiveSpan.id.desc()).first()
    )


def _changed(resource: Resource) -> None:
    session().flush()
    versions.tell_changed(resource)
