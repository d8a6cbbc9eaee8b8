"""What people call the fields that can be handed over."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.monitoring.results import FAIL, INSUFFICIENT, NOT_APPLICABLE, PASS
from courseware.resources.words import ORIGINALITIES, TYPES

ROWS: dict[str, Any] = {
    "resources": _l("Resources"), "courses": _l("Courses"), "figures": _l("Figures of the year"),
}  # fmt: skip
FIELD_WORDS: dict[str, Any] = {
    "id": _l("Identifier"), "external_id": _l("Own number"), "title": _l("Title"), "title_en": _l("English title"), "type": _l("Type"),
    "language": _l("Language"), "description": _l("Description"), "keywords": _l("Keywords"), "duration_s": _l("Length in seconds"),
    "originality": _l("Originality"), "licence": _l("Licence"), "course_code": _l("Course code"), "course": _l("Course"),
    "major_code": _l("Major code"), "major": _l("Major"), "author": _l("Author"), "unit": _l("Unit"), "published_on": _l("First published on"),
    "updated_on": _l("Updated on"), "library": _l("Library code"), "code": _l("Course code"), "name": _l("Name"), "name_en": _l("English name"),
    "kind": _l("Kind of course"), "summary": _l("Summary"), "theory_hours": _l("Hours of theory"), "practice_hours": _l("Hours of practice"),
    "numerator": _l("Numerator"), "denominator": _l("Denominator"), "value": _l("Value"), "verdict": _l("Verdict"),
    "threshold": _l("Target in per cent"), "version": _l("Version of the rules"), "period_begins": _l("Period begins"),
    "period_ends_before": _l("Period ends before"), "frozen_on": _l("Frozen on"), "counted_today": _l("Counted today"),
}  # fmt: skip
KINDS: dict[str, Any] = {
    "core": _l("Core course"), "foundation": _l("Foundation course"), "extension": _l("Extension course"),
    "practice": _l("Practice course"), "training": _l("Training"),
}  # fmt: skip
WORDS_OF: dict[str, dict[str, Any]] = {
    "type": TYPES, "originality": ORIGINALITIES, "kind": KINDS,
    "verdict": {PASS: _l("Met"), FAIL: _l("Not met"), NOT_APPLICABLE: _l("Not applicable"), INSUFFICIENT: _l("Too few answers")},
}  # fmt: skip
"""The words that our fields know, as they stand in a record: what codes are written for."""
