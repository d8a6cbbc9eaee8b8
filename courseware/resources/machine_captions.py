"""Captions that a machine writes: asked for by a person, marked for learners until a person accepts them. Off by default."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from courseware.auditlog import services as auditlog
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.resources import policy, versions
from courseware.resources.errors import NoCaptionEngine
from courseware.resources.models import ResourceVersion
from courseware.resources.reasons import sentence_of
from media.captions.engines import CaptionEngine, EngineMissing, make_engine

KIND = "resources.captions"


@dataclass(frozen=True, slots=True)
class State:
    """Whether a machine may be asked, why not, and how far it is (None where it was not asked)."""

    is_on: bool
    reason: str = ""
    percent: int | None = None
    has_failed: bool = False


def engine() -> CaptionEngine:
    """The engine of this installation. Raises EngineMissing."""
    settings = current_app.config["KEKU"]
    return make_engine(settings.caption_engine, settings.caption_model)


def state_of(version: ResourceVersion, language: str) -> State:
    """What the page says of the machine."""
    try:
        engine()
    except EngineMissing as missing:
        return State(False, "" if missing.code == "caption_engine_off" else sentence_of(missing))
    job = session().query(Job).filter(Job.key == key_of(version, language)).one_or_none()
    if job is None or job.state == "done":
        return State(True)
    return State(True, percent=job.percent, has_failed=job.state in ("failed", "cancelled"))


def ask(actor: Actor, version: ResourceVersion, language: str) -> Job:
    """Has the machine write captions of a draft. Raises NoCaptionEngine, InReview, NotAllowed."""
    try:
        engine()
    except EngineMissing as missing:
        raise NoCaptionEngine(reason=sentence_of(missing)) from missing
    if not policy.can_edit(actor, version.resource):
        raise NotAllowed()
    versions.require_draft(version.resource)
    auditlog.record("captions.machine", actor, about=version.resource, details={"language": language})
    job = jobs.enqueue(
        KIND, key_of(version, language), {"version": str(version.uuid), "language": language}, priority=7
    )
    if job.state in ("done", "failed", "cancelled"):
        jobs.requeue(job)
    return job


def key_of(version: ResourceVersion, language: str) -> str:
    """The key of the job: one for each version and language."""
    return f"captions:{version.uuid}:{language}"
