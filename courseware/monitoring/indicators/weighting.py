"""M13 beside A: the answers weighted by what the groups are on the rosters, where they answered unevenly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from courseware.monitoring.facts import AnswerFact, Facts, PersonFact, SurveyFact
from courseware.monitoring.indicators.coverage import counting_rosters
from courseware.monitoring.indicators.smallness import too_small

STUDENTS, TEACHERS, ENTERPRISE = "students", "teachers", "enterprise"
GROUPS = (STUDENTS, TEACHERS, ENTERPRISE)
UNEVEN = Fraction(5, 100)

Parts = dict[str, int | tuple[int, int]]


def weighting(facts: Facts, survey: SurveyFact) -> Parts:
    """[satisfied, answers] of each group told; and `weighted` as an exact fraction where any share is off by over 5 points.

    Nothing is weighted where a group on the rosters gave no answer: its satisfaction is unknown. Nor where a group is
    too small to be told: the weighted value would tell it.
    """
    said = {group: (satisfied, n) for group, satisfied, n in survey.groups}
    parts: Parts = {f"answers of {group}": pair for group, pair in said.items()}
    population = _population(facts)
    if _is_uneven(said, survey.valid, population):
        total = sum(population.values())
        mean = sum((Fraction(*said[group]) * n for group, n in population.items()), Fraction()) / total
        parts["weighted"] = (mean.numerator, mean.denominator)
    return parts


def groups_told(facts: Facts, answers: Iterable[AnswerFact], smallest: int) -> list[tuple[str, list[int]]]:
    """The scores of each group that answered and is large enough to be told."""
    scores: dict[str, list[int]] = {group: [] for group in GROUPS}
    for answer in answers:
        scores[group_of(facts.people.get(answer.user_id))].append(answer.score)
    hidden = too_small({group: len(given) for group, given in scores.items()}, smallest)
    return [(group, given) for group, given in scores.items() if given and group not in hidden]


def group_of(person: PersonFact | None) -> str:
    """Enterprise people by their unit, the others by what they do."""
    if person is not None and person.unit_kind == "enterprise":
        return ENTERPRISE
    return STUDENTS if person is None or person.is_learner else TEACHERS


def _population(facts: Facts) -> Counter[str]:
    """People on the rosters of the period by group; those on several rosters once."""
    enterprises = {unit.id for unit in facts.units if unit.kind == "enterprise"}
    people: dict[str, set[int | str]] = {group: set() for group in GROUPS}
    for unit, roster in counting_rosters(facts).items():
        both = ((STUDENTS, roster.students), (TEACHERS, roster.teachers))
        for group, listed in both:
            people[ENTERPRISE if unit in enterprises else group].update(listed)
    return Counter({group: len(listed) for group, listed in people.items() if listed})


def _is_uneven(said: Mapping[str, tuple[int, int]], answers: int, population: Counter[str]) -> bool:
    people, heard = sum(population.values()), sum(n for _, n in said.values())
    if not answers or not people or heard < answers or any(group not in said for group in population):
        return False
    return any(
        abs(Fraction(said.get(group, (0, 0))[1], answers) - Fraction(population[group], people)) > UNEVEN
        for group in GROUPS
    )
