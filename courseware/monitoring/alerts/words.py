"""Findings in words: what the rule looks for, what it found, what it does to the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from courseware.core.fractions import Ratio
from courseware.monitoring.alerts.models import Finding
from courseware.monitoring.alerts.rules import EXCLUDED

NAMES: dict[str, Any] = {
    "reupload": _l("Deleted and uploaded again"),
    "split": _l("Split into parts"),
    "rush": _l("Rush at the end of the year"),
    "fragments": _l("Fragments"),
    "slides": _l("Videos of still pages"),
    "crowd": _l("Accounts in a crowd"),
    "scripted": _l("Use by a script"),
    "ratings": _l("Ratings in a burst"),
    "answers": _l("Survey answers in a burst"),
    "dumps": _l("Lessons that only store"),
    "rosters": _l("Rosters that lost people"),
}
RULES: dict[str, Any] = {
    "reupload": _l("Content that was withdrawn comes back as new, found by its fingerprint."),
    "split": _l(
        "Parts of one source, and authors whose new recordings are half as long as before and under 3 minutes."
    ),
    "rush": _l("More than 30 of 100 updates of a year lie in its last 15 days."),
    "fragments": _l("Audio, video and animation under 30 seconds."),
    "slides": _l("Fewer than one change of picture in 60 seconds and no audible speech, where the file was measured."),
    "crowd": _l("30 accounts of a unit within an hour, of whom 80 of 100 never did anything that counts."),
    "scripted": _l(
        "Use that is no person's: by a robot, in a pattern no person has, or from 20 events on faster than 2× or at several places at once."
    ),
    "ratings": _l("10 ratings of a resource within an hour that say the same, or 20 by one person in 10 minutes."),
    "answers": _l("10 answers within an hour that say the same."),
    "dumps": _l("Lessons of more than 50 resources with fewer than one activity per ten."),
    "rosters": _l(
        "A list of a school has over 20 of 100 people fewer than an earlier one, or no students or teachers any more."
    ),
}
STATES: dict[str, Any] = {"open": _l("Open"), "explained": _l("Explained"), "confirmed": _l("Confirmed")}
COLUMNS: dict[str, Any] = {
    "split": _l("Seconds"),
    "fragments": _l("Seconds"),
    "slides": _l("Changes of picture a minute"),
    "scripted": _l("Events"),
    "ratings": _l("Stars"),
    "dumps": _l("Resources"),
    "rosters": _l("People on the list"),
    "reupload": _l("Equal, of 100"),
}
OTHERS: dict[str, Any] = {
    "reupload": _l("As in"), "split": _l("Part of"), "dumps": _l("Activities"), "scripted": _l("With what"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Said:
    """What the sentences below may name: the sort of finding within its rule, how many, of whom, what was measured."""

    kind: str
    n: int
    name: str
    measured: dict[str, Any]


def sentence(finding: Finding, name: str) -> str:
    """What was found, with numbers."""
    said = _Said(finding.about.partition(":")[0], finding.size, name, finding.facts["measures"])
    return SENTENCES[finding.rule](said)


def _reupload(said: _Said) -> str:
    if said.kind != "refused":
        return _repeated(said)
    return ngettext(
        "%(num)d upload of content that was there already was refused.",
        "%(num)d uploads of content that was there already were refused.",
        said.n,
    )


def _repeated(said: _Said) -> str:
    if said.kind == "unanswered":
        return ngettext(
            "%(num)d new resource repeats a withdrawn one, and its author has not answered.",
            "%(num)d new resources repeat withdrawn ones, and their authors have not answered.",
            said.n,
        )
    if said.kind == "answered":
        return ngettext(
            "%(num)d new resource repeats a withdrawn one; its author says why.",
            "%(num)d new resources repeat withdrawn ones; their authors say why.",
            said.n,
        )
    return ngettext(
        "%(num)d new resource holds exactly what a withdrawn one held.",
        "%(num)d new resources hold exactly what withdrawn ones held.",
        said.n,
    )


def _split(said: _Said) -> str:
    if said.kind == "parts":
        return ngettext(
            "%(num)d part of a split resource counts once, with its source.",
            "%(num)d parts of split resources count once, with their sources.",
            said.n,
        )
    return _(
        "%(name)s: new recordings take %(after)s s in the middle, earlier ones %(before)s s.",
        name=said.name,
        after=f"{said.measured['after_s']:g}",
        before=f"{said.measured['before_s']:g}",
    )


def _rush(said: _Said) -> str:
    late, everything = said.measured["late"], said.measured["all"]
    return _("%(late)s of %(all)s updates lie in the last 15 days of the year.", late=late, all=everything)


def _fragments(said: _Said) -> str:
    return ngettext(
        "%(num)d recording is shorter than 30 seconds.", "%(num)d recordings are shorter than 30 seconds.", said.n
    )


def _slides(said: _Said) -> str:
    return ngettext(
        "%(num)d video shows still pages and nobody speaks.",
        "%(num)d videos show still pages and nobody speaks.",
        said.n,
    )


def _crowd(said: _Said) -> str:
    return _(
        "%(name)s: %(accounts)s accounts within an hour, %(idle)s of them never active.",
        name=said.name,
        accounts=said.measured["accounts"],
        idle=said.measured["idle"],
    )


def _scripted(said: _Said) -> str:
    return ngettext(
        "%(events)s events of %(num)s account were refused (%(reason)s).",
        "%(events)s events of %(num)s accounts were refused (%(reason)s).",
        said.measured.get("people", said.n),
        events=said.measured["events"],
        reason=reasons(said.kind),
    )


def _ratings(said: _Said) -> str:
    if said.kind == "resource":
        return _("%(name)s: %(n)s ratings within an hour, nearly all the same.", name=said.name, n=said.n)
    return _("%(name)s gave %(n)s ratings within minutes.", name=said.name, n=said.n)


def _answers(said: _Said) -> str:
    return _("%(n)s survey answers within an hour, nearly all the same.", n=said.n)


def _dumps(said: _Said) -> str:
    return ngettext(
        "%(num)d lesson stores resources and asks for nothing.",
        "%(num)d lessons store resources and ask for nothing.",
        said.n,
    )


def _rosters(said: _Said) -> str:
    sentence = _(
        "%(name)s: the list has %(now)s people, an earlier one %(before)s.",
        name=said.name,
        now=said.measured["now"],
        before=said.measured["before"],
    )
    gone = {"no_student": _("No students stand on it any more."), "no_teacher": _("No teachers stand on it any more.")}
    return " ".join((sentence, *(words for mark, words in gone.items() if mark in said.measured)))


SENTENCES: dict[str, Callable[[_Said], str]] = {
    "reupload": _reupload, "split": _split, "rush": _rush, "fragments": _fragments, "slides": _slides, "crowd": _crowd,
    "scripted": _scripted, "ratings": _ratings, "answers": _answers, "dumps": _dumps, "rosters": _rosters,
}  # fmt: skip


def reasons(code: str) -> str:
    """Why use was refused when it came."""
    words = {
        "speed": _("faster than 2×"), "parallel": _("at several places at once"), "scripted": _("in a pattern no person has"),
        "robot": _("by a robot"), "pattern": _("in a pattern no person has"),
    }  # fmt: skip
    return words.get(code, code)


def effect(finding: Finding) -> str:
    """Whether a rule leaves it out already, or it is only flagged."""
    return _("Left out by rule") if finding.facts["effect"] == EXCLUDED else _("Counts, flagged only")


def figures(finding: Finding) -> tuple[str, str]:
    """The figure as it is, and what it would be otherwise; empty where it makes none."""
    now, without = finding.facts["now"], finding.facts["without"]
    return _shown(now), _shown(without)


def _shown(pair: list[int] | None) -> str:
    if pair is None:
        return ""
    return f"{pair[0]:,}" if pair[1] == 1 else Ratio(*pair).display()
