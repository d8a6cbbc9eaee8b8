"""Forms of accounts."""

from __future__ import annotations

import email_validator
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Email, Length

from courseware.core.roles import Role

ROLE_NAMES = {
    Role.STUDENT: _l("Student"), Role.TEACHER: _l("Teacher"), Role.REVIEWER: _l("Reviewer"),
    Role.LIBRARIAN: _l("Librarian"), Role.ADMINISTRATOR: _l("Administrator"),
}  # fmt: skip

# Schools name machines of their own networks so (.local, .test); nothing is sent there from here.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_EMAIL = [
    DataRequired(_l("Please fill this in.")),
    Email(_l("This does not look like an e-mail address.")),
    Length(max=200),
]


class SignInForm(FlaskForm):
    """E-mail and password."""

    email = StringField(_l("E-mail"), [DataRequired(_l("Please fill this in.")), Length(max=200)])
    password = PasswordField(_l("Password"), [DataRequired(_l("Please fill this in.")), Length(max=200)])
    next = HiddenField()


class SignUpForm(FlaskForm):
    """The least a learner's account needs (SEC21)."""

    name = StringField(_l("Name shown to others"), [DataRequired(_l("Please fill this in.")), Length(max=60)])
    email = EmailField(_l("E-mail"), _EMAIL)
    password = PasswordField(_l("Password"), [DataRequired(_l("Please fill this in.")), Length(max=200)])
    agreed = BooleanField(
        _l("I have read what is collected and why"), [DataRequired(_l("Please confirm this to go on."))]
    )


class PasswordForm(FlaskForm):
    """A new password, twice is not asked: it can be shown instead."""

    password = PasswordField(_l("New password"), [DataRequired(_l("Please fill this in.")), Length(max=200)])


class NewUserForm(FlaskForm):
    """An account made by an administrator."""

    name = StringField(_l("Name"), [DataRequired(_l("Please fill this in.")), Length(max=60)])
    email = EmailField(_l("E-mail"), _EMAIL)
    roles = SelectMultipleField(
        _l("Roles"),
        [DataRequired(_l("Choose at least one."))],
        choices=[(r.value, ROLE_NAMES[r]) for r in Role],
    )
