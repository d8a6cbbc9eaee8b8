"""The forecasts of a library's running period, from the same facts as its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, select

from courseware.core.database import session
from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators import registry
from courseware.monitoring.planning.forecast import FORECAST, Forecast, Standing, foresee, standing
from courseware.monitoring.queries.facts import seen_at
from courseware.monitoring.results import FAIL, IndicatorResult
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import Submission

History = Sequence[tuple[dt.datetime, IndicatorResult]]


def histories(facts: Facts, ids: Iterable[str]) -> dict[str, History]:
    """The figures at the end of each month that has passed, and now, each with its moment."""
    moments = [end for end in facts.period.month_ends() if end < facts.now]
    moments += [facts.now] if facts.now < facts.period.end else []
    views = [(moment, seen_at(facts, moment)) for moment in moments[:-1]] + [(m, facts) for m in moments[-1:]]
    return {key: [(moment, registry.count(key, view)) for moment, view in views] for key in ids}


def with_forecasts(
    facts: Facts, results: Iterable[IndicatorResult], known: Mapping[str, History], pending: int
) -> list[IndicatorResult]:
    """`results` with a forecast where one can be made; `pending` are the updates that wait for review."""
    likely = round(pending * approved_share(facts))
    return [replace(r, forecast=_forecast(facts, r, known, likely)) for r in results]


def add_forecasts(facts: Facts, results: Sequence[IndicatorResult], pending: int) -> list[IndicatorResult]:
    """The same for a caller that has no history yet; a period that ended asks for none."""
    if facts.now >= facts.period.end:
        return list(results)
    wanted = [r.id for r in results if r.id in FORECAST]
    return with_forecasts(facts, results, histories(facts, wanted), pending)


def approved_share(facts: Facts) -> float:
    """The share of submissions decided in the period that were approved; 1 where none was decided."""
    decided = [s for s in facts.submissions if s.decided_at < facts.now]
    return sum(s.is_approved for s in decided) / len(decided) if decided else 1.0


def waiting_updates(library_id: int) -> int:
    """Resources with a version in review: what may still become an update of the period."""
    query = (
        select(func.count(func.distinct(ResourceVersion.resource_id)))
        .join(Submission, Submission.version_id == ResourceVersion.id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Submission.state == "open", Resource.library_id == library_id)
    )
    return session().scalar(query) or 0


def _forecast(facts: Facts, result: IndicatorResult, known: Mapping[str, History], likely: int) -> Forecast | None:
    if result.id not in known or result.id not in FORECAST or result.tally.withheld:
        return None
    start = (facts.period.start, registry.count(result.id, seen_at(facts, facts.period.start)))
    history: list[Standing] = [standing(at, past) for at, past in (start, *known[result.id])]
    ahead = foresee(result.definition, facts.period, history, likely if result.id == "M4.A" else 0)
    if ahead is not None and _asks_more_than_its_share(result):
        return replace(ahead, is_met=False)
    return ahead


def _asks_more_than_its_share(result: IndicatorResult) -> bool:
    """Not met although its share is: M12 asks both groups, and a forecast of the pooled share proves nothing of them."""
    return result.verdict == FAIL and result.definition.meets(result.tally.ratio())
