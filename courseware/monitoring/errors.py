"""What the rules of monitoring refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, Invalid, NotFound


class UnknownPeriod(Invalid):
    """A period that cannot be read."""

    code = "unknown_period"
    message = _l("“%(period)s” is no period. Write 2026, calendar:2026 or academic:2026.")


class UnknownIndicator(NotFound):
    """An indicator id that is not in the registry."""

    code = "unknown_indicator"
    message = _l("There is no indicator %(id)s.")


class MappingUnusable(Invalid):
    """A mapping of fields that cannot be used (R63)."""

    code = "mapping_unusable"
    message = _l("The mapping of fields cannot be used. %(problem)s")


class MappingNameNeeded(Invalid):
    """A mapping that is kept has a name to choose it by."""

    code = "mapping_name_needed"
    message = _l("Give the mapping a name of at most %(most)s characters, for example that of the platform.")


class MappingNameTaken(Conflict):
    """Two mappings of a library under one name could not be told apart."""

    code = "mapping_name_taken"
    message = _l("The library has a mapping “%(name)s” already. Choose another name, or change that one.")


class ReadingNotJudged(Invalid):
    """Only a reading with a target can be the judged one, of a figure that is judged."""

    code = "reading_not_judged"
    message = _l("%(id)s has no target of its own, so nothing can be judged by it. Choose a reading with a target.")


class ReasonNeeded(Invalid):
    """Who changes how a library is judged says why."""

    code = "reason_needed"
    message = _l("Say why: whoever reads the figure reads this beside it.")


class ScoreOutOfRange(Invalid):
    """A satisfaction score other than 1 to 5."""

    code = "score_out_of_range"
    message = _l("A score is a whole number from 1 to 5.")


class UnknownLibrary(NotFound):
    """A library code nobody uses."""

    code = "unknown_library"
    message = _l("There is no library with the code %(library)s.")


class UnitNotInLibrary(Invalid):
    """A roster of a unit that neither hosts the library nor takes part in it."""

    code = "unit_not_in_library"
    message = _l("%(unit)s neither hosts this library nor takes part in it.")


class RosterFaulty(Invalid):
    """A roster some lines of which have faults: nothing of it is taken."""

    code = "roster_faulty"
    message = _l("%(count)s lines have faults. Nothing was imported: repair them and send the file again.")


class RosterShrinks(Conflict):
    """A list that lost more than 20 of 100 people or a whole group, and nobody said that this is meant."""

    code = "roster_shrinks"
    message = _l(
        "An earlier list of this school has %(before)s people, this one %(now)s. Whoever is missing would no longer count against application coverage: say that the list is complete, or send the whole one."
    )


class RosterFormIncomplete(Invalid):
    """School, day or file is missing."""

    code = "roster_form_incomplete"
    message = _l("Choose a school, a census day and a file.")


class NoSuchAccount(Invalid):
    """Nobody has this e-mail or number."""

    code = "no_such_account"
    message = _l("No account has the e-mail or number “%(text)s”.")


class AccountTaken(Conflict):
    """The account is somebody else on the same list."""

    code = "account_taken"
    message = _l("%(name)s stands on this list already, as another person.")


class SurveyClosed(Conflict):
    """There is no open question for this person: answered, dismissed, or the page is old."""

    code = "survey_closed"
    message = _l("This question is not open any more. Thank you all the same.")


class PlanStands(Conflict):
    """People of the period were asked already: who is drawn may not change any more."""

    code = "plan_stands"
    message = _l("People were asked in this period already. The rule can be changed for the next one.")


class NoteNeeded(Invalid):
    """A finding is settled without a word."""

    code = "note_needed"
    message = _l("Say in a sentence what you found out. Whoever looks at the figures reads it.")
