"""What classes tell those above: days by which lessons are due."""

from __future__ import annotations

from courseware.classes.queries import due_for
from courseware.core import agenda

agenda.sources.append(due_for)
