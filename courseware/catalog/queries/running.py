"""What changed since the contents of a run were frozen: what its learners would see after an update."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from courseware.catalog.queries.contents import contents_at, contents_of
from courseware.catalog.queries.facts import LessonFacts
from courseware.libraries.models import Course


@dataclass(frozen=True, slots=True)
class Changes:
    """Lessons that are new, that were changed (themselves or a resource in them), that would go."""

    added: Sequence[LessonFacts] = ()
    changed: Sequence[tuple[LessonFacts, Sequence[str]]] = ()
    gone: Sequence[LessonFacts] = ()

    @property
    def count(self) -> int:
        """How many lessons an update touches."""
        return len(self.added) + len(self.changed) + len(self.gone)


def changes_since(course: Course, frozen_at: dt.datetime | None) -> Changes:
    """What is published now against that moment; nothing where the run follows what is published."""
    if frozen_at is None:
        return Changes()
    before = contents_at(course.id, course.uuid, course.content_version, frozen_at).by_lesson
    now = contents_of(course).by_lesson
    changed = [(now[uuid], _what(before[uuid], now[uuid])) for uuid in now if uuid in before]
    return Changes(
        added=[lesson for uuid, lesson in now.items() if uuid not in before],
        changed=[(lesson, what) for lesson, what in changed if what is not None],
        gone=[lesson for uuid, lesson in before.items() if uuid not in now],
    )


def _what(before: LessonFacts, now: LessonFacts) -> Sequence[str] | None:
    """The titles of resources that are newer, none where the lesson itself was published again; None without a change."""
    was = {item.key: item.version_id for item in before.items}
    newer = [item.title for item in now.items if item.key in was and was[item.key] != item.version_id]
    return newer if newer or before.version_uuid != now.version_uuid else None
