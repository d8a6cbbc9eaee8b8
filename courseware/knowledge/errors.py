"""What the rules of the knowledge graph refuse (R10-R13)."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid


class PrerequisiteCycle(Conflict):
    """A prerequisite that would lead back to where it started (R13). `path` names the points."""

    code = "prerequisite_cycle"
    message = _l("These prerequisites would form a circle: %(path)s. Leave out one of its steps.")

    def __init__(self, path: Sequence[str]) -> None:
        self.path = list(path)
        super().__init__(path=" → ".join(self.path))


class PrerequisiteElsewhere(Invalid):
    """A prerequisite in another library."""

    code = "prerequisite_elsewhere"
    message = _l("“%(name)s” belongs to another library. Prerequisites stay within one library.")


class PrerequisiteAlready(Conflict):
    """The same prerequisite twice."""

    code = "prerequisite_already"
    message = _l("“%(prerequisite)s” is a prerequisite of “%(name)s” already.")


class PointKeyTaken(Conflict):
    """Two points of a library with one key."""

    code = "point_key_taken"
    message = _l("The key “%(key)s” belongs to another point of this library.")


class AliasAlready(Conflict):
    """The same alias twice at one point, or the name itself."""

    code = "alias_already"
    message = _l("“%(alias)s” leads to this point already.")


class AliasInvalid(Invalid):
    """An alias that is empty or too long."""

    code = "alias_invalid"
    message = _l("An alias has 1 to %(limit)s characters.")


class StandardVersionExists(Conflict):
    """A version of a course standard is published once and then stands (R10)."""

    code = "standard_version_exists"
    message = _l(
        "Version %(version)s of the course standard is published and does not change. Give the new one a new number."
    )


class PointTwice(Invalid):
    """A standard that names a point in two places."""

    code = "point_twice"
    message = _l("“%(name)s” stands twice in this course standard.")


class PointOfOtherLibrary(Invalid):
    """A standard that names a point of another library."""

    code = "point_of_other_library"
    message = _l("“%(name)s” belongs to another library.")
