"""Names of what review knows by codes."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from courseware.review.rules import Level, Rules

DIMENSION_NAMES = {
    "political": _l("Political soundness"), "scientific": _l("Scientific soundness"),
    "applicability": _l("Applicability"), "norms": _l("Norms"), "orientation": _l("Orientation"),
    "timeliness": _l("Timeliness"), "public_benefit": _l("Public benefit"),
}  # fmt: skip

DIMENSION_HELP = {
    "political": _l("right orientation, nothing unlawful"),
    "scientific": _l("terms, data and demonstration are right"),
    "applicability": _l("fits the course standard and the learners"),
    "norms": _l("name, format, marks, rights"),
    "orientation": _l("values that education stands for"),
    "timeliness": _l("up to date; nothing repealed or outdated"),
    "public_benefit": _l("no advertising, no private gain"),
}

SELF_CHECK = {
    "political": _l("It holds nothing unlawful; names of places and maps are the official ones."),
    "scientific": _l("Terms, data and demonstrations are right, and I have checked their sources."),
    "applicability": _l("It fits the course standard and those who will learn with it."),
    "norms": _l("Name, format and marks follow the norms, and I hold the rights named here."),
    "orientation": _l("It stands for the values of education."),
    "timeliness": _l("It is up to date; no repealed standard is quoted."),
    "public_benefit": _l("It advertises nothing and serves no private gain."),
}

FLAG_NAMES = {
    "map": _l("Maps"), "major_topic": _l("Major topic to be filed"), "minors": _l("Minors"),
    "ideology": _l("Ideology course"),
}  # fmt: skip
FLAG_HELP = {
    "map": _l("shows a map of a country or of regions"),
    "major_topic": _l("party and state leaders, history, territory, religion, peoples"),
    "minors": _l("shows minors, or is made for them"),
    "ideology": _l("is used in an ideological and political course"),
}

ROLE_NAMES = {"reviewer": _l("Reviewers"), "librarian": _l("Librarians"), "administrator": _l("Administrators")}

INCIDENT_NAMES = {
    "content": _l("Content"), "ideology": _l("Ideology"), "ethics": _l("Teacher ethics"),
    "discipline": _l("Discipline"), "security": _l("Network security"), "rights": _l("Rights of others"),
}  # fmt: skip


def level_name(step: Level, number: int, steps: Sequence[Level]) -> str:
    """What a step is called: its own name, else by its place or by the flag it is there for."""
    if step.flag:
        return _("named reviewer: %(flag)s", flag=FLAG_NAMES[step.flag])
    if step.name:
        return step.name
    if len([s for s in steps if not s.flag]) == 1:
        return _("Final review")
    if number == len(steps):
        return _("Final review")
    return _("First review") if number == 1 else _("Second review")


def dimension_names(rules: Rules) -> dict[str, str]:
    """The dimensions of a case with their names, in order."""
    own = {d.key: d.name for d in rules.dimensions}
    return {key: str(DIMENSION_NAMES.get(key, own.get(key, key))) for key in rules.keys}
