"""The words of the question."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

SCORES: dict[int, Any] = {
    5: _l("very satisfied"),
    4: _l("satisfied"),
    3: _l("so-so"),
    2: _l("dissatisfied"),
    1: _l("very dissatisfied"),
}
GROUPS: dict[str, Any] = {
    "student": _l("Students"),
    "teacher": _l("Teachers"),
    "other": _l("Others"),
    "": _l("No unit"),
}
