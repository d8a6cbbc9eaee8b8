"""Upward effects: a lower subject tells, a higher one listens. Handlers run inside the same transaction.

Anything slow is not done here: a handler writes an outbox row or a job, the worker does the rest after commit.
"""

from __future__ import annotations

from blinker import Namespace

signals = Namespace()

# sender: the module that tells; keyword arguments as named.
content_changed = signals.signal("content-changed")  # kind: str, uuid: UUID  -- something searchable changed
resource_published = signals.signal("resource-published")  # resource, version
resource_withdrawn = signals.signal("resource-withdrawn")  # resource
asset_stored = signals.signal("asset-stored")  # asset
lesson_published = signals.signal("lesson-published")  # lesson
completion_changed = signals.signal("completion-changed")  # course  -- another rule says what completes it
signed_in = signals.signal("signed-in")  # user  -- somebody came in: a session of theirs begins
learning_recorded = signals.signal("learning-recorded")  # events: list of LearningEvent
course_completed = signals.signal(
    "course-completed"
)  # place: Enrollment  -- a person completed a run for the first time
naming_changed = signals.signal("naming-changed")  # library  -- its template of names is another one now
point_merged = signals.signal("point-merged")  # gone, kept: Point -- whatever is tied to `gone` moves to `kept`
