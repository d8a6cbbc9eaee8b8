"""Why a backup cannot be made or put back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid


class FolderInUse(Conflict):
    """A folder that holds something other than an older backup."""

    code = "folder_in_use"
    message = _l("%(folder)s holds other files. Name an empty folder, or one with an earlier backup.")


class NoBackup(Invalid):
    """A folder without a whole backup."""

    code = "no_backup"
    message = _l("%(folder)s holds no whole backup: %(reason)s.")


class NotEmpty(Conflict):
    """An installation that has data already."""

    code = "not_empty"
    message = _l("This installation holds data already (%(table)s). A backup is put back into an empty one only.")


class OtherRelease(Invalid):
    """A backup by another release: its tables are not those of this program."""

    code = "other_release"
    message = _l(
        "This backup stands at database step %(theirs)s, this program at %(ours)s. Put it back with the release that made it, "
        "then upgrade."
    )
