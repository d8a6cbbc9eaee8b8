"""The self-check of the platform's functions: what is there, and how often it was used in the year (R58)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _l

from courseware.libraries.models import Library
from courseware.monitoring.queries.functions import MISSING, UNRECORDED, UNUSED, USED, FunctionUse, functions_of
from courseware.monitoring.queries.monitor import Overview

GROUP_WORDS: Mapping[str, Any] = {
    "management": _l("Management"), "teaching": _l("Teaching"), "learning": _l("Studying"), "value_added": _l("Value added"),
}  # fmt: skip
STATE_WORDS: Mapping[str, Any] = {
    USED: _l("used"), UNUSED: _l("there, not used in this year"), UNRECORDED: _l("there, its use is not recorded by library"),
    MISSING: _l("not there yet"),
}  # fmt: skip
WORDS: Mapping[str, tuple[Any, Any]] = {
    "upload": (_l("Upload of resources"), _l("versions uploaded")),
    "review": (_l("Review"), _l("decisions of reviewers")),
    "personal": (_l("Personal use"), _l("resources kept as favourites")),
    "evaluation": (_l("Open evaluation"), _l("ratings with stars")),
    "assembly": (_l("Assembling lessons"), _l("versions of lessons published")),
    "choice": (_l("Free choice of courses"), _l("enrolments")),
    "search": (_l("Smart search"), ""),
    "interaction": (_l("Interaction in class"), _l("questions asked and sign-ins opened")),
    "self_study": (_l("Self-study"), _l("visits to courses")),
    "discussion": (_l("Discussion"), _l("messages")),
    "feedback": (_l("Feedback on resources"), _l("problems reported")),
    "exam": (_l("Online exam"), ""),
    "customisation": (_l("Adapting courses to a class"), _l("days set for lessons")),
    "recommendation": (_l("Recommendation"), ""),
    "resources": (_l("Analysis of resources"), _l("tasks given from figures")),
    "behaviour": (_l("Analysis of behaviour"), _l("unusual findings")),
}


def page(library: Library, view: Overview, **shared: Any) -> str:
    """The page."""
    found = _functions(library, view)
    used = sum(one.state == USED for one in found)
    return render_template(
        "monitoring/functions.html",
        found=found,
        used=used,
        groups=GROUP_WORDS,
        states=STATE_WORDS,
        words=WORDS,
        **shared,
    )


def table(library: Library, view: Overview) -> tuple[list[Any], list[list[Any]]]:
    """Heads and rows of the file."""
    heads = [_l("Group of functions"), _l("Function"), _l("State"), _l("How often"), _l("What is counted")]
    lines = [
        [GROUP_WORDS[one.group], WORDS[one.name][0], STATE_WORDS[one.state], "" if one.count is None else one.count, WORDS[one.name][1]]
        for one in _functions(library, view)
    ]  # fmt: skip
    return heads, lines


def _functions(library: Library, view: Overview) -> list[FunctionUse]:
    visits, enrolments = (view.results[key].numerator or 0 for key in ("M14.visits.A", "M14.enrolments"))
    return functions_of(library, view.period, visits=visits, enrolments=enrolments)
