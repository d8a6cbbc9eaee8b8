"""The radar in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from courseware.monitoring.planning import route
from courseware.monitoring.planning.board import Suggestion
from courseware.monitoring.words import persons

SIGNS: dict[str, Any] = {
    route.SUPERSEDED: _l("Old standard"), route.DEAD_LINK: _l("Dead link"), route.REPORTED: _l("Reported"),
    route.LOW_RATED: _l("Low stars"), route.REWOUND: _l("Gone back to"), route.OLD: _l("Long unchanged"),
}  # fmt: skip
LINK_STATES: dict[str, Any] = {
    "dead": _l("Dead"), "failing": _l("Does not answer"), "closed": _l("Asks for sign-in"), "alive": _l("Answers"),
    "barred": _l("Inside a private network"), "new": _l("Not asked yet"),
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "name": _l("the name is unknown"), "refused": _l("nobody answers"), "timeout": _l("no answer within 10 seconds"),
    "certificate": _l("its certificate is not valid"), "private": _l("never asked: it leads into a private network"),
    "redirects": _l("it leads in circles"), "404": _l("404: the page is gone"), "410": _l("410: removed for good"),
    "401": _l("401: only after sign-in"), "403": _l("403: nobody is let in"),
}  # fmt: skip


def reasons(one: Suggestion) -> list[str]:
    """Why a resource is on the list, as facts."""
    if one.stop is None:
        return []
    candidate = one.stop.candidate
    words = {
        route.SUPERSEDED: [_("%(old)s, now %(new)s", old=old, new=new) for old, new in candidate.superseded[:2]],
        route.DEAD_LINK: [ngettext("%(num)d dead link", "%(num)d dead links", candidate.dead_links)],
        route.REPORTED: [ngettext("%(num)d open report", "%(num)d open reports", candidate.open_reports)],
        route.LOW_RATED: [_("%(stars)s stars of 5", stars=round(candidate.stars or 0, 1))],
        route.REWOUND: [
            _("%(at)s gone back to %(times)s times", at=f"{clock(start)}–{clock(end)}", times=times)
            for start, end, times in candidate.rewound[:1]
        ],
        route.OLD: [ngettext("unchanged for %(num)d year", "unchanged for %(num)d years", one.stop.years)],
        route.USED: [_("much used: %(persons)s", persons=persons(candidate.users))],
    }  # fmt: skip
    return [text for reason in one.stop.reasons for text in words[reason]]


def answer(said: str) -> str:
    """What a server said, or why it said nothing."""
    return str(ANSWERS.get(said, said))


def clock(seconds: int) -> str:
    """95 → 1:35."""
    return f"{seconds // 60}:{seconds % 60:02d}"
