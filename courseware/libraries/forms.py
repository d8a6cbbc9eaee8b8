"""Forms of librarians: served majors and members of a library."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from courseware.libraries.models import HOST, PARTICIPANT


class MajorForm(FlaskForm):
    """A major to serve; the view fills the choices."""

    major = SelectField(_l("Major"))


class MemberForm(FlaskForm):
    """A unit and its part in the library; the view fills the units."""

    unit = SelectField(_l("Unit"))
    role = SelectField(_l("Takes part as"), choices=[(PARTICIPANT, _l("Participating unit")), (HOST, _l("Host unit"))])
