"""M10 registered users, M11 active users."""

from __future__ import annotations

import datetime as dt

from courseware.monitoring.facts import Facts, PersonFact
from courseware.monitoring.indicators.accounts import test_accounts
from courseware.monitoring.indicators.coverage import efforts_of
from courseware.monitoring.indicators.once import once, whole_of
from courseware.monitoring.results import Tally

WEEKS, SECONDS = 4, 60 * 60


@once
def registered(facts: Facts) -> set[int]:
    """Verified persons at the moment, no test accounts, none closed."""
    moment = facts.period.moment(facts.now)
    return {p.id for p in facts.people.values() if p.is_registered(moment)}


@once
def active_people(facts: Facts) -> dict[int, str]:
    """Persons with a qualified learning or teaching event in the period, with the kind of their first one."""
    moment = facts.period.moment(facts.now)
    return {key: reason for key, (at, reason) in _first_acts(whole_of(facts)).items() if at < moment}


@once
def _first_acts(facts: Facts) -> dict[int, tuple[dt.datetime, str]]:
    """The first qualified event of each person in the period; test accounts fall out."""
    owners = {lesson.lesson_id: lesson.owner_id for lesson in facts.lessons}
    acts = [(use.user_id, use.at, "use") for use in facts.uses]
    acts += [(o.user_id, o.at, "lesson_opened") for o in facts.opens if owners.get(o.lesson_id) != o.user_id]
    acts += [(lesson.owner_id, lesson.published_at, "lesson_published") for lesson in facts.lessons]
    first: dict[int, tuple[dt.datetime, str]] = {}
    for person, at, reason in acts:
        if facts.period.contains(at) and (person not in first or at < first[person][0]):
            first[person] = (at, reason)
    tests = test_accounts(facts)
    return {person: act for person, act in first.items() if person not in tests}


def m10_a(facts: Facts) -> Tally:
    """All accounts ever opened, kept to reconcile with M10.B."""
    moment = facts.period.moment(facts.now)
    opened = [p for p in facts.people.values() if p.created_at is None or p.created_at < moment]
    return Tally({p.id: _standing(p, moment) for p in sorted(opened, key=lambda p: p.id)}, excluded_counts={})


def m10_b(facts: Facts) -> Tally:
    """Distinct verified persons."""
    return Tally(dict.fromkeys(sorted(registered(facts)), "registered"), excluded_counts={})


def m11_a(facts: Facts) -> Tally:
    """Registered persons with a qualified event."""
    return _share(facts, active_people(facts))


def m11_b(facts: Facts) -> Tally:
    """Registered persons who signed in."""
    moment, start = facts.period.moment(facts.now), facts.period.start
    return _share(
        facts, {key: "signed_in" for key, at in facts.sign_ins.items() if start <= at < moment}, "not_signed_in"
    )


def m11_c(facts: Facts) -> Tally:
    """Registered persons with 4 weeks and 60 effective minutes."""
    found = efforts_of(facts).items()
    return _share(facts, {key: "deep" for key, e in found if e.weeks >= WEEKS and e.seconds >= SECONDS})


def m11_growth(facts: Facts) -> Tally:
    """Persons verified in the period over those registered at acceptance; n/a where no baseline is recorded."""
    at, start = facts.baseline_at, facts.period.start
    base = {p.id for p in facts.people.values() if at and p.is_registered(at)} if at and at <= facts.now else set()
    known = (facts.people[key] for key in sorted(registered(facts)))
    fresh = {p.id: "registered" for p in known if p.verified_at is not None and p.verified_at >= start}
    return Tally(fresh, denominator=len(base), base_keys=tuple(base))


def _standing(person: PersonFact, moment: dt.datetime) -> str:
    if person.is_registered(moment):
        return "registered"
    if person.is_test:
        return "test_account"
    return "closed" if person.closed_at is not None and person.closed_at < moment else "provisioned"


def _share(facts: Facts, chosen: dict[int, str], others: str = "not_active") -> Tally:
    everyone = registered(facts)
    return Tally(
        {key: chosen[key] for key in sorted(everyone & chosen.keys())},
        dict.fromkeys(sorted(everyone - chosen.keys()), others),
    )
