"""M13 satisfaction: valid answers only, published only when there are enough, with the Wilson interval."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import AnswerFact, Facts, SurveyFact
from courseware.monitoring.indicators.once import once
from courseware.monitoring.indicators.people import active_people
from courseware.monitoring.indicators.smallness import SMALLEST
from courseware.monitoring.indicators.weighting import groups_told, weighting
from courseware.monitoring.results import INSUFFICIENT, NOT_APPLICABLE, IndicatorResult, Tally

SATISFIED, BEST = 4, 5
TOO_QUICK_S = 5
NOT_TOLD = "not_told"
ENOUGH, RESPONSE = 30, 20
Z = 1.959963984540054


@dataclass(frozen=True)
class Survey:
    """The answers of a period, sorted into valid and not, each with its reason."""

    valid: tuple[AnswerFact, ...]
    dropped: dict[int, str]
    invited: frozenset[int]


@once
def survey(facts: Facts) -> Survey:
    """Sorts the answers by the first reason that fits; of what is left each person's latest counts."""
    moment = facts.period.moment(facts.now)
    users = active_people(facts)
    invited = facts.invited or frozenset(users)
    answers = sorted((a for a in facts.answers if facts.period.start <= a.at < moment), key=lambda a: (a.at, a.id))
    reasons = {a.id: _reason(facts, a, invited, users) for a in answers}
    latest = {a.user_id: a for a in answers if not reasons[a.id]}
    dropped = {a.id: reasons[a.id] or "superseded" for a in answers if latest.get(a.user_id) is not a}
    return Survey(tuple(latest.values()), dropped, invited)


@once
def told(facts: Facts) -> SurveyFact:
    """The survey as figures, lists and files tell it: what a snapshot holds, else the answers in counts."""
    return facts.surveys[0] if facts.surveys else in_counts(facts)


def in_counts(facts: Facts, smallest: int = SMALLEST) -> SurveyFact:
    """The answers in counts. Fewer than `smallest` are only numbered, and so are small groups (smallness.too_small)."""
    found = survey(facts)
    scores = Counter(a.score for a in found.valid) if len(found.valid) >= smallest else Counter()
    dropped = Counter(found.dropped.values())
    groups = tuple(
        (group, sum(score >= SATISFIED for score in given), len(given))
        for group, given in groups_told(facts, found.valid, smallest)
    )
    return SurveyFact(
        len(found.invited), len(found.valid), tuple(sorted(scores.items())), tuple(sorted(dropped.items())), groups
    )


def m13_a(facts: Facts) -> Tally:
    """Share of 4 and 5. The sets are scores and reasons; `amounts` say how many answers each of them stands for."""
    answers = told(facts)
    satisfied = {score: n for score, n in answers.scores if score >= SATISFIED}
    others = {score: n for score, n in answers.scores if score < SATISFIED}
    tally = Tally(
        {score: str(score) for score in satisfied},
        {score: str(score) for score in others} | _hidden(answers),
        {reason: reason for reason, _ in answers.dropped},
        numerator=sum(satisfied.values()),
        denominator=answers.valid,
        excluded_counts=dict(answers.dropped),
        amounts=_answers_of(answers),
        withheld=_withheld(answers),
        is_hidden=answers.is_hidden,
        parts={"invited": answers.invited} | weighting(facts, answers),
    )
    return replace(tally, interval=None if tally.withheld else wilson(tally.ratio()))


def m13_b(facts: Facts) -> Tally:
    """Mean over 5; each score brings itself as often as it was given."""
    answers = told(facts)
    points = {score: score * n for score, n in answers.scores}
    return Tally(
        {score: str(score) for score in points},
        _hidden(answers),
        excluded={reason: reason for reason, _ in answers.dropped},
        numerator=sum(points.values()),
        denominator=BEST * answers.valid,
        excluded_counts=dict(answers.dropped),
        amounts=points,
        withheld=_withheld(answers),
        is_hidden=answers.is_hidden,
    )


def valid_answers(result: IndicatorResult) -> int:
    """How many valid answers a figure of M13 rests on."""
    return (result.denominator or 0) // (BEST if result.definition.candidate == "B" else 1)


def _answers_of(answers: SurveyFact) -> dict[int | str, int]:
    """How many answers each row of the list stands for."""
    return dict([*answers.scores, *answers.dropped, *((key, answers.valid) for key in _hidden(answers))])


def _hidden(answers: SurveyFact) -> dict[str, str]:
    """What stands in a list for answers whose scores are not told."""
    return {NOT_TOLD: NOT_TOLD} if answers.is_hidden else {}


def _withheld(answers: SurveyFact) -> str:
    """Why the figure may not be published; empty when it may."""
    if not answers.valid:
        return NOT_APPLICABLE
    response = Ratio(answers.valid, answers.invited)
    return "" if answers.valid >= ENOUGH and response.at_least(RESPONSE) else INSUFFICIENT


def wilson(ratio: Ratio) -> tuple[Decimal, Decimal] | None:
    """The 95 % Wilson score interval in per cent, two decimals half-up; None over nothing."""
    n = ratio.denominator
    if n == 0:
        return None
    share = ratio.numerator / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    low, high = (Decimal(100 * end).quantize(Decimal("0.01"), ROUND_HALF_UP) for end in (middle - half, middle + half))
    return max(low, Decimal("0.00")), min(high, Decimal("100.00"))


def _reason(facts: Facts, answer: AnswerFact, invited: frozenset[int], users: dict[int, str]) -> str:
    person = facts.people.get(answer.user_id)
    checks = {
        "test_account": person is not None and person.is_test,
        "not_invited": bool(facts.invited) and answer.user_id not in invited,
        "not_a_user": answer.user_id not in users,
        "straight_lined": answer.took_s < TOO_QUICK_S,
    }
    return next((reason for reason, fits in checks.items() if fits), "")
