"""Which passwords are good enough, and how they are kept (SEC1)."""

from __future__ import annotations

from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask_babel import lazy_gettext as _l

from courseware.accounts.models import User
from courseware.core.roles import Role

_hasher = PasswordHasher()
#: Of a password nobody has, made at the cost of `_hasher`: it stands here because making it is a fifth of a second of each start.
_decoy = "$argon2id$v=19$m=65536,t=3,p=4$8HFaaRseWQRlCtJ+bhE85A$jilf7OYpWwJMs8Zlj+eFYXABgKGg1o7Y7A4p7g7yzW0"

LEARNER_LENGTH, STAFF_LENGTH = 8, 12
WEAK = frozenset(
    """
    12345678 123456789 1234567890 123456789012 password password1 password12 password123 password1234 passw0rd
    passw0rd1 passw0rd123 passwordpassword qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty123456 asdfghjkl 1qaz2wsx
    1qaz2wsx3edc zaq12wsx 11111111 88888888 00000000 66666666 abcd1234 abc12345 abc123456 abcd123456 a1234567 a12345678
    a123456789 aa123456 aa12345678 iloveyou iloveyou1 woaini1314 woaini520 5201314a welcome1 welcome123 letmein123
    admin123 admin1234 admin12345 admin123456 admin888 administrator root123456 test1234 test123456
    student123 student1234 teacher123 teacher1234 keku1234 keku123456
    """.split()
)


def hash_password(password: str) -> str:
    """Argon2id with a salt of its own."""
    return _hasher.hash(password)


def verify_password(stored: str, password: str) -> bool:
    """Whether they match; takes as long for an account that has none."""
    try:
        return _hasher.verify(stored or _decoy, password) and bool(stored)
    except VerificationError:
        return False


def password_problems(user: User, password: str) -> list[Any]:
    """Sentences for everything that is wrong with a new password; empty when it is good."""
    least = LEARNER_LENGTH if user.roles <= {Role.STUDENT} else STAFF_LENGTH
    problems: list[Any] = []
    if len(password) < least:
        problems.append(_l("Use at least %(count)d characters.", count=least))
    if _classes(password) < 3:
        problems.append(_l("Mix at least three of: small letters, capitals, digits, signs."))
    if _is_common(password):
        problems.append(_l("This password is on every list of common passwords."))
    if _holds_account_name(user, password):
        problems.append(_l("Do not put your e-mail name into the password."))
    return problems


def _is_common(password: str) -> bool:
    """On the list, whatever the case and whatever signs stand around or between ("Admin@123456!")."""
    plain = password.lower()
    return plain in WEAK or "".join(c for c in plain if c.isalnum()) in WEAK


def _classes(password: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(c) for c in password) for test in tests)


def _holds_account_name(user: User, password: str) -> bool:
    name = user.email.partition("@")[0].lower()
    return len(name) >= 3 and name in password.lower()
