"""Names of acts, reasons and figures in the language of the reader."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from courseware.resources.words import FIELDS

Words = dict[str, Any]

ACT_NAMES: Words = {
    "edit": _l("Edit fields"), "submit": _l("Hand in for review"), "name": _l("Name by the template"),
    "withdraw": lazy_pgettext("bulk", "Withdraw"), "import": _l("Import a sheet"),
}  # fmt: skip

# The columns of a sheet, beside the fields that block submission.
COLUMN_NAMES: Words = {
    **FIELDS, "external_id": _l("Number"), "type": _l("Type"), "body": _l("Text"), "file": _l("File"),
    "difficulty": _l("Difficulty"), "skill_points": _l("Skill points"), "published_at": _l("Published"),
}  # fmt: skip

REASONS: Words = {
    "withdrawn": _l("is withdrawn; restore it first"), "in_review": _l("is being reviewed"),
    "no_draft": _l("has no draft; start a revision first"), "not_live": _l("is not published"),
    "incomplete": _l("lacks mandatory fields"), "changed_since": _l("was changed since"),
    "is_used": _l("is in use or in review"), "not_found": _l("is gone"),
}  # fmt: skip

FIGURES: Words = {
    "M1.A": _l("Resources"), "M2.A": _l("Text and image share"), "M3.A": _l("Originality, verified"),
    "M4": _l("Counted as new or revised this year"),
}  # fmt: skip
