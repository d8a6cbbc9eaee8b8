"""Files that show who holds the rights (R20): contracts, permissions, drafts, as PDF or picture.

They are no content: not indexed, not processed, never public. Authors, reviewers and stewards see them.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.auditlog import services as auditlog
from courseware.core.database import session
from courseware.core.errors import Conflict, NotAllowed, NotFound
from courseware.core.roles import Actor
from courseware.resources import policy, versions
from courseware.resources.assets import hash_file, refusal
from courseware.resources.errors import FileRefused, InReview
from courseware.resources.models import Resource, RightsEvidence
from courseware.resources.serving import Served
from courseware.resources.storage import store
from media.errors import MediaError
from media.pictures import open_image
from media.sniff import sniff

MAX_BYTES, MAX_FILES = 20 << 20, 10
KINDS = ("application/pdf", "image/png", "image/jpeg", "image/webp")


class TooManyFiles(Conflict):
    """A resource keeps a handful of evidence files."""

    code = "too_many_files"
    message = _l("At most %(limit)s evidence files can be kept. Remove one first.")


def add_evidence(actor: Actor, resource: Resource, path: Path, filename: str) -> RightsEvidence:
    """Keeps the file at `path` for the draft, which states evidence from now on; what was accepted is judged anew.

    Raises NotAllowed, NoDraft, InReview, TooManyFiles, FileRefused.
    """
    if not policy.can_edit(actor, resource):
        raise NotAllowed()
    draft = versions.require_draft(resource)
    if len(evidence_of(resource)) >= MAX_FILES:
        raise TooManyFiles(limit=MAX_FILES)
    media_type = _checked(path, filename)
    kept = RightsEvidence(
        uuid=uuidlib.uuid4(), resource_id=resource.id, version_id=draft.id, uploaded_by_id=actor.id,
        filename=filename.replace("\\", "/").rsplit("/", 1)[-1][:200], media_type=media_type, size=path.stat().st_size,
        sha256=hash_file(path), store_key="",
    )  # fmt: skip
    kept.store_key = f"evidence/{resource.uuid}/{kept.uuid}"
    with path.open("rb") as stream:
        store().put(kept.store_key, stream, kept.size, media_type)
    session().add(kept)
    draft.has_evidence, draft.is_evidence_accepted = True, False
    session().flush()
    auditlog.record("evidence.add", actor, about=resource, details={"sha256": kept.sha256})
    return kept


def remove_evidence(actor: Actor, kept: RightsEvidence) -> None:
    """Takes away a file of a draft; what a reviewer has seen with a version stays. Raises NotAllowed, InReview."""
    resource = session().get_one(Resource, kept.resource_id)
    if not policy.can_edit(actor, resource):
        raise NotAllowed()
    if kept.version is not None and kept.version.submitted_at is not None:
        raise InReview()
    store().delete(kept.store_key)
    session().delete(kept)
    session().flush()
    auditlog.record("evidence.remove", actor, about=resource, details={"sha256": kept.sha256})


def evidence_of(resource: Resource) -> Sequence[RightsEvidence]:
    """The files, oldest first, with who brought them."""
    query = select(RightsEvidence).where(RightsEvidence.resource_id == resource.id).order_by(RightsEvidence.id)
    return session().scalars(query.options(joinedload(RightsEvidence.uploaded_by))).all()


def evidence_by_uuid(actor: Actor | None, resource: Resource, evidence_uuid: uuidlib.UUID) -> RightsEvidence:
    """One file, for those who may see it. Raises NotFound."""
    query = select(RightsEvidence).where(
        RightsEvidence.uuid == evidence_uuid, RightsEvidence.resource_id == resource.id
    )
    kept = session().scalar(query)
    if kept is None or not policy.can_see_evidence(actor, resource):
        raise NotFound()
    return kept


def served(kept: RightsEvidence) -> Served:
    """How the file is sent: shown in the browser, kept by nobody."""
    return Served(kept.store_key, kept.media_type, size=kept.size)


def _checked(path: Path, filename: str) -> str:
    """The media type by content. Raises FileRefused."""
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused("too_large", _l("Evidence files may have up to 20 MB."))
    try:
        kind = sniff(path, filename)
        if kind.kind == "image":
            open_image(path).close()
    except MediaError as problem:
        raise refusal(problem) from problem
    if kind.mime not in KINDS:
        raise FileRefused("evidence_kind", _l("Evidence is a PDF or a picture (PNG, JPEG, WebP)."))
    return kind.mime
