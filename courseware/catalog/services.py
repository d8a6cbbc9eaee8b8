"""Building courses, by one name for other subjects. The work is done in modules by subject: `lessons`, `courses`, `runs`."""

from __future__ import annotations

from courseware.catalog.changing import touch_course
from courseware.catalog.courses import (
    add_module,
    course_problems,
    edit_course,
    move_lesson,
    move_module,
    publish_course,
    rename_module,
)
from courseware.catalog.lessons import (
    check_ready,
    create_lesson,
    edit_lesson,
    is_reviewed,
    open_draft,
    publish_lesson,
    put_live,
    rename_lesson,
    save_draft,
    set_review_aside,
    withdraw_lesson,
)
from courseware.catalog.runs import open_run

__all__ = [
    "add_module", "check_ready", "course_problems", "create_lesson", "edit_course", "edit_lesson", "is_reviewed",
    "move_lesson", "move_module", "open_draft", "open_run", "publish_course", "publish_lesson", "put_live",
    "rename_lesson", "rename_module", "save_draft", "set_review_aside", "touch_course", "withdraw_lesson",
]  # fmt: skip
