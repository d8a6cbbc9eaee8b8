"""M13 beside A: the answers weighted by what the groups are on the rosters, where they answered unevenly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from courseware.monitoring.facts import AnswerFact, Facts, PersonFact
from courseware.monitoring.indicators.coverage import counting_rosters

STUDENTS, TEACHERS, ENTERPRISE = "students", "teachers", "enterprise"
GROUPS = (STUDENTS, TEACHERS, ENTERPRISE)
SATISFIED = 4
UNEVEN = Fraction(5, 100)

Parts = dict[str, int | tuple[int, int]]


def weighting(facts: Facts, answers: Iterable[AnswerFact]) -> Parts:
    """[satisfied, answers] of each group; and `weighted` as an exact fraction where any share is off by over 5 points.

    Nothing is weighted where a group on the rosters gave no answer: its satisfaction is unknown.
    """
    given = list(answers)
    said = {group: _of_group(facts, given, group) for group in GROUPS}
    parts: Parts = {f"answers of {group}": pair for group, pair in said.items() if pair[1]}
    population = _population(facts)
    if _is_uneven(said, population):
        total = sum(population.values())
        mean = sum((Fraction(*said[group]) * n for group, n in population.items()), Fraction()) / total
        parts["weighted"] = (mean.numerator, mean.denominator)
    return parts


def group_of(person: PersonFact | None) -> str:
    """Enterprise people by their unit, the others by what they do."""
    if person is not None and person.unit_kind == "enterprise":
        return ENTERPRISE
    return STUDENTS if person is None or person.is_learner else TEACHERS


def _of_group(facts: Facts, answers: list[AnswerFact], group: str) -> tuple[int, int]:
    mine = [a for a in answers if group_of(facts.people.get(a.user_id)) == group]
    return sum(a.score >= SATISFIED for a in mine), len(mine)


def _population(facts: Facts) -> Counter[str]:
    """People on the rosters of the period by group; those on several rosters once."""
    enterprises = {unit.id for unit in facts.units if unit.kind == "enterprise"}
    people: dict[str, set[int | str]] = {group: set() for group in GROUPS}
    for unit, roster in counting_rosters(facts).items():
        both = ((STUDENTS, roster.students), (TEACHERS, roster.teachers))
        for group, listed in both:
            people[ENTERPRISE if unit in enterprises else group].update(listed)
    return Counter({group: len(listed) for group, listed in people.items() if listed})


def _is_uneven(said: dict[str, tuple[int, int]], population: Counter[str]) -> bool:
    answers, people = sum(n for _, n in said.values()), sum(population.values())
    if not answers or not people or any(not said[group][1] for group in population):
        return False
    return any(
        abs(Fraction(said[group][1], answers) - Fraction(population[group], people)) > UNEVEN for group in GROUPS
    )
