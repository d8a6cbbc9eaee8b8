"""Near-duplicates: what resembles a new content among all that was ever published in its library (M4, M7).

Fingerprints are made once a content, found by keys, and compared only with a few candidates. A resemblance of 70 % is
a remark; of 80 % a question to the author, and until it is answered the resource counts as not new. Both were set by
measuring (decision 10): copies reach 98 %, different films of one template 42 %, one pair of 7,978 excepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, delete, exists, func, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, undefer

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Actor
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.resources import policy
from courseware.resources.fingerprints import ContentFingerprint, FingerprintKey, Resemblance
from courseware.resources.models import Asset, Resource, ResourceVersion
from media.comparing.fingerprints import TEXT, WAY, Fingerprint, fingerprint_text, no_marks, pack, resemblance, unpack

REMARK, QUESTION = 0.7, 0.8
CANDIDATES = 12
WHENEVER = 8
MARK = "resources.mark"
_KEY = f"marks{max(WAY.values())}:"


def keep_fingerprints(content_hash: str, made: Iterable[Fingerprint]) -> None:
    """Stores the marks of a content; marks that are there already are replaced.

    A content that leaves none (a short text, a black film) keeps an empty row, so that nobody looks again.
    """
    db = session()
    db.execute(delete(ContentFingerprint).where(ContentFingerprint.content_hash == content_hash))
    for fingerprint in list(made) or [no_marks()]:
        marks, weights = pack(fingerprint)
        row = ContentFingerprint(
            content_hash=content_hash, track=fingerprint.track, level=fingerprint.level, marks=marks, weights=weights
        )
        try:
            with db.begin_nested():
                db.add(row)
                db.flush()
                db.add_all(FingerprintKey(key=key, fingerprint_id=row.id) for key in fingerprint.lookup_keys())
        except IntegrityError:  # an equal content was stored in this very moment
            continue
    db.flush()


def ask_for_likeness(version: ResourceVersion) -> None:
    """Has a job look whether the content of a draft is here already; files still being processed do so themselves."""
    asset = version.asset
    if version.content_hash and (version.body if asset is None else asset.state == "ready"):
        key = f"alike:{version.uuid}:{version.content_hash[:16]}"
        jobs.enqueue("resources.alike", key, {"version": str(version.uuid)}, priority=WHENEVER)


def ask_for_marks(limit: int) -> int:
    """Has jobs make the marks of at most `limit` published contents that have none, or older ones; returns how many.

    Nothing is asked while that many still wait, and no content twice: one that failed stays failed until a person
    repeats its job. Only candidates are made: nobody is asked about what was published long ago.
    """
    waiting = select(func.count()).select_from(Job).where(Job.kind == MARK, Job.state.in_(("queued", "running")))
    if (session().scalar(waiting) or 0) >= limit:
        return 0
    contents = session().scalars(_unmarked().limit(limit)).all()
    for content_hash in contents:
        jobs.enqueue(MARK, _KEY + content_hash, {"content": content_hash}, priority=WHENEVER)
    return len(contents)


def _unmarked() -> Select[str]:
    """Published contents without marks of today's making, whose file is ready, for which no job was asked yet."""
    mark, version = ContentFingerprint, ResourceVersion
    by_track = ((mark.track == track) & (mark.level == way) for track, way in WAY.items() if track != TEXT)
    is_marked = exists().where(mark.content_hash == version.content_hash, or_(mark.track == TEXT, *by_track))
    is_asked = exists().where(Job.key == literal(_KEY).concat(version.content_hash))
    is_there = or_(Asset.state == "ready", and_(version.asset_id.is_(None), version.body != ""))
    query = select(version.content_hash).outerjoin(Asset, Asset.id == version.asset_id)
    query = query.where(version.published_at.is_not(None), version.content_hash != "", is_there, ~is_marked, ~is_asked)
    return query.distinct().order_by(version.content_hash)


def find_resemblances(version: ResourceVersion) -> list[Resemblance]:
    """Looks among the library's published and withdrawn resources; keeps what is found, and answers already given."""
    own = _fingerprints([version.content_hash]).get(version.content_hash, [])
    if not own and version.body:
        own = list(marks_of_text(version.body))
        keep_fingerprints(version.content_hash, own)
    shares = _shares(own, _candidates(version, own))
    others = _resources_with(version, list(shares))
    best: dict[int, tuple[float, float]] = {}
    for resource_id, content_hash in others:
        best[resource_id] = max(best.get(resource_id, (0.0, 0.0)), shares[content_hash], key=max)
    return _keep(version.resource, {k: v for k, v in best.items() if max(v) >= REMARK})


def marks_of_text(text: str) -> Sequence[Fingerprint]:
    """The marks of a text; none where it is too short to tell."""
    made = fingerprint_text(text)
    return [] if made is None else [made]


def found_for(resource: Resource) -> Sequence[Resemblance]:
    """What was found for a resource, most alike first; one query."""
    query = select(Resemblance).where(Resemblance.resource_id == resource.id)
    query = query.options(joinedload(Resemblance.other), joinedload(Resemblance.answered_by))
    return sorted(session().scalars(query), key=lambda r: -r.share)


def answer(actor: Actor, resource: Resource, other: Resource, what: str, note: str = "") -> Resemblance:
    """The author says how a resource stands to the one it resembles: derived (lineage), or independent with a note.

    Raises NotFound, NotAllowed, Invalid.
    """
    if not policy.can_edit(actor, resource):
        raise NotAllowed()
    query = select(Resemblance).where(Resemblance.resource_id == resource.id, Resemblance.other_id == other.id)
    found = session().scalar(query)
    if found is None:
        raise NotFound()
    if what not in ("derived", "independent"):
        raise Invalid({"answer": [_l("Say whether it is derived or independent.")]})
    if what == "independent" and not note.strip():
        raise Invalid({"note": [_l("Say why it is independent: the reviewer reads it.")]})
    if what == "derived":
        resource.derived_from_id = other.id
    elif resource.derived_from_id == other.id:
        resource.derived_from_id = None
    found.answer, found.note, found.answered_by_id = what, note.strip(), actor.id
    found.answered_at = clock.now()
    session().flush()
    auditlog.record(
        "resource.answer_likeness",
        actor,
        about=resource,
        reason=note,
        details={"answer": what, "other": str(other.uuid)},
    )
    return found


def _candidates(version: ResourceVersion, own: Sequence[Fingerprint]) -> list[str]:
    """Hashes of the contents that share most keys; one query."""
    keys = sorted({key for fingerprint in own for key in fingerprint.lookup_keys()})
    if not keys:
        return []
    elsewhere = (
        select(ResourceVersion.content_hash)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.library_id == version.resource.library_id, Resource.id != version.resource_id)
        .where(
            ResourceVersion.published_at.is_not(None), ResourceVersion.content_hash == ContentFingerprint.content_hash
        )
    )
    query = (
        select(ContentFingerprint.content_hash)
        .join(FingerprintKey, FingerprintKey.fingerprint_id == ContentFingerprint.id)
        .where(FingerprintKey.key.in_(keys), elsewhere.exists())
        .group_by(ContentFingerprint.content_hash)
        .order_by(func.count().desc(), ContentFingerprint.content_hash)
        .limit(CANDIDATES)
    )
    return list(session().scalars(query))


def _fingerprints(hashes: Sequence[str]) -> dict[str, list[Fingerprint]]:
    query = select(ContentFingerprint).where(ContentFingerprint.content_hash.in_(hashes))
    found: dict[str, list[Fingerprint]] = {}
    for row in session().scalars(query.options(undefer(ContentFingerprint.marks), undefer(ContentFingerprint.weights))):
        found.setdefault(row.content_hash, []).append(unpack(row.track, row.marks, row.weights, row.level))
    return found


def _shares(own: Sequence[Fingerprint], hashes: Sequence[str]) -> dict[str, tuple[float, float]]:
    return {content_hash: resemblance(own, theirs) for content_hash, theirs in _fingerprints(hashes).items()}


def _resources_with(version: ResourceVersion, hashes: Sequence[str]) -> Sequence[tuple[int, str]]:
    """Other resources of the library that published one of these contents before this resource was published."""
    query = (
        select(Resource.id, ResourceVersion.content_hash)
        .join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
        .where(Resource.library_id == version.resource.library_id, Resource.id != version.resource_id)
        .where(ResourceVersion.content_hash.in_(hashes), ResourceVersion.published_at.is_not(None))
    )
    first = version.resource.first_published_at
    if first is not None:
        query = query.where(Resource.first_published_at < first)
    return [(row[0], row[1]) for row in session().execute(query)]


def _keep(resource: Resource, shares: dict[int, tuple[float, float]]) -> list[Resemblance]:
    known = {
        row.other_id: row
        for row in session().scalars(select(Resemblance).where(Resemblance.resource_id == resource.id))
    }
    for other_id, row in known.items():
        if other_id not in shares and not row.answer:
            session().delete(row)
    kept = []
    lineage = {resource.derived_from_id, resource.translation_of_id}
    for other_id, (part, whole) in shares.items():
        row = known.get(other_id) or Resemblance(resource_id=resource.id, other_id=other_id)
        row.part, row.whole, row.found_at = part, whole, clock.now()
        row.is_asked = max(part, whole) >= QUESTION and other_id not in lineage
        session().add(row)
        kept.append(row)
    session().flush()
    return kept
