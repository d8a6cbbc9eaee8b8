"""What happens these days: work waiting for review, work returned, a draft with a new upload, lessons being learned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_class import play_class, pupils
from courseware.demo.loader_files import Made, add_moments, describe, store_material
from courseware.demo.loader_learner import play_learner
from courseware.demo.loader_learning import finish, sit_down
from courseware.demo.loader_radar import play_radar
from courseware.demo.loader_spoc import play_closed_class
from courseware.demo.loader_talk import play_talk
from courseware.demo.loader_words import CODE, COMMITMENT, courses, users
from courseware.demo.material import fetch_or_make
from courseware.demo.material.corpus import corpus
from courseware.knowledge.models import Point
from courseware.libraries.models import Library
from courseware.resources import change
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.review import services as review

RETURNED = {
    "political": (True, ""), "scientific": (False, "第二步未写明停机后的零能量确认，请补写并注明依据的规程条目。"),
    "applicability": (True, ""), "norms": (False, "表头缺少版本号和填写日期两栏。"),
}  # fmt: skip
RETURN_NOTE = "内容完整，补齐两处后可以通过。（示例意见）"
REASON, TAGS, SHARE = "更换新型号示教器后重拍操作段落", ("新技术",), 0.2


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where it plays: the present moment, the people, the files."""

    now: dt.datetime
    people: dict[str, User]
    made: Made
    folder: Path
    quick: bool

    def ago(self, **span: float) -> dt.datetime:
        """A moment before now."""
        return self.now - dt.timedelta(**span)


def play(now: dt.datetime, made: Made, folder: Path, quick: bool) -> None:
    """Puts the unfinished work of the story into the days before `now`, and lets some people learn."""
    stage = _Stage(now, users(), made, folder, quick)
    _at(stage, dt.timedelta(days=2, hours=3), lambda: _hand_in(stage, "r100"))
    _at(stage, dt.timedelta(hours=20), lambda: _hand_in(stage, "r050"))
    _at(stage, dt.timedelta(days=4), lambda: _return(stage, "r006", "v1"))
    _at(stage, dt.timedelta(days=3), lambda: _return(stage, "r062", "v2"))
    _at(stage, dt.timedelta(days=1), lambda: _create(stage, "r041"))
    _at(stage, dt.timedelta(days=30), lambda: _create(stage, "r151"))
    _at(stage, dt.timedelta(hours=5), lambda: _revise(stage, "t2"))
    play_closed_class(now)
    _learn(stage)
    play_class(now)
    _learn_in_class(stage)
    play_talk(now)
    play_learner(now)
    play_radar(now)
    session().flush()


def _at(stage: _Stage, before: dt.timedelta, act: Callable[[], Any]) -> None:
    with clock.frozen(stage.now - before):
        act()


def _create(stage: _Stage, key: str) -> Resource:
    """The draft of a resource that the story never published."""
    record = corpus().resources[key]
    author = stage.people[record["author"]]
    library = session().scalars(select(Library).where(Library.code == CODE)).one()
    wanted = select(Point).where(Point.library_id == library.id, Point.key.in_(record["points"]))
    asset = store_material(stage.made, record, 1, author) if record["type"] != "text" else None
    made = resources.create_resource(
        author, library, type=record["type"], title=record["title_zh"], course=courses()[record["course"]],
        points=session().scalars(wanted.order_by(Point.id)).all(), asset=asset, body=record.get("body_zh", ""),
        duration_s=record.get("duration_s"), originality=record["originality"], has_evidence=record["rights_evidence"],
        licence=record["licence"],
    )  # fmt: skip
    if made.draft_version is not None:
        describe(made, made.draft_version, record, author.unit_id)
        add_moments(made.draft_version, stage.made.get((key, 1)))
    return made


def _hand_in(stage: _Stage, key: str) -> Any:
    made = _create(stage, key)
    return review.submit(stage.people[corpus().resources[key]["author"]], made, commitment=COMMITMENT)


def _return(stage: _Stage, key: str, reviewer: str) -> None:
    submission = _hand_in(stage, key)
    review.decide(stage.people[reviewer], submission, "return", RETURNED, note=RETURN_NOTE)


def _revise(stage: _Stage, author_key: str) -> None:
    """A revision that its author has uploaded and not yet handed in."""
    author = stage.people[author_key]
    own = select(Resource).where(Resource.author_id == author.id, Resource.type == "video", Resource.is_live)
    resource = min(session().scalars(own), key=_length, default=None)
    if resource is None or resource.published_version is None:
        return
    record = corpus().resources[resource.external_id or ""]
    number = resource.published_version.num + 1
    made = {(record["key"], number): fetch_or_make(record["key"], number, stage.folder, stage.quick)}
    asset = store_material(made, record, number, author)
    length = _length(resource)
    version = resources.start_revision(
        author, resource, asset=asset, duration_s=length, reason=REASON, tags=TAGS,
        measured=change.measure_stated("video", SHARE, SHARE * length),
    )  # fmt: skip
    add_moments(version, made[record["key"], number])


def _length(resource: Resource) -> float:
    return float(corpus().resources[resource.external_id or ""].get("duration_s") or 0)


def _learn(stage: _Stage) -> None:
    """One learner half-way through a lesson of today, some others in the days before."""
    sit_down("s01", "les-rp-l02", stage.ago(days=2), share=0.9)
    sit_down("s01", "les-rp-l01", stage.ago(hours=2), share=0.6)
    for number, key in enumerate(("s02", "s03", "s05", "s08", "s12", "e2"), start=1):
        sit_down(key, "les-si-l01", stage.ago(days=number, hours=number), share=0.3 + 0.1 * number)


def _learn_in_class(stage: _Stage) -> None:
    """Most of the class have learned this week, and some came back to the first lesson; the others are warned of."""
    for number, key in enumerate(pupils()):
        if number % 3 == 2:
            continue
        begun = stage.ago(days=1 + number % 6, hours=number % 5)
        if number % 4 == 0:
            finish(key, "les-si-l01", stage.ago(days=8, hours=number))
        else:
            sit_down(key, "les-si-l01", begun, share=min(0.95, 0.35 + 0.06 * number))
        if number % 2 == 0:
            sit_down(key, "les-si-l02", begun + dt.timedelta(hours=20), share=0.9)
