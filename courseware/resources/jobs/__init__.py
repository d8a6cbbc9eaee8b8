"""What the worker does for resources. Importing this registers the handlers."""

from __future__ import annotations

from courseware.resources.jobs import captions, comparing, marks, names, process, sweeping  # noqa: F401 - they register what they do
