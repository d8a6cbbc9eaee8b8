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


class PointIsRetired(Conflict):
    """A retired point takes no new edges, names or places."""

    code = "point_is_retired"
    message = _l("“%(name)s” is retired. Take it back into the graph first.")


class PointInStandard(Conflict):
    """A point that a course standard in force names cannot be retired: its coverage is counted (R10)."""

    code = "point_in_standard"
    message = _l(
        "“%(name)s” stands in version %(version)s of the standard of “%(course)s”. "
        "Publish a version without it first, or merge it into another point."
    )


class MergeIntoItself(Invalid):
    """One point on both sides of a merge."""

    code = "merge_into_itself"
    message = _l("A point cannot be merged into itself. Choose another one.")


class MergeElsewhere(Invalid):
    """A merge across libraries."""

    code = "merge_elsewhere"
    message = _l("“%(name)s” belongs to another library. Points are merged within one library.")


class RelatedAlready(Conflict):
    """The same relation twice."""

    code = "related_already"
    message = _l("“%(name)s” and “%(other)s” are related already.")


class RelatedToItself(Invalid):
    """A point related to itself."""

    code = "related_to_itself"
    message = _l("A point is not related to itself. Choose another one.")


class NameInvalid(Invalid):
    """A name that is empty or too long."""

    code = "name_invalid"
    message = _l("A name has 1 to %(limit)s characters.")


class KindUnknown(Invalid):
    """A point that is neither of the two kinds."""

    code = "kind_unknown"
    message = _l("“%(kind)s” is neither knowledge nor skill.")


class UnknownPoint(Invalid):
    """Words that name no point of the library."""

    code = "unknown_point"
    message = _l("There is no point “%(name)s”. Search by name, alias or key.")


class AmbiguousPoint(Invalid):
    """Words that name several points."""

    code = "ambiguous_point"
    message = _l("Several points are called “%(name)s”; name one by its key.")


class PostNameTaken(Conflict):
    """Two posts of one name."""

    code = "post_name_taken"
    message = _l("There is a post “%(name)s” already.")


class PostOfOthers(Conflict):
    """A post that points of other libraries need as well is changed by administrators only."""

    code = "post_of_others"
    message = _l("Other libraries need the post “%(name)s” as well. Ask an administrator to change it.")


class AbilityTaken(Conflict):
    """The same ability twice in a post."""

    code = "ability_taken"
    message = _l("“%(name)s” is an ability of this post already.")


class EditedMeanwhile(Conflict):
    """Two librarians with one point: the second sees what the first wrote before anything is overwritten."""

    code = "edited_meanwhile"
    message = _l(
        "Somebody else changed “%(name)s” while you were writing. Nothing was overwritten: "
        "compare with the newer state below and save again."
    )
