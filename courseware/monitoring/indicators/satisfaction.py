"""M13 satisfaction: valid answers only, published only when there are enough, with the Wilson interval."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import AnswerFact, Facts
from courseware.monitoring.indicators.once import once
from courseware.monitoring.indicators.people import active_people
from courseware.monitoring.indicators.weighting import weighting
from courseware.monitoring.results import INSUFFICIENT, NOT_APPLICABLE, Tally

SATISFIED, BEST = 4, 5
TOO_QUICK_S = 5
ENOUGH, RESPONSE = 30, 20
Z = 1.959963984540054


@dataclass(frozen=True)
class Survey:
    """The answers of a period, sorted into valid and not, each with its reason."""

    valid: tuple[AnswerFact, ...]
    dropped: dict[int, str]
    invited: frozenset[int]

    def withheld(self) -> str:
        """Why the figure may not be published; empty when it may."""
        if not self.valid:
            return NOT_APPLICABLE
        response = Ratio(len(self.valid), len(self.invited))
        return "" if len(self.valid) >= ENOUGH and response.at_least(RESPONSE) else INSUFFICIENT


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


def m13_a(facts: Facts) -> Tally:
    """Share of 4 and 5."""
    answers = survey(facts)
    tally = Tally(
        {a.id: str(a.score) for a in answers.valid if a.score >= SATISFIED},
        {a.id: str(a.score) for a in answers.valid if a.score < SATISFIED},
        answers.dropped,
        withheld=answers.withheld(),
        parts={"invited": len(answers.invited)} | weighting(facts, answers.valid),
    )
    return replace(tally, interval=None if tally.withheld else wilson(tally.ratio()))


def m13_b(facts: Facts) -> Tally:
    """Mean over 5."""
    answers = survey(facts)
    return Tally(
        {a.id: str(a.score) for a in answers.valid},
        excluded=answers.dropped,
        numerator=sum(a.score for a in answers.valid),
        denominator=BEST * len(answers.valid),
        withheld=answers.withheld(),
    )


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
