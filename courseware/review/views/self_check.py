"""The author's check list before handing in: each dimension, what the machine noticed, marks for named reviewers (R35)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from courseware.resources.models import Resource, ResourceVersion
from courseware.review import queries, rulebook
from courseware.review.hints import Hint, by_dimension, hints_of
from courseware.review.models import FLAGS
from courseware.review.rules import Rules
from courseware.review.words import FLAG_HELP, FLAG_NAMES, SELF_CHECK, dimension_names
from courseware.web.i18n import is_english


@dataclass(frozen=True, slots=True)
class Line:
    """One dimension: its name, what the author says of it, what was noticed."""

    key: str
    name: str
    says: str
    hints: list[Hint]
    is_checked: bool


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The list as the editor shows it. `flags` are (code, name, what it means, marked)."""

    lines: list[Line]
    flags: list[tuple[str, str, str, bool]]


def of(version: ResourceVersion) -> SelfCheck:
    """The list for a draft, with what was ticked when the form comes back."""
    rules = rulebook.rules_of(version.resource.library)
    hints = hints_of(version, rules, queries.text_of(version), is_english=is_english())
    grouped, names, ticked = by_dimension(hints, rules.keys), dimension_names(rules), request.form.getlist("check")
    lines = [Line(key, names[key], _says(key, names[key]), grouped[key], key in ticked) for key in rules.keys]
    maps = any(hint.code == "map" for hint in hints)
    marked = request.form.getlist("flag") if request.method == "POST" else (["map"] if maps else [])
    return SelfCheck(lines, [(f, str(FLAG_NAMES[f]), str(FLAG_HELP[f]), f in marked) for f in FLAGS])


def problems_of(resource: Resource) -> list[tuple[str, str, str]]:
    """Dimensions the author has not ticked, each as (anchor, name, sentence)."""
    rules: Rules = rulebook.rules_of(resource.library)
    ticked: Any = set(request.form.getlist("check"))
    names = dimension_names(rules)
    return [
        (f"check-{key}", names[key], _("Confirm that you have checked this."))
        for key in rules.keys
        if key not in ticked
    ]


def _says(key: str, name: str) -> str:
    return str(SELF_CHECK[key]) if key in SELF_CHECK else _("I have checked it: %(dimension)s.", dimension=name)
