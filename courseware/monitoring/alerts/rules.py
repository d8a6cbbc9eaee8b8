"""What looks unusual (metrics.md, every "Anti-gaming"): pure functions of facts. Each finding brings its evidence.

A rule decides nothing. What a definition leaves out by itself is shown as "excluded", with its reason; everything else
is "flagged": the figure stays, and beside it stands what it would be without those rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import Facts, PersonFact, ResourceFact
from courseware.monitoring.indicators import registry
from courseware.monitoring.indicators.people import active_people
from courseware.monitoring.indicators.satisfaction import SATISFIED, survey
from courseware.monitoring.indicators.updates import Updates, updates_of
from courseware.monitoring.spans import is_live

T = TypeVar("T")

EXCLUDED, FLAGGED = "excluded", "flagged"
RESOURCE, LESSON, PERSON, ANSWER = "resource", "lesson", "person", "answer"
TIMED = ("video", "audio", "animation")

RUSH_DAYS, RUSH_PERCENT, RUSH_FEWEST = 15, 30, 10
SPLIT_NEW, SPLIT_OLD, SPLIT_LONGEST_S = 10, 5, 180.0
SCENES_PER_MINUTE, SLIDES_SHORTEST_S, SILENT_DB, SAMPLES = 1.0, 30.0, -60.0, 48
CROWD, CROWD_WITHIN, CROWD_IDLE_PERCENT = 30, dt.timedelta(hours=1), 80
BURST, BURST_WITHIN, BURST_EQUAL_PERCENT = 10, dt.timedelta(hours=1), 90
HASTE, HASTE_WITHIN = 20, dt.timedelta(minutes=10)
SPEEDING = 20
ORDINARY = frozenset({"", "test_account", "own_use", "review", "preview", "too_short", "double_click"})
SLIPS = frozenset({"speed", "parallel"})  # what happens to anybody now and then: looked at from SPEEDING events on


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of evidence: what it is about, when, and a value to look at."""

    kind: str
    id: int
    at: dt.datetime | None = None
    value: float | None = None
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `now` and `without`: the figure of `indicator` as it is, and without the rows."""

    rule: str
    about: str
    effect: str
    rows: Sequence[Row]
    indicator: str = ""
    now: Ratio | None = None
    without: Ratio | None = None
    measures: Mapping[str, float] = field(default_factory=dict)

    def span(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """From when to when the evidence reaches."""
        moments = [row.at for row in self.rows if row.at is not None]
        return min(moments, default=None), max(moments, default=None)


@dataclass(frozen=True, slots=True)
class CopyFact:
    """A resource that stands in an earlier one or contains it, and what its author answered."""

    resource_id: int
    other_id: int
    share: float
    is_asked: bool
    answer: str


@dataclass(frozen=True, slots=True)
class MovieFact:
    """What was measured of the file of a live video."""

    resource_id: int
    duration_s: float
    still_percent: int
    has_sound: bool
    peak_db: float | None
    has_captions: bool

    @property
    def scenes_per_minute(self) -> float:
        """Changes of picture between up to 48 frames at equal distances: never more than there are, so a lower bound."""
        steps = min(SAMPLES, max(1.0, self.duration_s)) - 1
        return round((100 - self.still_percent) / 100 * steps) * 60 / self.duration_s

    @property
    def is_silent(self) -> bool:
        """No sound that could be speech, and no captions of any."""
        quiet = not self.has_sound or (self.peak_db is not None and self.peak_db <= SILENT_DB)
        return quiet and not self.has_captions


@dataclass(frozen=True, slots=True)
class RatingFact:
    """Stars somebody gave."""

    resource_id: int
    user_id: int
    stars: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class RefusedUseFact:
    """Events of one person with one resource that do not count, by their reason; `first` and `last` are days."""

    user_id: int
    reason: str
    events: int
    seconds: float
    first: dt.datetime
    last: dt.datetime
    resource_id: int = 0


@dataclass(frozen=True, slots=True)
class Traces:
    """What rules look at beside the facts of the figures."""

    copies: Sequence[CopyFact] = ()
    movies: Sequence[MovieFact] = ()
    ratings: Sequence[RatingFact] = ()
    refused: Sequence[RefusedUseFact] = ()


Rule = Callable[[Facts, Traces], Iterator[Found]]


def all_findings(facts: Facts, traces: Traces) -> list[Found]:
    """Everything all rules find in the period of `facts`."""
    return [found for rule in RULES.values() for found in rule(facts, traces)]


# --- updates that are none (M4) ----------------------------------------------------------------------------------------


def reupload(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Delete and upload again: refused outright, waiting for an answer, answered, or equal to a withdrawn resource."""
    updates = updates_of(facts)
    now = Ratio(len(updates.counted), len(updates.at_start))
    refused = [
        Row(RESOURCE, note.resource_id or 0, note.at)
        for note in facts.notes
        if note.kind in ("reupload", "duplicate") and facts.period.start <= note.at < updates.moment
    ]
    if refused:
        yield Found("reupload", "refused", EXCLUDED, refused, "M4.A", now)
    yield from _copies(updates, traces, now)
    equal = list(_equal_to_withdrawn(updates))
    if equal:
        without = _without(updates, {row.id for row in equal})
        yield Found("reupload", "equal", FLAGGED, equal, "M4.A", now, without)


def _copies(updates: Updates, traces: Traces, now: Ratio) -> Iterator[Found]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for copy in traces.copies:
        ours, other = updates.by_id.get(copy.resource_id), updates.by_id.get(copy.other_id)
        if copy.is_asked and ours and ours.id in updates.born and other and not is_live(other.spans, updates.moment):
            row = Row(RESOURCE, ours.id, ours.first_published_at, round(100 * copy.share, 1), other.id)
            groups["answered" if copy.answer else "unanswered"].append(row)
    for about, rows in sorted(groups.items()):
        effect = FLAGGED if about == "answered" else EXCLUDED
        without = _without(updates, {row.id for row in rows}) if effect == FLAGGED else None
        yield Found("reupload", about, effect, rows, "M4.A", now, without)


def _equal_to_withdrawn(updates: Updates) -> Iterator[Row]:
    """Counted as new although a withdrawn resource held the very same content: imports may bring such."""
    gone: dict[str, int] = {}
    for resource in updates.resources:
        if not is_live(resource.spans, updates.moment):
            gone.update({v.content_hash: resource.id for v in resource.versions if v.content_hash})
    for key in sorted(updates.born & updates.counted.keys()):
        resource = updates.by_id[key]
        content = resource.versions[0].content_hash if resource.versions else ""
        if content in gone and gone[content] != key:
            yield Row(RESOURCE, key, resource.first_published_at, 100.0, gone[content])


def split(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Parts of one source count once; and authors whose new recordings are much shorter than theirs before."""
    updates = updates_of(facts)
    parts = [Row(RESOURCE, key, updates.by_id[key].first_published_at, None, source) for key, source in sorted(updates.parts.items())]  # fmt: skip
    if parts:
        yield Found("split", "parts", EXCLUDED, parts, "M4.A", Ratio(len(updates.counted), len(updates.at_start)))
    for author, new in sorted(_timed_by_author(updates).items()):
        yield from _shortened(updates, author, new)


def _timed_by_author(updates: Updates) -> dict[int, list[tuple[ResourceFact, float]]]:
    found: dict[int, list[tuple[ResourceFact, float]]] = defaultdict(list)
    for resource in updates.resources:
        first = resource.versions[0] if resource.versions else None
        if resource.type in TIMED and first is not None and first.duration_s:
            found[first.author_id].append((resource, first.duration_s))
    return found


def _shortened(updates: Updates, author: int, media: Sequence[tuple[ResourceFact, float]]) -> Iterator[Found]:
    new = [(r, length) for r, length in media if r.id in updates.born]
    old = [length for r, length in media if r.first_published_at and r.first_published_at < updates.period.start]
    if len(new) < SPLIT_NEW or len(old) < SPLIT_OLD:
        return
    before, after = median(old), median(length for _, length in new)
    if after < SPLIT_LONGEST_S and 2 * after < before:
        rows = [Row(RESOURCE, r.id, r.first_published_at, length) for r, length in new]
        yield Found(
            "split", f"author:{author}", FLAGGED, rows, "M4.A", Ratio(len(updates.counted), len(updates.at_start)),
            _without(updates, {r.id for r, _ in new}), {"before_s": before, "after_s": after},
        )  # fmt: skip


def rush(facts: Facts, traces: Traces) -> Iterator[Found]:
    """More than 30 % of a year's updates in its last 15 days."""
    updates = updates_of(facts)
    since = facts.period.end - dt.timedelta(days=RUSH_DAYS)
    late = [Row(RESOURCE, key, at) for key, at in sorted(_dates(updates).items()) if at >= since]
    whole = len(updates.counted)
    if whole < RUSH_FEWEST or 100 * len(late) <= RUSH_PERCENT * whole:
        return
    now = Ratio(whole, len(updates.at_start))
    without = Ratio(whole - len(late), len(updates.at_start))
    yield Found("rush", "year_end", FLAGGED, late, "M4.A", now, without, {"late": len(late), "all": whole})


def _dates(updates: Updates) -> dict[int, dt.datetime]:
    """When each counted update happened: first publication, first substantive revision, or first part."""
    dates: dict[int, dt.datetime] = {}
    for key in updates.counted:
        resource = updates.by_id.get(key)
        moments = list(_moments(updates, resource)) if resource else []
        if moments:
            dates[key] = min(moments)
    return dates


def _moments(updates: Updates, resource: ResourceFact) -> Iterator[dt.datetime]:
    if resource.id in updates.born and resource.first_published_at:
        yield resource.first_published_at
        return
    for version in resource.versions:
        if version.decided_class == "substantive" and updates.period.start <= version.published_at < updates.moment:
            yield version.published_at
    for part, source in updates.parts.items():
        at = updates.by_id[part].first_published_at
        if source == resource.id and at:
            yield at


def _without(updates: Updates, keys: set[int]) -> Ratio:
    return Ratio(len(updates.counted.keys() - keys), len(updates.at_start))


# --- media that are less than they seem (M2, M7) -----------------------------------------------------------------------


def fragments(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Audio, video and animation under 30 s: left out of M2 on both sides."""
    tally = registry.count("M2.A", facts).tally
    keys = sorted(key for key, reason in tally.excluded.items() if reason == "fragment")
    if not keys:
        return
    lengths = {r.id: r for r in facts.resources}
    rows = [_fragment(lengths[key], facts.period.moment(facts.now)) for key in keys]
    now = tally.ratio()
    without = Ratio(now.numerator, now.denominator + len(keys))
    yield Found("fragments", "short", EXCLUDED, rows, "M2.A", now, without)


def _fragment(resource: ResourceFact, moment: dt.datetime) -> Row:
    version = resource.version_at(moment)
    return Row(RESOURCE, resource.id, resource.first_published_at, version.duration_s if version else None)


def slides(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Videos of still pages: fewer than one change of picture in 60 s, and nobody speaks; where that was measured."""
    moment = facts.period.moment(facts.now)
    live = {r.id: r for r in facts.resources if is_live(r.spans, moment)}
    found = [
        movie
        for movie in traces.movies
        if movie.resource_id in live
        and movie.duration_s >= SLIDES_SHORTEST_S
        and movie.scenes_per_minute < SCENES_PER_MINUTE
        and movie.is_silent
    ]
    if not found:
        return
    now = registry.count("M2.A", facts).tally.ratio()
    rows = [Row(RESOURCE, m.resource_id, live[m.resource_id].first_published_at, round(m.scenes_per_minute, 2)) for m in found]  # fmt: skip
    yield Found("slides", "still", FLAGGED, rows, "M2.A", now, Ratio(now.numerator + len(found), now.denominator))


# --- people and their use (M5, M10, M12, M13) --------------------------------------------------------------------------


def crowd(facts: Facts, traces: Traces) -> Iterator[Found]:
    """30 accounts of one unit within an hour, of whom 80 % never did anything that counts."""
    units, active = {unit.id for unit in facts.units}, active_people(facts)
    by_unit: dict[int, list[PersonFact]] = defaultdict(list)
    for person in facts.people.values():
        if person.unit_id in units and not person.is_test and person.verified_at and facts.period.contains(person.verified_at):  # fmt: skip
            by_unit[person.unit_id or 0].append(person)
    for unit, people in sorted(by_unit.items()):
        for group in _bursts(people, _verified_at, CROWD, CROWD_WITHIN):
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
        for group in _bursts(given, _rated_at, BURST, BURST_WITHIN):
            if _is_equal([rating.stars for rating in group]):
                rows = [Row(PERSON, rating.user_id, rating.at, rating.stars) for rating in group]
                yield Found("ratings", f"resource:{key}:{group[0].at:%Y%m%d%H%M}", FLAGGED, rows)
    for key, given in sorted(by_person.items()):
        for group in _bursts(given, _rated_at, HASTE, HASTE_WITHIN):
            rows = [Row(RESOURCE, rating.resource_id, rating.at, rating.stars) for rating in group]
            yield Found("ratings", f"person:{key}:{group[0].at:%Y%m%d%H%M}", FLAGGED, rows)


def _rated_at(rating: RatingFact) -> dt.datetime:
    return rating.at


def answers(facts: Facts, traces: Traces) -> Iterator[Found]:
    """10 answers of the survey within an hour that nearly all say the same. The evidence names nobody."""
    valid = survey(facts).valid
    satisfied = {answer.id for answer in valid if answer.score >= SATISFIED}
    whole = Ratio(len(satisfied), len(valid))
    for group in _bursts(valid, lambda a: a.at, BURST, BURST_WITHIN):
        if _is_equal([answer.score for answer in group]):
            rows = [Row(ANSWER, answer.id, answer.at.replace(minute=0, second=0, microsecond=0)) for answer in group]
            keys = {answer.id for answer in group}
            without = Ratio(len(satisfied - keys), len(valid) - len(keys))
            about = f"{group[0].at:%Y%m%d%H%M}"
            yield Found("answers", about, FLAGGED, rows, "M13.A", whole, without)


def _is_equal(values: Sequence[int]) -> bool:
    most = max(values.count(value) for value in set(values))
    return 100 * most >= BURST_EQUAL_PERCENT * len(values)


# --- lessons (M6) ------------------------------------------------------------------------------------------------------


def dumps(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Lessons of more than 50 resources with fewer than one activity per ten: not effective in M6."""
    moment = facts.period.moment(facts.now)
    found = [
        lesson
        for lesson in facts.lessons
        if lesson.is_dump
        and lesson.published_at < moment
        and (lesson.superseded_at is None or lesson.superseded_at > facts.period.start)
    ]
    if found:
        rows = [
            Row(LESSON, one.lesson_id, one.published_at, len(one.resource_ids), one.other_activities) for one in found
        ]
        yield Found("dumps", "lessons", EXCLUDED, rows, "M6.A", registry.count("M6.A", facts).tally.ratio())


def _bursts(
    things: Iterable[T], when: Callable[[T], dt.datetime], fewest: int, within: dt.timedelta
) -> Iterator[list[T]]:
    """Stretches in which `fewest` of a kind lie within `within`; stretches that touch are one."""
    ordered = sorted(things, key=when)
    marked = [False] * len(ordered)
    for first in range(len(ordered) - fewest + 1):
        if when(ordered[first + fewest - 1]) - when(ordered[first]) <= within:
            marked[first : first + fewest] = [True] * fewest
    group: list[T] = []
    for place, thing in enumerate(ordered):
        if group and (not marked[place] or when(thing) - when(group[-1]) > within):
            yield group
            group = []
        if marked[place]:
            group.append(thing)
    if group:
        yield group


RULES: dict[str, Rule] = {
    "reupload": reupload, "split": split, "rush": rush, "fragments": fragments, "slides": slides, "crowd": crowd,
    "scripted": scripted, "ratings": ratings, "answers": answers, "dumps": dumps,
}  # fmt: skip
