"""M10 registered users, M11 active users."""

from __future__ import annotations

from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators.coverage import efforts
from courseware.monitoring.results import Tally

WEEKS, SECONDS = 4, 60 * 60


def registered(facts: Facts) -> set[int]:
    """Verified persons at the moment, no test accounts, none closed."""
    moment = facts.period.moment(facts.now)
    return {p.id for p in facts.people.values() if p.is_registered(moment)}


def active_people(facts: Facts) -> dict[int, str]:
    """Persons with a qualified learning or teaching event in the period, with the kind of the first found."""
    moment, start = facts.period.moment(facts.now), facts.period.start
    found = {use.user_id: "use" for use in facts.uses if start <= use.at < moment}
    owners = {lesson.lesson_id: lesson.owner_id for lesson in facts.lessons}
    for opened in facts.opens:
        if start <= opened.at < moment and owners.get(opened.lesson_id) != opened.user_id:
            found.setdefault(opened.user_id, "lesson_opened")
    for lesson in facts.lessons:
        if start <= lesson.published_at < moment:
            found.setdefault(lesson.owner_id, "lesson_published")
    return {key: reason for key, reason in found.items() if not _is_test(facts, key)}


def m10_b(facts: Facts) -> Tally:
    """Distinct verified persons."""
    return Tally(dict.fromkeys(sorted(registered(facts)), "registered"), excluded_counts={})


def m11_a(facts: Facts) -> Tally:
    """Registered persons with a qualified event."""
    return _share(facts, active_people(facts))


def m11_b(facts: Facts) -> Tally:
    """Registered persons who signed in."""
    moment, start = facts.period.moment(facts.now), facts.period.start
    return _share(facts, {key: "signed_in" for key, at in facts.sign_ins.items() if start <= at < moment})


def m11_c(facts: Facts) -> Tally:
    """Registered persons with 4 weeks and 60 effective minutes."""
    found = efforts(facts.sessions, facts.period.moment(facts.now)).items()
    return _share(facts, {key: "deep" for key, e in found if e.weeks >= WEEKS and e.seconds >= SECONDS})


def _share(facts: Facts, chosen: dict[int, str]) -> Tally:
    everyone = registered(facts)
    return Tally(
        {key: chosen[key] for key in sorted(everyone & chosen.keys())},
        dict.fromkeys(sorted(everyone - chosen.keys()), "not_active"),
    )


def _is_test(facts: Facts, person: int) -> bool:
    known = facts.people.get(person)
    return known is not None and known.is_test
