"""Reasons and states in words."""

from __future__ import annotations

from courseware.guidance.suggestions import Reason
from courseware.web.i18n import local_text
from courseware.web.i18n import say as _
from courseware.web.i18n import say_count as ngettext


def reason_sentence(reason: Reason) -> str:
    """Why something is suggested, in one sentence."""
    name = local_text(reason, "name")
    if reason.kind == "co_use":
        return ngettext(
            "%(num)d person used this and “%(name)s”",
            "%(num)d people used this and “%(name)s”",
            reason.people,
            name=name,
        )
    if reason.kind == "popular":
        return ngettext(
            "Popular in “%(name)s”: used by %(num)d person", "Popular in “%(name)s”: used by %(num)d people", reason.people, name=name
        )  # fmt: skip
    if reason.kind == "gap":
        return _("A gap: “%(name)s”, which you have begun, builds on it", name=name)
    if reason.kind == "begun":
        return _("You have begun “%(name)s”", name=name)
    if reason.kind == "follows":
        return _("Follows from “%(name)s”, which you have learned", name=name)
    if reason.kind == "first":
        return _("Teaches “%(name)s”, which needs nothing before", name=name)
    return _("Teaches a point of “%(name)s” as well", name=name)


def weekday_names() -> list[str]:
    """The days of the week, Monday first."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
