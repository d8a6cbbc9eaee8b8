"""Forms of resources: a new text, the editor of a draft."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from courseware.resources.words import (
    DIFFICULTY,
    LANGUAGE_NAMES,
    LICENCES,
    ORIGINALITIES,
    TAGS,
    TYPES,
)

OTHER = "other"
BODY_CHARS = 200_000
MISSING = _l("Please fill this in.")


class NewTextForm(FlaskForm):
    """A resource written here."""

    library = SelectField(_l("Library"), [DataRequired(MISSING)])
    title = StringField(_l("Title"), [DataRequired(MISSING), Length(max=200)])
    body = TextAreaField(
        _l("Text"),
        [DataRequired(_l("Write the text first.")), Length(max=BODY_CHARS)],
        description=_l("Markdown: # heading, **bold**, - list, > quotation, tables with |."),
    )


class MetadataForm(FlaskForm):
    """What describes a resource; of a published one it is shown at once."""

    expected_version = IntegerField(validators=[Optional()], widget=HiddenInput())
    title = StringField(_l("Title"), [DataRequired(_l("Give the resource a title.")), Length(max=200)])
    title_en = StringField(_l("English title"), [Length(max=200)])
    course = SelectField(_l("Course"), [Optional()])
    points = SelectMultipleField(_l("Knowledge and skill points"))
    description = TextAreaField(_l("Description"), [Length(max=4000)])
    keywords = StringField(_l("Keywords"), [Length(max=400)], description=_l("Divide them by commas."))
    difficulty = SelectField(
        _l("Difficulty"), choices=[("", _l("Not stated")), *((str(k), v) for k, v in DIFFICULTY.items())]
    )
    language = SelectField(_l("Language"), choices=list(LANGUAGE_NAMES.items()))
    audience = StringField(_l("For whom"), [Length(max=400)])
    source = StringField(
        _l("Source"), [Length(max=400)], description=_l("Where it comes from: own work, project, book, address.")
    )


class DraftForm(MetadataForm):
    """A draft: also what review answers for."""

    type = SelectField(_l("Type"), choices=list(TYPES.items()))
    body = TextAreaField(_l("Text"), [Length(max=BODY_CHARS)])
    originality = RadioField(
        _l("Origin"), choices=[(k, v) for k, v in ORIGINALITIES.items() if k != "unknown"], validate_choice=False
    )
    has_evidence = BooleanField(_l("I can show evidence of the rights"))
    evidence_note = TextAreaField(
        _l("Evidence"), [Length(max=2000)],
        description=_l("What it is and where it is kept: project files, drafts, contract, licence text."),
    )  # fmt: skip
    licence = SelectField(
        _l("Licence"), choices=[("", _l("Choose one")), *LICENCES.items(), (OTHER, _l("Another one, in words"))]
    )
    licence_words = StringField(_l("Licence or permission in words"), [Length(max=300)])
    reason = TextAreaField(_l("Why this revision"), [Length(max=2000)])
    summary = TextAreaField(_l("What changed"), [Length(max=2000)])
    tags = SelectMultipleField(_l("Occasion"), choices=list(TAGS.items()))
    proposed_class = RadioField(_l("You propose"), choices=[], validators=[Optional()], validate_choice=False)
    commitment = BooleanField(_l("I have checked it and answer for it"))
