"""How a person of a list was found, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

ROLES: dict[str, Any] = {"student": _l("Student"), "teacher": _l("Teacher")}
MATCHES: dict[str, Any] = {
    "number": _l("by number and name"),
    "email": _l("by e-mail and name"),
    "decided": _l("decided by a person"),
    "nobody": _l("has no account, a person said"),
    "none": _l("no account found"),
    "": _l("no account found"),
    "doubt_name": _l("only the name fits"),
    "doubt_other_name": _l("number or e-mail fit, the rest does not"),
    "doubt_two": _l("number and e-mail are of two accounts"),
    "doubt_taken": _l("the account is somebody else on this list"),
}
