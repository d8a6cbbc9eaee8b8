"""What bulk work refuses, in sentences."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid


class NothingChosen(Invalid):
    """No resource was chosen, or nothing to do with them."""

    code = "nothing_chosen"
    message = _l("Choose at least one resource and what to do with it.")


class NotReady(Conflict):
    """The action is not in the state that this step needs: somebody was faster, or it is still being checked."""

    code = "action_not_ready"
    message = _l("This was started, finished or undone meanwhile. Reload the page to see how it stands.")


class ImportedBefore(Conflict):
    """The very same file was imported into this library and not undone."""

    code = "imported_before"
    message = _l(
        "“%(name)s” was imported into this library before, on %(date)s. Undo that import first, or send a corrected sheet."
    )


class IsUsed(Conflict):
    """A draft that an import made is in use or went on to review, and is not deleted."""

    code = "is_used"
    message = _l("It is in use or went to review since, and stays.")


class ChangedSince(Conflict):
    """Somebody changed the resource after the act; the undo does not overwrite that."""

    code = "changed_since"
    message = _l("It was changed since, and stays as it is now.")
