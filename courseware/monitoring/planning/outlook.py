"""The forecasts of a library's running period, and what those of a closed one had said, from the facts of its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators import registry
from courseware.monitoring.indicators.updates import updates_of
from courseware.monitoring.planning.forecast import (
    FORECAST,
    HAS_SEASONS,
    Forecast,
    Rest,
    Standing,
    foresee,
    standing,
)
from courseware.monitoring.planning.waiting import Waiting, approved_share
from courseware.monitoring.queries.facts import seen_at
from courseware.monitoring.results import FAIL, IndicatorResult

History = Sequence[tuple[dt.datetime, IndicatorResult]]


@dataclass(frozen=True, slots=True)
class Said:
    """What was foreseen at one moment of a period that is over, and whether the end lay in the range."""

    at: dt.datetime
    forecast: Forecast
    held: bool


@dataclass(frozen=True, slots=True)
class Hindsight:
    """One figure of a period that is over: where it ended, and what had been foreseen month by month, oldest first."""

    end: IndicatorResult
    said: Sequence[Said]

    @property
    def held(self) -> int:
        """How many of the ranges held the end; four of five is what they promise."""
        return sum(one.held for one in self.said)


def histories(facts: Facts, ids: Iterable[str]) -> dict[str, History]:
    """The figures at the end of each month that has passed, and now, each with its moment."""
    moments = [end for end in facts.period.month_ends() if end < facts.now]
    moments += [facts.now] if facts.now < facts.period.end else []
    views = [(moment, seen_at(facts, moment)) for moment in moments[:-1]] + [(m, facts) for m in moments[-1:]]
    return {key: [(moment, registry.count(key, view)) for moment, view in views] for key in ids}


def with_forecasts(
    facts: Facts, before: Facts, results: Iterable[IndicatorResult], known: Mapping[str, History], waiting: Waiting
) -> list[IndicatorResult]:
    """`results` with a forecast where one can be made; `before` are the facts of the year before, `waiting` what authors began."""
    likely = waiting.likely(updates_of(facts).counted, approved_share(facts))
    return [replace(r, forecast=_forecast(facts, before, r, known, likely)) for r in results]


def add_forecasts(
    facts: Facts, before: Facts, results: Sequence[IndicatorResult], waiting: Waiting
) -> list[IndicatorResult]:
    """The same for a caller that has no history yet; a period that ended asks for none."""
    if facts.now >= facts.period.end:
        return list(results)
    wanted = [r.id for r in results if r.id in FORECAST]
    return with_forecasts(facts, before, results, histories(facts, wanted), waiting) if wanted else list(results)


def hindsight(facts: Facts, before: Facts) -> list[Hindsight]:
    """What the forecasts had said in a period that is over, from what was known at the end of each of its months.

    What lay in drafts and in review then is not known any more: these are forecasts by pace alone. Figures of which
    nothing could be foreseen are left out.
    """
    known = histories(facts, FORECAST)
    found = [Hindsight(registry.count(key, facts), _said(facts, before, key, known[key])) for key in FORECAST]
    return [one for one in found if one.said and not one.end.tally.withheld]


def _said(facts: Facts, before: Facts, key: str, known: History) -> list[Said]:
    history, definition = _standings(facts, key, known), registry.definition_of(key)
    end = history[-1]
    said = []
    for n, now in enumerate(history[:-1], 1):
        ahead = foresee(definition, facts.period, history[:n], rest=_rest(facts, before, key, now.at))
        if ahead is not None:
            said.append(Said(now.at, ahead, ahead.holds(end)))
    return said


def _forecast(
    facts: Facts, before: Facts, result: IndicatorResult, known: Mapping[str, History], likely: int
) -> Forecast | None:
    if result.id not in known or result.id not in FORECAST or result.tally.withheld:
        return None
    history = _standings(facts, result.id, known[result.id])
    pending = likely if result.id == "M4.A" else 0
    rest = _rest(facts, before, result.id, facts.now)
    ahead = foresee(result.definition, facts.period, history, pending, rest)
    if ahead is not None and _asks_more_than_its_share(result):
        return replace(ahead, is_met=False)
    return ahead


def _standings(facts: Facts, key: str, history: History) -> list[Standing]:
    """From the start of the period on."""
    start = (facts.period.start, registry.count(key, seen_at(facts, facts.period.start)))
    return [standing(at, past) for at, past in (start, *history)]


def _rest(facts: Facts, before: Facts, key: str, at: dt.datetime) -> Rest | None:
    """What the year before brought from the same day on; None where it had nothing to be a share of."""
    if key not in HAS_SEASONS:
        return None
    same_day = before.period.start + (at - facts.period.start)
    then, end = registry.count(key, seen_at(before, same_day)), registry.count(key, before)
    if not then.denominator:
        return None
    return Rest((end.numerator or 0) - (then.numerator or 0), then.denominator)


def _asks_more_than_its_share(result: IndicatorResult) -> bool:
    """Not met although its share is: M12 asks both groups, and a forecast of the pooled share proves nothing of them."""
    return result.verdict == FAIL and result.definition.meets(result.tally.ratio())
