"""What is loaded along with a submission, so that no page asks again row by row."""

from __future__ import annotations

from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from courseware.resources.models import Asset, Resource, ResourceVersion
from courseware.review.models import Decision, Submission


def row_parts() -> tuple[ExecutableOption, ...]:
    """What a row of the queue shows."""
    version = joinedload(Submission.version)
    return (
        version.joinedload(ResourceVersion.resource).joinedload(Resource.course),
        version.joinedload(ResourceVersion.resource).joinedload(Resource.unit),
        version.joinedload(ResourceVersion.resource).joinedload(Resource.library),
        version.joinedload(ResourceVersion.asset), joinedload(Submission.submitted_by), joinedload(Submission.claimed_by),
        selectinload(Submission.named),
        selectinload(Submission.decisions).joinedload(Decision.reviewer),
    )  # fmt: skip


def version_parts() -> tuple[ExecutableOption, ...]:
    """What a version shows beside another."""
    return (
        joinedload(ResourceVersion.author), selectinload(ResourceVersion.captions), selectinload(ResourceVersion.ranges),
        joinedload(ResourceVersion.asset).options(selectinload(Asset.renditions), undefer(Asset.extracted_text)),
    )  # fmt: skip


def case_parts() -> tuple[ExecutableOption, ...]:
    """What the page of a case shows beyond its row."""
    version, resource = (
        joinedload(Submission.version),
        joinedload(Submission.version).joinedload(ResourceVersion.resource),
    )
    return (
        version.joinedload(ResourceVersion.author), version.selectinload(ResourceVersion.captions),
        version.selectinload(ResourceVersion.ranges),
        version.joinedload(ResourceVersion.asset).options(selectinload(Asset.renditions), undefer(Asset.extracted_text)),
        resource.selectinload(Resource.points), joinedload(Submission.rules),
        selectinload(Submission.decisions).selectinload(Decision.verdicts),
    )  # fmt: skip
