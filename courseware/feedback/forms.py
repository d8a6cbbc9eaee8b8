"""Stars, reports, answers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from courseware.feedback.services import REPORT_CHARS, SAY, WORDS_CHARS

KINDS = {
    "broken": _l("It does not open or play"), "wrong": _l("Something in it is wrong"), "outdated": _l("It is out of date"),
    "rights": _l("It infringes rights"), "unfit": _l("It does not belong before learners"), "other": _l("Something else"),
}  # fmt: skip
STATES = {
    "open": _l("Open"), "answered": _l("Answered"), "fixed": _l("Fixed"), "rejected": _l("Not taken up"),
}  # fmt: skip


class RatingForm(FlaskForm):
    """One to five stars, and words if somebody likes."""

    stars = RadioField(
        _l("Your stars"), [DataRequired(SAY["stars"])], choices=[(str(n), str(n)) for n in range(5, 0, -1)]
    )
    words = TextAreaField(
        _l("In words"),
        [Length(max=WORDS_CHARS)],
        description=_l("Its author and the librarians read it, without your name."),
    )


class ReportForm(FlaskForm):
    """What is wrong. `website` is invisible: whoever fills it in is a program."""

    kind = RadioField(_l("What is it about?"), [DataRequired(SAY["kind"])], choices=list(KINDS.items()))
    words = TextAreaField(
        _l("What is wrong, and where?"), [DataRequired(SAY["words"]), Length(max=REPORT_CHARS)],
        description=_l("The page, the second or the sentence helps to find it quickly."),
    )  # fmt: skip
    website = StringField(_l("Leave this empty"))


class AnswerForm(FlaskForm):
    """What became of a report."""

    state = RadioField(_l("What became of it"), [DataRequired(SAY["state"])], choices=list(STATES.items()))
    answer = TextAreaField(_l("Reply"), [Length(max=REPORT_CHARS)])
    seen_state = StringField()
