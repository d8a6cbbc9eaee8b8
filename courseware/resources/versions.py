"""The life of a version: drafted, handed in, given back or published, superseded.

Versions never change once published. `hand_in`, `give_back`, `turn_down` and `publish_version` are the steps that
review takes; who may take them is review's question.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from courseware.auditlog import services as auditlog
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Actor
from courseware.jobs import services as jobs
from courseware.resources import change, likeness, policy
from courseware.resources.content import hash_content
from courseware.resources.errors import InReview, NoDraft, RevisionOpen, Withdrawn, WrongState
from courseware.resources.ledger import find_copy, refuse_copy, refuse_same
from courseware.resources.models import Asset, CaptionTrack, LiveSpan, PointRange, Resource, ResourceVersion
from media.captions import parse_captions

SENDER = "resources"
CARRIED = (
    "body",
    "asset",
    "asset_id",
    "content_hash",
    "duration_s",
    "originality",
    "has_evidence",
    "evidence_note",
    "is_evidence_accepted",
    "licence",
)
EDITABLE = ("draft", "returned")


def start_revision(
    actor: Actor,
    resource: Resource,
    *,
    asset: Asset | None = None,
    body: str | None = None,
    content_hash: str = "",
    duration_s: float | None = None,
    measured: change.Measurement | None = None,
    reason: str = "",
    tags: Iterable[str] = (),
) -> ResourceVersion:
    """Opens the next version as a draft, with new content or, given none, a copy of the published one.

    `content_hash` stands for a file that is not here (imports, scenarios); `measured` is the evidence of its change.
    Raises SameContent (the very content now published), DuplicateContent, RevisionOpen, Withdrawn, NotAllowed.
    """
    base = _base_of_revision(actor, resource)
    brings_content = asset is not None or body is not None or bool(content_hash)
    fingerprint = content_hash or hash_content(asset, body or "")
    if brings_content:
        refuse_known(actor, resource, fingerprint)
    version = _copy_version(actor, resource, base)
    version.reason, version.tags = reason, list(tags)
    if brings_content:
        put_content(version, asset, body or "", fingerprint, duration_s, base, measured)
    session().flush()
    resource.draft_version = version
    session().flush()
    auditlog.record("resource.revise", actor, about=resource, details={"num": version.num})
    return version


def restore_version(actor: Actor, resource: Resource, old: ResourceVersion, reason: str) -> ResourceVersion:
    """Brings content, rights, captions and moments of an earlier published version back as a new draft.

    It goes through review like every revision and, being content that was there before, never counts as an update (M4).
    Raises Invalid without a reason, NotFound for what was never published, SameContent, and what start_revision raises.
    """
    if not policy.can_revise(actor, resource):
        raise NotAllowed()
    if not reason.strip():
        raise Invalid({"reason": [_l("Say why: those who used it will read it.")]})
    if old.resource_id != resource.id or old.published_at is None:
        raise NotFound()
    version = start_revision(
        actor, resource, asset=old.asset, body=old.body, content_hash=old.content_hash, duration_s=old.duration_s,
        reason=reason.strip(),
    )  # fmt: skip
    for name in ("originality", "has_evidence", "evidence_note", "is_evidence_accepted", "licence"):
        setattr(version, name, getattr(old, name))
    version.captions, version.ranges = [], []
    session().flush()
    _copy_tracks(old, version)
    session().flush()
    return version


def refuse_known(actor: Actor | None, resource: Resource, content_hash: str) -> None:
    """Raises SameContent or DuplicateContent where `content_hash` is published here, or stands in another resource."""
    published = resource.published_version
    if content_hash and published is not None and published.content_hash == content_hash:
        refuse_same(actor, resource)
    copy = find_copy(resource.library_id, content_hash, except_id=resource.id)
    if copy is not None:
        refuse_copy(actor, copy, resource)


def put_content(
    version: ResourceVersion,
    asset: Asset | None,
    body: str,
    content_hash: str,
    duration_s: float | None,
    base: ResourceVersion | None,
    measured: change.Measurement | None = None,
) -> None:
    """Gives a draft its content and measures it against `base`, the version published now."""
    version.asset, version.body, version.content_hash = asset, body, content_hash
    version.duration_s = duration_s if duration_s is not None else (asset.duration_s if asset is not None else None)
    if base is not None:
        version.measured = measure(base, version, measured)
        version.proposed_class = change.propose_class(version.measured)
        if measured is None and version.measured["class"] != change.IDENTICAL:
            _ask_for_comparison(base, version)
    if content_hash and version in session():
        session().flush()
        likeness.ask_for_likeness(version)


def measure(
    base: ResourceVersion, version: ResourceVersion, given: change.Measurement | None = None
) -> change.Measurement:
    """What changed from `base` to `version`; content that any earlier version had is no change."""
    repeated = _earlier_with(version)
    if repeated is not None:
        return change.measure_same(repeated)
    old, new = _text_of(base), _text_of(version)
    if old and new:
        return change.measure_text(old, new)
    return given if given is not None else change.measure_nothing(base.duration_s, version.duration_s)


def _ask_for_comparison(base: ResourceVersion, version: ResourceVersion) -> None:
    """Has a job look into both files: what pages, ears and eyes find is slow, and the reader is told it is under way."""
    if version.asset is None or base.asset is None or version.asset is base.asset:
        return
    session().flush()
    key = f"compare:{version.uuid}:{version.content_hash[:16]}:{base.num}"
    payload = {"version": str(version.uuid), "base": str(base.uuid), "content": version.content_hash}
    jobs.enqueue("resources.compare", key, payload, priority=3)
    if version.measured["class"] is None:
        pending = [{"code": "comparing"}, *(e for e in version.measured["evidence"] if e["code"] == "duration")]
        version.measured = {**version.measured, "evidence": pending}


def spoken_in(version: ResourceVersion) -> str:
    """What is said, by the captions in the language of the resource (else the first)."""
    tracks = sorted(version.captions, key=lambda t: t.language[:2] != version.resource.language[:2])
    return "\n".join(cue.text for cue in parse_captions(tracks[0].webvtt.encode())) if tracks else ""


def require_draft(resource: Resource) -> ResourceVersion:
    """The draft that may be edited now. Raises Withdrawn, NoDraft, InReview."""
    draft = resource.draft_version
    if draft is not None and draft.state == "in_review":
        raise InReview()
    if draft is None or draft.state not in EDITABLE:
        raise Withdrawn() if is_withdrawn(resource) else NoDraft()
    return draft


def is_withdrawn(resource: Resource) -> bool:
    """Whether the resource was published and then taken down."""
    return resource.published_version_id is not None and not resource.is_live


def hand_in(version: ResourceVersion, proposed_class: str | None = None) -> None:
    """The author handed the draft in: nobody edits it until review has answered. Raises WrongState."""
    _require(version, EDITABLE)
    version.state, version.submitted_at = "in_review", clock.now()
    version.proposed_class = proposed_class or version.proposed_class
    touch(version.resource)


def give_back(version: ResourceVersion) -> None:
    """Review returned it with reasons (or the author took it back): the draft may be edited again."""
    _require(version, ("in_review",))
    version.state = "returned"
    touch(version.resource)


def turn_down(version: ResourceVersion) -> None:
    """Review rejected it for good; the resource keeps what is published and is free for another revision."""
    _require(version, ("in_review",))
    version.state = "rejected"
    version.resource.draft_version = None
    touch(version.resource)


def publish_version(
    version: ResourceVersion,
    decided_class: str | None = None,
    is_evidence_accepted: bool = False,
    at: dt.datetime | None = None,
    *,
    note: str = "",
) -> ResourceVersion:
    """Makes `version` what learners see, at `at` (now). The version before is superseded; the first opens a live span.

    The first version is "new". A later one is "substantive" only where `change.decide_class` grants it: pass the
    reviewer's `note` when it lifts a change below the floor. Raises WrongState, Withdrawn, and DuplicateContent.
    """
    resource, moment = version.resource, at or clock.now()
    _require(version, (*EDITABLE, "in_review"))
    if is_withdrawn(resource):
        raise Withdrawn()
    _refuse_repeated(version)
    version.decided_class = _decide(resource, version, decided_class, note)
    version.is_evidence_accepted = is_evidence_accepted or version.is_evidence_accepted
    version.state, version.published_at = "published", moment
    _swap_pointers(resource, version, moment)
    session().flush()
    events.resource_published.send(SENDER, resource=resource, version=version)
    tell_changed(resource)
    return version


def _refuse_repeated(version: ResourceVersion) -> None:
    """Content that is published already is refused, unless captions or moments around it are new."""
    published = version.resource.published_version
    is_same = published is not None and published.content_hash == version.content_hash
    if published is None or not (is_same and _described(published) != _described(version)):
        refuse_known(None, version.resource, version.content_hash)


def _described(version: ResourceVersion) -> tuple[Any, ...]:
    captions = sorted((track.language, track.webvtt, track.is_machine) for track in version.captions)
    return captions, sorted((r.point_id, r.start_s, r.end_s) for r in version.ranges)


def tell_changed(resource: Resource) -> None:
    """Tells the index that something searchable changed."""
    events.content_changed.send(SENDER, kind="resource", uuid=resource.uuid)


def touch(resource: Resource) -> None:
    """Counts as a change of the resource for whoever edits it at the same time."""
    flag_modified(resource, "title")


def _base_of_revision(actor: Actor, resource: Resource) -> ResourceVersion:
    if not policy.can_revise(actor, resource):
        raise NotAllowed()
    if is_withdrawn(resource):
        raise Withdrawn()
    if resource.draft_version is not None:
        raise RevisionOpen(author=resource.draft_version.author.name, num=resource.draft_version.num)
    base = resource.published_version or _last_version(resource)
    if base is None:
        raise NoDraft()
    return base


def _last_version(resource: Resource) -> ResourceVersion | None:
    newest = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)
    return session().scalar(newest.order_by(ResourceVersion.num.desc()).limit(1))


def _copy_version(actor: Actor, resource: Resource, base: ResourceVersion) -> ResourceVersion:
    last = _last_version(resource)
    version = ResourceVersion(num=(last.num if last else 0) + 1, author_id=actor.id)
    for name in CARRIED:
        setattr(version, name, getattr(base, name))
    _copy_tracks(base, version)
    session().add(version)
    version.resource = resource
    version.measured, version.state = {}, "draft"
    session().flush()
    return version


def _copy_tracks(old: ResourceVersion, version: ResourceVersion) -> None:
    version.captions = [
        CaptionTrack(language=t.language, webvtt=t.webvtt, is_machine=t.is_machine) for t in list(old.captions)
    ]
    version.ranges = [PointRange(point_id=r.point_id, start_s=r.start_s, end_s=r.end_s) for r in list(old.ranges)]


def _earlier_with(version: ResourceVersion) -> int | None:
    same = select(ResourceVersion.num).where(
        ResourceVersion.resource_id == version.resource_id,
        ResourceVersion.content_hash == version.content_hash,
        ResourceVersion.published_at.is_not(None),
        ResourceVersion.num < version.num,
    )
    with session().no_autoflush:
        return session().scalar(same.order_by(ResourceVersion.num.desc()).limit(1))


def _text_of(version: ResourceVersion) -> str:
    return version.body or (version.asset.extracted_text if version.asset is not None else "")


def _decide(resource: Resource, version: ResourceVersion, decided: str | None, note: str) -> str:
    if resource.published_version is None:
        return change.NEW
    wanted = decided or change.MINOR
    return change.decide_class(version.measured, wanted, note, resource_type=resource.type, reason=version.reason)


def _swap_pointers(resource: Resource, version: ResourceVersion, at: dt.datetime) -> None:
    if resource.published_version is not None:
        resource.published_version.state = "superseded"
    resource.published_version, resource.draft_version = version, None
    resource.first_published_at = resource.first_published_at or at
    resource.updated_at = at
    if not resource.is_live:
        resource.is_live = True
        session().add(LiveSpan(resource_id=resource.id, started_at=at))


def _require(version: ResourceVersion, states: Iterable[str]) -> None:
    if version.state not in tuple(states):
        raise WrongState()


def facts_of(version: ResourceVersion) -> dict[str, Any]:
    """The plain facts of a version, for logs and exports."""
    return {"num": version.num, "state": version.state, "class": version.decided_class, "hash": version.content_hash}
