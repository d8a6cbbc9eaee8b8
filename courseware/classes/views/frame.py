"""What the pages of classes share: the class of the address, the tabs, sentences of refusals."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable
from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from courseware.classes.codes import shown
from courseware.classes.models import TeachingClass
from courseware.classes.queries.classes import class_to_teach
from courseware.classes.services.classes import is_ended
from courseware.core.errors import DomainError, Invalid, NotFound
from courseware.core.roles import Role
from courseware.web.access import signed_in
from courseware.web.actor import actor
from courseware.web.navigation import teach_nav
from courseware.web.requests import undo

TABS = {
    "overview": _l("Overview"), "people": _l("People"), "work": _l("Due work"), "live": _l("Live"),
    "announcements": _l("Announcements"), "discussion": _l("Discussion"), "use": _l("Use"), "settings": _l("Settings"),
}  # fmt: skip
STAFF = (Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)


def taught(class_uuid: uuidlib.UUID) -> TeachingClass:
    """The class of the address, for those who teach it; raises SignInNeeded, NotFound."""
    return class_to_teach(class_uuid, signed_in())


def draw(template: str, klass: TeachingClass, tab: str, **more: Any) -> str:
    """A page of a class with its head and tabs."""
    tabs = [
        {"label": str(label), "href": url_for(f"classes.{name}", class_uuid=klass.uuid), "current": name == tab}
        for name, label in TABS.items()
    ]
    return render_template(
        f"classes/{template}.html", klass=klass, course=klass.run.course, tabs_of_class=tabs, ended=is_ended(klass),
        code=shown(klass.join_code or ""), side_nav=teach_nav(), **more,
    )  # fmt: skip


def attempt(act: Callable[[], object], said: str = "") -> bool:
    """Does it and says so; a refusal is taken back and said. Whether it was done."""
    try:
        act()
    except DomainError as refusal:
        if isinstance(refusal, NotFound):
            raise
        undo()
        flash(sentences(refusal), "error")
        return False
    if said:
        flash(said, "success")
    return True


def sentences(refusal: DomainError) -> str:
    """A refusal in one line: of invalid input every problem."""
    if isinstance(refusal, Invalid) and refusal.problems:
        return " ".join(str(sentence) for many in refusal.problems.values() for sentence in many)
    return refusal.sentence()


def problems_of(refusal: DomainError) -> dict[str, str]:
    """The problems of a form by field; what belongs to no field stands under ""."""
    if isinstance(refusal, Invalid) and refusal.problems:
        return {name: " ".join(str(one) for one in many) for name, many in refusal.problems.items()}
    return {"": refusal.sentence()}


def uuid_or_none(text: str) -> uuidlib.UUID | None:
    """A uuid that a form named."""
    try:
        return uuidlib.UUID(text)
    except ValueError:
        return None


def whole(text: str, otherwise: int) -> int:
    """A whole number of a form."""
    text = text.strip()
    return int(text) if text.isascii() and text.lstrip("-").isdigit() and len(text) < 9 else otherwise


def by_person() -> str:
    """What limits are counted by: the account, since a class of sixty sits behind one address."""
    person = actor()
    return f"person:{person.id}" if person is not None else "guest"


def group_label(name: str) -> str:
    """A group as it is shown."""
    return _("Group %(name)s", name=name) if name.isdigit() else name or _("No group")
