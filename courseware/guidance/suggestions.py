"""What to learn next, each with its reason (R15, R49). Two statements, however much a person has learned.

For whoever may be suggested to by what they did (policy.py): gaps and next points of the course at hand, then what
people with the same resources used. For everybody else, and where that is too little: what is popular in the course.
"""

from __future__ import annotations

import time
import uuid as uuidlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, case, cast, func, literal_column, null, select, union_all

from courseware.accounts.models import User
from courseware.catalog.memory import memory
from courseware.guidance.co_use import Neighbour
from courseware.guidance.course_map import CourseMap, course_map
from courseware.guidance.models import CoUse, DeclinedSuggestion, PopularResource
from courseware.guidance.path import Step, next_steps
from courseware.guidance.ranking import Ranked, rank
from courseware.progress.queries import MyCourse, best_of
from courseware.progress.statements import PERSON, many, renditions, resources, rows, seen, table_of, taught, versions
from courseware.resources.models import Resource
from courseware.resources.queries import media_path

SHOWN, STEPS, RECENT, USED_LAST = 4, 2, 20, 5
REMEMBER_S = 300


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a resource is suggested. `kind`: gap, begun, follows, first, co_use, points, popular (words.py says it).

    `name` and `name_en` are of the point, resource or course that it names, `people` how many used it.
    """

    kind: str
    name: str = ""
    name_en: str = ""
    people: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A resource to go to, and why. `href` leads into the own course's lesson where it stands in one."""

    resource_id: int
    reason: Reason
    href: str = ""
    uuid: uuidlib.UUID | None = None
    title: str = ""
    title_en: str = ""
    type: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Recent:
    """A resource used lately, with the address of its picture."""

    uuid: uuidlib.UUID
    title: str
    title_en: str
    type: str
    picture: str


_co_use, _popular, _declined = table_of(CoUse), table_of(PopularResource), table_of(DeclinedSuggestion)
_recent = (
    select(seen.c.resource_id)
    .where(seen.c.user_id == PERSON)
    .order_by(seen.c.updated_at.desc())
    .limit(RECENT)
    .subquery()
)
_met = (
    select(seen.c.resource_id)
    .where(seen.c.user_id == PERSON)
    .union_all(select(_declined.c.resource_id).where(_declined.c.user_id == PERSON))
)
_NEAR = select(
    _co_use.c.resource_id, _co_use.c.other_id, _co_use.c.people, _co_use.c.score, literal_column("'near'").label("kind")
).where(_co_use.c.resource_id.in_(select(_recent.c.resource_id)), _co_use.c.other_id.not_in(_met))
_POPULAR = select(
    _popular.c.resource_id, _popular.c.resource_id, _popular.c.people, literal_column("0"), literal_column("'popular'")
).where(_popular.c.course_id == bindparam("course"), _popular.c.resource_id.not_in(_met))
_DECLINED = select(
    _declined.c.resource_id,
    _declined.c.resource_id,
    literal_column("0"),
    literal_column("0"),
    literal_column("'declined'"),
).where(_declined.c.user_id == PERSON)
_POINTS = (
    select(
        taught.c.point_id, taught.c.point_id, case((seen.c.is_complete, 1), else_=0), literal_column("0"),
        literal_column("'point'"),
    )
    .join(seen, seen.c.resource_id == taught.c.resource_id)
    .where(seen.c.user_id == PERSON, taught.c.point_id.in_(many("point_ids")))
)  # fmt: skip
# In one go, each row told by its kind: what goes with what one used, what is popular in the course, what is not wanted, and
# how far one is with the points of the course.
AROUND = {True: union_all(_NEAR, _POPULAR, _DECLINED, _POINTS), False: union_all(_POPULAR, _DECLINED, _POINTS)}
BESIDE = (
    select(_co_use.c.resource_id, _co_use.c.other_id, _co_use.c.people, _co_use.c.score)
    .where(_co_use.c.resource_id.in_(many("ids")))
    .order_by(_co_use.c.score.desc())
)
_other = taught.alias("other")
SHARED_POINTS = (
    select(_other.c.resource_id, func.min(taught.c.resource_id), func.count())
    .join(_other, _other.c.point_id == taught.c.point_id)
    .where(taught.c.resource_id.in_(many("ids")), _other.c.resource_id.not_in(many("ids")))
    .group_by(_other.c.resource_id)
    .order_by(func.count().desc(), _other.c.resource_id.desc())
    .limit(SHOWN)
)
_shown = versions.alias("shown")
_picture = (
    select(func.max(renditions.c.id))
    .where(renditions.c.asset_id == _shown.c.asset_id, renditions.c.kind == "thumbnail")
    .correlate(_shown)
    .scalar_subquery()
)
CARDS = (
    select(
        resources.c.id, resources.c.uuid, resources.c.title, resources.c.title_en, resources.c.type, Resource.is_public.label("is_live"),
        renditions.c.uuid.label("picture"), renditions.c.facts,
    )
    .outerjoin(_shown, _shown.c.id == resources.c.published_version_id)
    .outerjoin(renditions, renditions.c.id == _picture)
    .where(resources.c.id.in_(many("ids")))
)  # fmt: skip
_used = (
    select(seen.c.resource_id, seen.c.updated_at)
    .join(resources, resources.c.id == seen.c.resource_id)
    .where(seen.c.user_id == PERSON, Resource.is_public)
    .order_by(seen.c.updated_at.desc())
    .limit(USED_LAST)
    .subquery()
)
_CARDS_OF_USED = (
    select(*CARDS.selected_columns, _used.c.updated_at.label("used_at"))
    .join_from(_used, resources, resources.c.id == _used.c.resource_id)
    .outerjoin(_shown, _shown.c.id == resources.c.published_version_id)
    .outerjoin(renditions, renditions.c.id == _picture)
)
CARDS_AND_USED = _CARDS_OF_USED.union_all(CARDS.add_columns(cast(null(), seen.c.updated_at.type)))


def choose(around: Around, course: MyCourse | None, *, personal: bool, at_hand: int | None = None) -> list[Suggestion]:
    """What to learn next, best first; no query, and nothing yet of what is shown of them.

    `course` is the one looked at, `personal` whether policy allows the own path, `at_hand` what the person goes on with anyway.
    """
    path = _along_the_path(course, around.mastery, {at_hand, *around.declined}) if personal else []
    others = [_by_other(one, course) for one in rank(around.near, around.popular, limit=SHOWN + STEPS)]
    return _each_once(one for one in (*path, *others) if one.resource_id != at_hand)


def with_used_last(user: User, chosen: Sequence[Suggestion]) -> tuple[list[Suggestion], list[Recent]]:
    """What is shown of the suggestions, and the resources used last that are still there; one query."""
    found = rows(CARDS_AND_USED, person=user.id, ids=_wanted(chosen[: SHOWN + 2]))
    used = sorted((row for row in found if row.used_at is not None), key=lambda row: row.used_at, reverse=True)
    return (
        _shown_of(chosen[: SHOWN + 2], {row.id: row for row in found if row.used_at is None})[:SHOWN],
        [Recent(row.uuid, row.title, row.title_en, row.type, _picture_of(row)) for row in used],
    )


def beside(resource_ids: Collection[int], limit: int = SHOWN) -> list[Suggestion]:
    """What goes with these resources, whoever asks: used by the same people, else teaching the same points.

    Remembered for five minutes by this process: the same for everybody, and counted once a day.
    """
    ids = sorted(resource_ids)
    key = (*ids, limit, int(time.monotonic() / REMEMBER_S))
    return memory("beside", 1_000).get(key, lambda: _beside(ids, limit)) if ids else []


def _beside(ids: list[int], limit: int) -> list[Suggestion]:
    near = rank((Neighbour(*row) for row in rows(BESIDE, ids=ids)), leave_out=ids, limit=limit)
    found = [Suggestion(one.resource_id, Reason("co_use", str(one.because), people=one.people)) for one in near]
    if len(found) < limit:
        shared = rows(SHARED_POINTS, ids=ids)
        found += [Suggestion(other, Reason("points", str(of))) for other, of, _count in shared]
    return _with_cards(_each_once(found)[: limit + 2])[:limit]


@dataclass(frozen=True, slots=True)
class Around:
    """What others used with what the person used, what is popular in the course at hand, what the person does not want.

    `mastery`: of the points of that course, done or part by id, as progress.queries.mastery_by_id tells it.
    """

    near: Sequence[Neighbour]
    popular: Mapping[int, int]
    declined: Collection[int]
    mastery: Mapping[int, str]


def around_of(user: User, course: MyCourse | None, *, personal: bool) -> Around:
    """One statement; what others used with it is not even asked for where policy does not allow it."""
    units = course.states.contents.units if course is not None else ()
    points, course_id = [point.id for unit in units for point in unit.points], course.course.id if course else None
    found = rows(AROUND[personal], person=user.id, course=course_id, point_ids=points)
    return Around(
        [Neighbour(resource, other, people, score) for resource, other, people, score, kind in found if kind == "near"],
        {resource: people for resource, _other, people, _score, kind in found if kind == "popular"},
        [resource for resource, *_rest, kind in found if kind == "declined"],
        best_of((point, bool(done)) for point, _same, done, _score, kind in found if kind == "point"),
    )


def _along_the_path(
    course: MyCourse | None, mastery: Mapping[int, str], out: Collection[int | None]
) -> list[Suggestion]:  # fmt: skip
    if course is None:
        return []
    known = course_map(course.states.contents)
    steps = next_steps(known.order, known.needs, mastery, limit=len(known.order))
    found = (_at(known, course, step, out) for step in steps)
    return _each_once(suggestion for suggestion in found if suggestion is not None)[:STEPS]


def _at(known: CourseMap, course: MyCourse, step: Step, out: Collection[int | None]) -> Suggestion | None:
    """The first place of the course that teaches the point, in a lesson that is not complete."""
    for lesson, item in known.places.get(step.point_id, ()):
        if item.resource_id and item.resource_id not in out and course.states.of(lesson) != "done":
            point = known.points[step.because or step.point_id]
            reason = Reason(step.reason, point.name, point.name_en)
            return Suggestion(item.resource_id, reason, f"/learn/{lesson.uuid}?at={item.key}")
    return None


def _by_other(one: Ranked, course: MyCourse | None) -> Suggestion:
    if one.because is None and course is not None:
        head = course.course
        return Suggestion(one.resource_id, Reason("popular", head.name, head.name_en, one.people))
    return Suggestion(one.resource_id, Reason("co_use", str(one.because), people=one.people))


def _each_once(found: Iterable[Suggestion]) -> list[Suggestion]:
    return list({one.resource_id: one for one in reversed(list(found))}.values())[::-1]


def _with_cards(found: Sequence[Suggestion]) -> list[Suggestion]:
    """What is shown of the resources, and the titles that reasons name; what is no longer published falls out."""
    return _shown_of(found, {row.id: row for row in rows(CARDS, ids=_wanted(found))}) if found else []


def _wanted(found: Sequence[Suggestion]) -> list[int]:
    named = {int(one.reason.name) for one in found if one.reason.kind in ("co_use", "points")}
    return sorted({one.resource_id for one in found} | named)


def _shown_of(found: Sequence[Suggestion], cards: Mapping[int, Any]) -> list[Suggestion]:
    return [_shown_as(one, cards) for one in found if one.resource_id in cards and cards[one.resource_id].is_live]


def _shown_as(one: Suggestion, cards: Mapping[int, Any]) -> Suggestion:
    card, reason = cards[one.resource_id], one.reason
    if reason.kind in ("co_use", "points"):
        named = cards[int(reason.name)]
        reason = replace(reason, name=named.title, name_en=named.title_en)
    return replace(
        one, reason=reason, href=one.href or f"/resources/{card.uuid}", uuid=card.uuid, title=card.title,
        title_en=card.title_en, type=card.type, picture=_picture_of(card),
    )  # fmt: skip


def _picture_of(card: Any) -> str:
    return media_path(card.picture, card.facts) if card.picture else ""
