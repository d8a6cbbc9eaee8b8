"""What the rules of libraries refuse (R1-R5, R9)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid, NotFound


class TooManyServedMajors(Conflict):
    """The sixth served major (R1)."""

    code = "too_many_served_majors"
    message = _l(
        "A library serves at most %(limit)s majors, and %(library)s has them already. "
        "Remove one before you add “%(major)s”."
    )


class MajorServedAlready(Conflict):
    """The core major, or a served major a second time."""

    code = "major_served_already"
    message = _l("“%(major)s” belongs to this library already.")


class MajorInUse(Conflict):
    """A served major that courses of the library belong to."""

    code = "major_in_use"
    message = _l("Courses of this library belong to “%(major)s”. Move them to another major first.")


class TooManyHosts(Conflict):
    """The fourth host (R1)."""

    code = "too_many_hosts"
    message = _l("A library has at most %(limit)s host units. “%(unit)s” can take part as a participating unit.")


class HostMustBeVocational(Conflict):
    """A host that is no vocational school (R2)."""

    code = "host_must_be_vocational"
    message = _l("Only vocational schools host a library. “%(unit)s” can take part as a participating unit.")


class LibraryNeedsHost(Invalid):
    """A library without any host unit (R1)."""

    code = "library_needs_host"
    message = _l("A library needs at least one host unit; the first one named is the first host.")


class LastHostStays(Conflict):
    """Removing the first host, or the only one (R1, R3)."""

    code = "first_host_stays"
    message = _l("“%(unit)s” is the first host and answers for review. Name another first host before removing it.")


class MemberAlready(Conflict):
    """A unit joins a library twice."""

    code = "member_already"
    message = _l("“%(unit)s” takes part in this library already.")


class CodeTaken(Conflict):
    """A library, major or course with a code that is in use."""

    code = "code_taken"
    message = _l("The code “%(code)s” is in use already. Choose another one.")


class PlanVersionExists(Conflict):
    """A training plan version is published once and then stands (R5)."""

    code = "plan_version_exists"
    message = _l(
        "Version %(version)s of the training plan is published and does not change. Give the new one a new number."
    )


class PublishedStands(Conflict):
    """A change to something published that only a new version may replace."""

    code = "published_stands"
    message = _l("Version %(version)s is published and does not change. Publish a new version instead.")


class PlanIncomplete(Invalid):
    """A training plan without a part that R5 asks for."""

    code = "plan_incomplete"
    message = _l("The training plan is not complete yet.")


class MajorOfOtherLibrary(Invalid):
    """A course in a major that the library does not serve."""

    code = "major_of_other_library"
    message = _l("“%(major)s” is neither the core major nor a served major of this library.")


class TeamNeedsLeader(Invalid):
    """A teaching team with no leader or with two."""

    code = "team_needs_leader"
    message = _l("A teaching team has exactly one leader.")


class BadTemplate(Invalid):
    """A template of names that cannot be filled (R19); `problems` say why."""

    code = "bad_template"
    message = _l("Names cannot be made by this template.")


class UnknownLibrary(NotFound):
    """A command names a library that is not there."""

    code = "unknown_library"
    message = _l("There is no library with the code “%(library)s”.")
