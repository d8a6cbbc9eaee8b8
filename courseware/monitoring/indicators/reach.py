"""M18 reach: who the active people are, seen from the first host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from courseware.monitoring.facts import Facts, PersonFact, UnitFact
from courseware.monitoring.indicators.once import once
from courseware.monitoring.indicators.people import m11_a
from courseware.monitoring.results import Tally

IN_SCHOOL, OTHER_SCHOOL, ENTERPRISE, SOCIETY = "in_school", "other_school", "enterprise", "society"
SCHOOLS = ("school", "university")
ACTIVE_IN_UNIT = 5


def share_of(relation: str) -> Callable[[Facts], Tally]:
    """Active persons of one relation over all active persons."""

    def count(facts: Facts) -> Tally:
        host = _first_host(facts)
        return _split(facts, lambda person: relation_of(person, host) == relation, relation)

    return count


def m18_cross_province(facts: Facts) -> Tally:
    """Active persons whose unit lies in another province than the first host."""
    host = _first_host(facts)
    home = host.province if host else ""
    return _split(facts, lambda person: bool(home and person.province and person.province != home), "cross_province")


def m18_units(facts: Facts) -> Tally:
    """Units with at least five active persons."""
    sizes = Counter(person.unit_id for person in _active(facts))
    return Tally(
        {unit: str(n) for unit, n in sizes.items() if unit is not None and n >= ACTIVE_IN_UNIT}, excluded_counts={}
    )


def relation_of(person: PersonFact, host: UnitFact | None) -> str:
    """One main relation: the first host itself, another school, an enterprise, or society."""
    if host is not None and person.unit_id == host.id:
        return IN_SCHOOL
    if person.unit_kind in SCHOOLS:
        return OTHER_SCHOOL
    return ENTERPRISE if person.unit_kind == "enterprise" else SOCIETY


def _first_host(facts: Facts) -> UnitFact | None:
    return next((unit for unit in facts.units if unit.is_first_host), None)


def _split(facts: Facts, holds: Callable[[PersonFact], bool], word: str) -> Tally:
    active = _active(facts)
    return Tally(
        {p.id: word for p in active if holds(p)},
        {p.id: "elsewhere" for p in active if not holds(p)},
    )


@once
def _active(facts: Facts) -> list[PersonFact]:
    """The very people that M11.A counts: whoever closed the account within the year is in neither."""
    return [facts.people[key] for key in m11_a(facts).counted]
