"""People and their use (M5, M10, M12, M13): crowds of accounts, scripted use, ratings and answers in a burst."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

from courseware.core.fractions import Ratio
from courseware.monitoring.alerts.rules.model import (
    ANSWER,
    EXCLUDED,
    FLAGGED,
    PERSON,
    RESOURCE,
    ROSTER,
    Found,
    RatingFact,
    RefusedUseFact,
    Row,
    Traces,
    bursts,
)
from courseware.monitoring.facts import Facts, PersonFact
from courseware.monitoring.indicators import registry
from courseware.monitoring.indicators.people import active_people
from courseware.monitoring.indicators.satisfaction import SATISFIED, survey
from courseware.monitoring.rosters.shrinking import losses

CROWD, CROWD_WITHIN, CROWD_IDLE_PERCENT = 30, dt.timedelta(hours=1), 80
BURST, BURST_WITHIN, BURST_EQUAL_PERCENT = 10, dt.timedelta(hours=1), 90
HASTE, HASTE_WITHIN = 20, dt.timedelta(minutes=10)
SPEEDING = 20
ORDINARY = frozenset({"", "test_account", "own_use", "review", "preview", "too_short", "double_click"})
SLIPS = frozenset({"speed", "parallel"})  # what happens to anybody now and then: looked at from SPEEDING events on


def crowd(facts: Facts, traces: Traces) -> Iterator[Found]:
    """30 accounts of one unit within an hour, of whom 80 % never did anything that counts."""
    units, active = {unit.id for unit in facts.units}, active_people(facts)
    by_unit: dict[int, list[PersonFact]] = defaultdict(list)
    for person in facts.people.values():
        if person.unit_id in units and not person.is_test and person.verified_at and facts.period.contains(person.verified_at):  # fmt: skip
            by_unit[person.unit_id or 0].append(person)
    for unit, people in sorted(by_unit.items()):
        for group in bursts(people, _verified_at, CROWD, CROWD_WITHIN):
            idle = [person for person in group if person.id not in active]
            if 100 * len(idle) >= CROWD_IDLE_PERCENT * len(group):
                yield _crowded(facts, unit, group, idle)


def _verified_at(person: PersonFact) -> dt.datetime:
    assert person.verified_at is not None
    return person.verified_at


def _crowded(facts: Facts, unit: int, group: Sequence[PersonFact], idle: Sequence[PersonFact]) -> Found:
    now = registry.count("M10.B", facts).tally
    keys = {person.id for person in idle}
    rest = len(now.counted.keys() - keys)
    rows = [Row(PERSON, person.id, person.verified_at) for person in idle]
    begin = _verified_at(group[0])
    about = f"unit:{unit}:{begin:%Y%m%d%H%M}"
    figures = Ratio(len(now.counted), 1), Ratio(rest, 1)
    return Found("crowd", about, FLAGGED, rows, "M10.B", *figures, {"accounts": len(group), "idle": len(idle)})


def scripted(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Use that is no person's: by a robot, in a pattern, and, from 20 events of a person on, too fast or parallel."""
    by_reason: dict[str, list[RefusedUseFact]] = defaultdict(list)
    by_person: dict[tuple[str, int], int] = defaultdict(int)
    for use in traces.refused:
        by_reason[use.reason].append(use)
        by_person[use.reason, use.user_id] += use.events
    for reason, uses in sorted(by_reason.items()):
        fewest = SPEEDING if reason in SLIPS else 1
        told = [use for use in uses if reason not in ORDINARY and by_person[reason, use.user_id] >= fewest]
        if told:
            yield _refused_use(reason, told)


def _refused_use(reason: str, uses: Sequence[RefusedUseFact]) -> Found:
    ordered = sorted(uses, key=lambda use: (-use.events, use.user_id, use.resource_id))
    rows = [Row(PERSON, use.user_id, use.last, use.events, use.resource_id or None) for use in ordered]
    measures = {
        "events": sum(use.events for use in uses), "seconds": round(sum(use.seconds for use in uses)),
        "people": len({use.user_id for use in uses}),
    }  # fmt: skip
    return Found("scripted", reason, EXCLUDED, rows, measures=measures)


def ratings(facts: Facts, traces: Traces) -> Iterator[Found]:
    """10 ratings of one resource within an hour that nearly all say the same; 20 by one person within 10 minutes."""
    by_resource: dict[int, list[RatingFact]] = defaultdict(list)
    by_person: dict[int, list[RatingFact]] = defaultdict(list)
    for rating in traces.ratings:
        by_resource[rating.resource_id].append(rating)
        by_person[rating.user_id].append(rating)
    for key, given in sorted(by_resource.items()):
        for group in bursts(given, _rated_at, BURST, BURST_WITHIN):
            if _is_equal([rating.stars for rating in group]):
                rows = [Row(PERSON, rating.user_id, rating.at, rating.stars) for rating in group]
                yield Found("ratings", f"resource:{key}:{group[0].at:%Y%m%d%H%M}", FLAGGED, rows)
    for key, given in sorted(by_person.items()):
        for group in bursts(given, _rated_at, HASTE, HASTE_WITHIN):
            rows = [Row(RESOURCE, rating.resource_id, rating.at, rating.stars) for rating in group]
            yield Found("ratings", f"person:{key}:{group[0].at:%Y%m%d%H%M}", FLAGGED, rows)


def _rated_at(rating: RatingFact) -> dt.datetime:
    return rating.at


def answers(facts: Facts, traces: Traces) -> Iterator[Found]:
    """10 answers of the survey within an hour that nearly all say the same. The evidence names nobody."""
    valid = survey(facts).valid
    satisfied = {answer.id for answer in valid if answer.score >= SATISFIED}
    whole = Ratio(len(satisfied), len(valid))
    for group in bursts(valid, lambda a: a.at, BURST, BURST_WITHIN):
        if _is_equal([answer.score for answer in group]):
            rows = [Row(ANSWER, answer.id, answer.at.replace(minute=0, second=0, microsecond=0)) for answer in group]
            keys = {answer.id for answer in group}
            without = Ratio(len(satisfied - keys), len(valid) - len(keys))
            about = f"{group[0].at:%Y%m%d%H%M}"
            yield Found("answers", about, FLAGGED, rows, "M13.A", whole, without)


def _is_equal(values: Sequence[int]) -> bool:
    most = max(values.count(value) for value in set(values))
    return 100 * most >= BURST_EQUAL_PERCENT * len(values)


def rosters(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Lists of a school that lost more than 20 of 100 people or a whole group against an earlier one (M12)."""
    for now, loss in losses(traces.rosters):
        if facts.period.contains_day(now.census_on):
            rows = [Row(ROSTER, one.roster_id, one.received_at, one.whole) for one in (loss.before, now)]
            measures = {"before": loss.before.whole, "now": now.whole, **{f"no_{group}": 1 for group in loss.gone}}
            about = f"unit:{now.unit_id}:{now.census_on:%Y%m%d}"
            yield Found("rosters", about, FLAGGED, rows, "M12.A", _coverage(facts), None, measures)


def _coverage(facts: Facts) -> Ratio:
    return registry.count("M12.A", facts).tally.ratio()
