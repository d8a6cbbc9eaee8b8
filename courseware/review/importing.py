"""Versions of a library that moves here: published before Keku knew them, and shown as imported ever after."""

from __future__ import annotations

import datetime as dt

from courseware.core.database import session
from courseware.resources import services as resources
from courseware.resources.models import ResourceVersion
from courseware.review.models import Submission


def publish_imported(version: ResourceVersion, at: dt.datetime, *, is_evidence_accepted: bool = False) -> Submission:
    """Publishes a draft as of `at` with a submission that says: imported, decided by nobody here (R36, M17)."""
    submission = Submission(
        version_id=version.id, submitted_by_id=version.author_id, submitted_at=at, due_at=at, levels=0, level=0,
        state="approved", is_imported=True,
    )  # fmt: skip
    session().add(submission)
    resources.publish_version(version, is_evidence_accepted=is_evidence_accepted, at=at)
    return submission
