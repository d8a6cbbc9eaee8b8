"""What is refused about packages, as sentences."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError


class NothingToPack(Conflict):
    """A course without a published lesson."""

    code = "nothing_to_pack"
    message = _l("No lesson of this course is published yet, so there is nothing to take along. Publish one first.")


class PackageGone(DomainError):
    """A package that is kept no longer, or not made yet."""

    status, code = 404, "package_gone"
    message = _l("This package is kept no longer. Have it made again: the course may have changed as well.")


class NoRoom(DomainError):
    """The disk has no room for the package. It may be there later."""

    status, code = 503, "no_room"
    is_passing = True
    message = _l(
        "There is no room for a package of %(size)s on this server at the moment. Nothing is lost; try again later or ask the operator."
    )


class Unreadable(DomainError):
    """A file that is neither a cartridge nor an OLX course."""

    status, code = 422, "unreadable"
    message = _l("“%(name)s” cannot be read as a course: %(reason)s")


class NotReady(Conflict):
    """The import is in another state than the button was for."""

    code = "import_not_ready"
    message = _l("This import has gone on meanwhile. Look at where it is now; nothing was done twice.")


class ChangedSince(Conflict):
    """What an import made was used or changed by somebody."""

    code = "changed_since"
    message = _l("This was changed or used after the import, so it stays.")
