"""Forms of course building."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

_TITLE = [DataRequired(_l("Please fill this in.")), Length(max=200)]
_TITLE_EN = [Optional(), Length(max=200)]


class PromiseForm(FlaskForm):
    """What the course page says."""

    summary = TextAreaField(
        _l("What a learner will be able to do, in one sentence"),
        [DataRequired(_l("Please fill this in.")), Length(max=300)],
    )
    summary_en = TextAreaField(_l("The same in English"), [Optional(), Length(max=400)])
    audience = StringField(_l("Whom it is for"), [Optional(), Length(max=300)])


class TitleForm(FlaskForm):
    """A module or lesson by its title in both languages."""

    title = StringField(_l("Title"), _TITLE)
    title_en = StringField(_l("Title in English"), _TITLE_EN)


class LessonForm(TitleForm):
    """What a lesson is called, how long it takes in class, what it is about."""

    minutes = IntegerField(
        _l("Minutes in class"),
        [
            DataRequired(_l("Please fill this in.")),
            NumberRange(5, 600, _l("A lesson takes between 5 and 600 minutes.")),
        ],
    )
    introduction = TextAreaField(_l("What it is about"), [Optional(), Length(max=4000)])
