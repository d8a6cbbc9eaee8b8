"""The words of the Monitor pages: reasons, units, what a list holds. Reasons themselves are stable codes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from courseware.monitoring.definitions import AT_LEAST, Definition
from courseware.monitoring.queries.ledger import Change
from courseware.monitoring.results import FAIL, INSUFFICIENT, NOT_APPLICABLE, PASS

REASONS: dict[str, Any] = {
    "base": _l("Belongs to the base of the share"),
    "new": _l("First published in the period and live since"),
    "revised": _l("Substantive revision, decided at review"),
    "not_updated": _l("Published at the start, not updated in the year"),
    "new_then_withdrawn": _l("New, then withdrawn"),
    "unanswered_copy": _l("Resembles an earlier resource, and the author has not answered"),
    "revised_then_withdrawn": _l("Revised, then withdrawn"),
    "minor": _l("Decided as minor at review"),
    "metadata": _l("Only description or name changed"),
    "transcode": _l("Only encoded again"),
    "reupload": _l("Equal content offered again"),
    "duplicate": _l("Publication refused: content was there already"),
    "published": _l("Published"),
    "lesson": _l("In a lesson that counts"),
    "no_lesson": _l("In no lesson that counts"),
    "copy": _l("The same content as another resource"),
    "fragment": _l("Shorter than 30 seconds"),
    "original": _l("Original, evidence accepted"),
    "no_evidence": _l("Called original, evidence not accepted"),
    "adapted": _l("Adapted"),
    "third_party": _l("Third party"),
    "open": _l("Open licence"),
    "ai": _l("Made by a machine"),
    "unknown": _l("Origin unknown"),
    "text": _l("Text"),
    "presentation": _l("Slides"),
    "image": _l("Image"),
    "audio": _l("Audio"),
    "video": _l("Video"),
    "animation": _l("Animation"),
    "simulation": _l("Virtual simulation"),
    "other": _l("Other"),
    "not_eligible": _l("Live for less than 30 days of the period"),
    "test_account": _l("Test account"),
    "own_use": _l("The author's own use"),
    "review": _l("Reviewing"),
    "preview": _l("Preview"),
    "speed": _l("Faster than 2×"),
    "too_short": _l("Too short"),
    "question": _l("Has questions"),
    "no_question": _l("No question"),
    "too_few": _l("Fewer than three questions"),
    "resource": _l("Has a resource"),
    "no_resource": _l("No resource"),
    "post": _l("Mapped to a post"),
    "no_post": _l("Mapped to no post"),
    "complete": _l("Everything is there"),
    "page": _l("Page published"),
    "no_page": _l("Page not published"),
    "no_standard": _l("No published course standard"),
    "unit_without_resource": _l("A unit has no resource"),
    "point_without_question": _l("A point has no question"),
    "no_run": _l("No run yet"),
    "days_and_time": _l("3 days and 60 minutes reached"),
    "completed": _l("Completed a course"),
    "not_reached": _l("Not reached"),
    "no_account": _l("No account of this name"),
    "not_invited": _l("Was not invited"),
    "not_a_user": _l("Did not use the library in the period"),
    "straight_lined": _l("Answered in under 5 seconds"),
    "superseded": _l("Answered again later"),
    "registered": _l("Registered"),
    "use": _l("Used resources"),
    "lesson_opened": _l("Opened lessons"),
    "lesson_published": _l("Published lessons"),
    "signed_in": _l("Signed in"),
    "deep": _l("4 weeks and 60 minutes reached"),
    "not_active": _l("Not active"),
    "not_signed_in": _l("Did not sign in"),
    "enrolled": _l("Enrolled"),
    "left_within_24h": _l("Left within 24 hours"),
    "reviewed": _l("Every level, all dimensions"),
    "self_review": _l("Reviewed by an author"),
    "levels_missing": _l("A level is missing"),
    "dimensions_missing": _l("A dimension is missing"),
    "watched": _l("Watched"),
    "visited": _l("Visited"),
    "time": _l("Spent time"),
    "not_completed": _l("Not completed"),
    "described": _l("Every mandatory field is there"),
    "field_missing": _l("A mandatory field is missing"),
    "named": _l("Named by the template"),
    "other_name": _l("Another name than the template gives"),
    "in_school": _l("First host"),
    "other_school": _l("Another school"),
    "enterprise": _l("Enterprise"),
    "society": _l("Society"),
    "cross_province": _l("Another province"),
    "elsewhere": _l("Other relation"),
    "imported": _l("Imported as published"),
    "objective": _l("A machine can mark it"),
    "subjective": _l("A person has to mark it"),
    "not_told": _l("Too few answers to tell their scores"),
    "closed": _l("Account closed"),
    "provisioned": _l("Never signed in"),
}


TASK_KINDS: dict[str, Any] = {
    "update": _l("Revise the content"),
    "question": _l("Write a question"),
    "resource": _l("Bring a resource"),
    "evidence": _l("Prove the rights"),
    "media": _l("Bring a video or animation"),
    "use": _l("Bring it into a lesson"),
}


def reason_words(reason: str, subject: str = "") -> str:
    """A reason in the language of the reader; numbers stand for persons (M5) or scores (M13)."""
    if reason.isdigit():
        return _("Score %(n)s", n=reason) if subject == "answer" else persons(int(reason))
    if reason == "lesson" and subject == "roster":
        return _("A lesson that 5 learners opened")
    return str(REASONS.get(reason, reason))


def persons(count: int) -> str:
    """5 persons."""
    return ngettext("%(num)d person", "%(num)d persons", count)


def things(subject: str, count: int) -> str:
    """What is counted, as a word that fits the number."""
    match subject:
        case "resource":
            return ngettext("resource", "resources", count)
        case "course":
            return ngettext("course", "courses", count)
        case "standard_point" | "point":
            return ngettext("point", "points", count)
        case "roster" | "person":
            return ngettext("person", "persons", count)
        case "answer":
            return ngettext("valid answer", "valid answers", count)
        case "question":
            return ngettext("question", "questions", count)
        case "version":
            return ngettext("version", "versions", count)
        case "enrolment":
            return ngettext("enrolment", "enrolments", count)
        case "watch":
            return ngettext("second", "seconds", count)
        case "pair":
            return ngettext("place in a course", "places in a course", count)
        case "unit":
            return ngettext("unit", "units", count)
        case _:
            return ngettext("year", "years", count)


def counted_things(definition: Definition, count: int) -> str:
    """What a figure counts: visits are no persons, though their list names some; M19.B adds up resources of years."""
    if definition.id == "M14.visits.A":
        return ngettext("visit", "visits", count)
    if definition.id == "M14.visits.B":
        return ngettext("page", "pages", count)
    if definition.id == "M19.B":
        return things("resource", count)
    return things(definition.subject, count)


def working_hours(minutes: int) -> str:
    """9.5: working minutes as hours with one decimal, half-up."""
    return str((Decimal(minutes) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP))


def missing_words(subject: str, count: int) -> str:
    """How many are missing."""
    return _("%(n)s %(things)s short", n=f"{count:,}", things=things(subject, count))


def verdict_words(verdict: str | None) -> str:
    """Met, not met, or why neither is said; empty where nothing is judged."""
    words = {
        PASS: _("Met"), FAIL: _("Not met"), NOT_APPLICABLE: _("Not applicable"), INSUFFICIENT: _("Sample too small"),
    }  # fmt: skip
    return words.get(verdict or "", "")


def target_words(definition: Definition) -> str:
    """Target ≥ 10 %."""
    if definition.threshold is None:
        return ""
    if definition.threshold == 100:
        return _("Target 100 %%") % {}
    sign = "≥" if definition.comparison == AT_LEAST else "≤"
    return _("Target %(sign)s %(percent)s %%", sign=sign, percent=definition.threshold)


def change_words(change: Change) -> str:
    """84 s, 18.18 %, as far as it was measured."""
    parts = [
        _("%(n)s s", n=f"{change.seconds:g}") if change.seconds else "",
        ngettext("%(num)d character", "%(num)d characters", change.chars) if change.chars else "",
        f"{100 * change.share:.2f} %" if change.share is not None else "",
    ]
    return " · ".join(part for part in parts if part)


def common_rules() -> list[str]:
    """The rules that hold for all figures, for the page of definitions."""
    return [
        _("A period is half open: an event at its start belongs to it, one at its end to the next. Times are those of Shanghai."),
        _("A performance year goes from 1 November to 1 November. A running year shows the state of now."),
        _("Published means: a version that passed every review level is live. Drafts, items in review and withdrawn ones do not count."),
        _("Numbers stay whole; a target is compared with whole numbers, never with a rounded value. 199 of 2,000 shows 9.95 %% and fails 10 %%.") % {},
        _("Over nothing there is no figure: neither met nor failed."),
        _("Test accounts, the author's own use, previews, reviewing, play faster than 2× and what is too short never count. How many is shown beside the figure."),
    ]  # fmt: skip
