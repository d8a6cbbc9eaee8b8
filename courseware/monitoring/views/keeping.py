"""Which library a page is about, for those who keep it."""

from __future__ import annotations

from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.web.actor import actor


def kept_library(code: str) -> Library:
    """The library of this code. Raises NotFound, and NotAllowed for those who do not keep it."""
    library = libraries.library_by_code(code, actor())
    policy.require_monitor(actor(), library)
    return library
