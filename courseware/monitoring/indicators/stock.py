"""M1 resource total, M2 text and image share, M3 originality, M7 video time: what is published at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import Facts, LessonFact, ResourceFact, VersionFact
from courseware.monitoring.indicators.lessons import effective_lessons
from courseware.monitoring.indicators.once import once
from courseware.monitoring.results import Tally
from courseware.monitoring.spans import counts_at_end

TEXT_LIKE_STRICT = frozenset({"text", "image", "presentation"})
TEXT_LIKE = frozenset({"text", "image"})
RUNNING = frozenset({"audio", "video", "animation"})
SHORTEST_S = 30

Live = tuple[ResourceFact, VersionFact]


@once
def published(facts: Facts) -> list[Live]:
    """The resources that count as published at the moment, with the version readers see."""
    moment = facts.period.moment(facts.now)
    counting = (r for r in facts.resources if counts_at_end(r.spans, moment, facts.now))
    shown = ((r, r.version_at(moment)) for r in counting)
    return [(r, v) for r, v in shown if v is not None]


def distinct(live: Iterable[Live]) -> tuple[list[Live], dict[int, str]]:
    """Each content once, the earliest publication standing for it; and the ids left out as copies."""
    kept: dict[str, Live] = {}
    for resource, version in sorted(live, key=_age):
        kept.setdefault(version.content_hash or f"#{resource.id}", (resource, version))
    ids = {r.id for r, _ in kept.values()}
    return list(kept.values()), {r.id: "copy" for r, _ in live if r.id not in ids}


@once
def distinct_published(facts: Facts) -> tuple[list[Live], dict[int, str]]:
    """What is published at the moment, each content once; and the copies left out."""
    return distinct(published(facts))


def m1_a(facts: Facts) -> Tally:
    """Smallest units, each content once."""
    kept, copies = distinct_published(facts)
    return Tally({r.id: "published" for r, _ in kept}, excluded=copies, excluded_counts={})


def m1_b(facts: Facts) -> Tally:
    """All catalogue objects: resources and lessons."""
    kept, _ = distinct_published(facts)
    lessons = {("lesson", lesson.lesson_id): "lesson" for lesson in live_lessons(facts)}
    return Tally({**{r.id: "published" for r, _ in kept}, **lessons}, excluded_counts={})


def live_lessons(facts: Facts) -> list[LessonFact]:
    """The lesson versions learners see at the moment."""
    moment = facts.period.moment(facts.now)
    return [
        lesson for lesson in facts.lessons
        if lesson.published_at < moment and (lesson.superseded_at is None or lesson.superseded_at >= moment)
    ]  # fmt: skip


def m2_a(facts: Facts) -> Tally:
    """Presentations count as text."""
    return _by_type(facts, TEXT_LIKE_STRICT)


def m2_b(facts: Facts) -> Tally:
    """Presentations are their own type."""
    return _by_type(facts, TEXT_LIKE)


def m3_a(facts: Facts) -> Tally:
    """Originals with accepted evidence; `claimed` are those whose author says original."""
    kept, _ = distinct_published(facts)
    claimed = sum(v.originality == "original" for _, v in kept)
    return _split(kept, _is_verified, claimed=Ratio(claimed, len(kept)))


def m3_b(facts: Facts) -> Tally:
    """Accepted originals, and adaptations with permission."""
    kept, _ = distinct_published(facts)
    return _split(kept, lambda v: _is_verified(v) or (v.originality == "adapted" and v.is_evidence_accepted))


def m3_c(facts: Facts) -> Tally:
    """Originals with accepted evidence by running time: seconds of audio, video and animation."""
    kept = [(r, v) for r, v in distinct_published(facts)[0] if r.type in RUNNING and v.duration_s]
    tally = _split(kept, _is_verified)
    mine = [(r, v) for r, v in kept if r.id in tally.counted]
    return replace(tally, numerator=_seconds(mine), denominator=_seconds(kept), amounts=_lengths(mine))


def m7_a(facts: Facts) -> Tally:
    """Seconds of distinct masters of published video."""
    kept, copies = distinct((r, v) for r, v in published(facts) if r.type == "video")
    return Tally(
        {r.id: "published" for r, _ in kept}, excluded=copies, numerator=_seconds(kept), excluded_counts={}, amounts=_lengths(kept),
    )  # fmt: skip


def m7_b(facts: Facts) -> Tally:
    """Those of M7.A that stand in an effective lesson."""
    referenced = {key for lesson in effective_lessons(facts) for key in lesson.resource_ids}
    kept, copies = distinct((r, v) for r, v in published(facts) if r.type == "video")
    inside = [(r, v) for r, v in kept if r.id in referenced]
    outside = {r.id: "no_lesson" for r, _ in kept if r.id not in referenced}
    return Tally(
        {r.id: "lesson" for r, _ in inside},
        excluded=copies | outside,
        numerator=_seconds(inside),
        excluded_counts={},
        amounts=_lengths(inside),
    )


def m16_metadata(facts: Facts) -> Tally:
    """Published resources with every mandatory field."""
    complete = {d.resource_id for d in facts.descriptions if d.is_complete}
    return _by_set(facts, complete, "described", "field_missing")


def m16_naming(facts: Facts) -> Tally:
    """Published resources named by the library's template."""
    named = {d.resource_id for d in facts.descriptions if d.is_named}
    return _by_set(facts, named, "named", "other_name")


def is_too_short(live: Live) -> bool:
    """Audio, video and animation under 30 s leave M2 on both sides."""
    resource, version = live
    return resource.type in RUNNING and version.duration_s is not None and version.duration_s < SHORTEST_S


def _by_type(facts: Facts, kinds: frozenset[str]) -> Tally:
    kept, _ = distinct_published(facts)
    long_enough = [live for live in kept if not is_too_short(live)]
    return Tally(
        {r.id: r.type for r, _ in long_enough if r.type in kinds},
        {r.id: r.type for r, _ in long_enough if r.type not in kinds},
        {live[0].id: "fragment" for live in kept if is_too_short(live)},
    )


def _by_set(facts: Facts, chosen: set[int], yes: str, no: str) -> Tally:
    ids = [r.id for r, _ in published(facts)]
    return Tally(
        dict.fromkeys((key for key in ids if key in chosen), yes),
        dict.fromkeys((key for key in ids if key not in chosen), no),
    )


def _split(kept: list[Live], counts: Callable[[VersionFact], bool], claimed: Ratio | None = None) -> Tally:
    return Tally(
        {r.id: _right(v) for r, v in kept if counts(v)},
        {r.id: _right(v) for r, v in kept if not counts(v)},
        claimed=claimed,
    )


def _seconds(kept: Iterable[Live]) -> int:
    return int(sum(_lengths(kept).values()))


def _lengths(kept: Iterable[Live]) -> dict[int, float]:
    return {r.id: v.duration_s or 0 for r, v in kept}


def _is_verified(version: VersionFact) -> bool:
    return version.originality == "original" and version.is_evidence_accepted


def _right(version: VersionFact) -> str:
    if version.originality == "original" and not version.is_evidence_accepted:
        return "no_evidence"
    return version.originality


def _age(live: Live) -> tuple[object, int]:
    resource, version = live
    return (resource.first_published_at or version.published_at, resource.id)
