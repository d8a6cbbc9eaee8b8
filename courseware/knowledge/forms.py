"""Forms of librarians: names, aliases and prerequisites of a point."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import UUID, DataRequired, Length

from courseware.knowledge.names import ALIAS_LIMIT, NAME_LIMIT, TEXT_LIMIT


class DescribeForm(FlaskForm):
    """What a point is called and how it is explained."""

    name = StringField(
        _l("Name of the point"), validators=[DataRequired(_l("The name is missing.")), Length(max=NAME_LIMIT)]
    )
    name_en = StringField(_l("English name"), validators=[Length(max=NAME_LIMIT)])
    description = TextAreaField(_l("Explanation"), validators=[Length(max=TEXT_LIMIT)])
    is_mandatory = BooleanField(_l("Everybody has to learn it"))
    seen = HiddenField()  # the words that the editor had before them: services.words_mark


class AliasForm(FlaskForm):
    """One more name people type."""

    alias = StringField(
        _l("New alias"),
        description=_l("A synonym, an abbreviation, the English word, a common misspelling."),
        validators=[DataRequired(_l("Type the alias first.")), Length(max=ALIAS_LIMIT)],
    )


class PrerequisiteForm(FlaskForm):
    """The point chosen as prerequisite."""

    prerequisite = HiddenField(validators=[DataRequired(), UUID()])
