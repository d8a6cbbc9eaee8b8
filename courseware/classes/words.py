"""How classes are spoken of: rules of warnings with their figures, presence, kinds of questions."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from courseware.classes.warnings import BEHIND, SOON, UNSEEN, EarlyWarning, Thresholds
from courseware.core.clock import REPORTING_ZONE
from courseware.web.i18n import is_english

PRESENCES = {"present": _l("Present"), "late": _l("Late"), "excused": _l("Excused"), "absent": _l("Absent")}
POLL_KINDS = {
    "single": _l("One answer"), "multiple": _l("Several answers"), "true_false": _l("True or false"),
    "scale": _l("Scale from 1 to 5"), "words": _l("A few words"),
}  # fmt: skip
TRUE_FALSE = {"1": _l("True"), "0": _l("False")}
SHORT = {UNSEEN: _l("Not seen"), BEHIND: _l("Behind"), SOON: _l("Due soon")}


def rule_sentences(rules: Thresholds) -> list[str]:
    """The rules as they stand, for the foot of the board."""
    return [
        ngettext(
            "Not seen: nothing learned in this course for %(num)s whole day, counted from joining for newcomers.",
            "Not seen: nothing learned in this course for %(num)s whole days, counted from joining for newcomers.",
            rules.unseen_days,
        ),
        _("Behind: less than %(percent)s %% of the lessons and points whose due day is over are completed.", percent=rules.behind_percent),
        ngettext(
            "Due soon: a lesson or a point is due today or within %(num)s day and was not begun.",
            "Due soon: a lesson or a point is due today or within %(num)s days and was not begun.",
            rules.before_days,
        ),
    ]  # fmt: skip


def sentence(warning: EarlyWarning) -> str:
    """A warning with its figures."""
    figures = warning.figures
    if warning.rule == BEHIND:
        return _("%(done)s of %(due)s due lessons and points completed", done=figures["done"], due=figures["due"])
    if warning.rule == SOON:
        title = (is_english() and figures["title_en"]) or figures["title"]
        return _("“%(title)s” is due on %(day)s and not begun", title=title, day=f"{figures['due_on']:%m-%d}")
    if figures["last_seen"] is None:
        return ngettext(
            "Not seen since joining %(num)s day ago", "Not seen since joining %(num)s days ago", figures["days"]
        )
    day = f"{figures['last_seen'].astimezone(REPORTING_ZONE):%m-%d}"
    return ngettext(
        "Last seen %(num)s day ago, on %(day)s", "Last seen %(num)s days ago, on %(day)s", figures["days"], day=day
    )
