"""What is asked, of what, by whom; and what it may cost (docs of the budgets: README)."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, exists, func, or_, select

from benchmarks.load import Ask
from benchmarks.site import PEOPLE, Site
from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.demo.accounts import KEYS, PASSWORD
from courseware.enrollment.models import Enrollment
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library
from courseware.progress.models import LessonProgress
from courseware.resources.models import Rendition, Resource, ResourceVersion
from search.pinyin import initials, syllables

Asks = Callable[[int, int], Ask]
Headers = dict[str, str]
VARIETY = 60


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody with courses of their own."""

    email: str
    courses: tuple[str, ...]
    lessons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A lesson and the teacher who builds it."""

    lesson: str
    email: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Addresses inside the installation."""

    learners: tuple[Learner, ...]
    courses: tuple[str, ...]
    resources: tuple[str, ...]
    videos: tuple[tuple[str, float], ...]
    words: tuple[str, ...]
    typed: tuple[str, ...]
    steward: str
    libraries: tuple[str, ...]
    board: Board


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request with its budget: CPU milliseconds, kilobytes of HTML, p95 at 8 connections (None: none set)."""

    name: str
    asks: Asks
    cpu_ms: float | None
    html_kb: float | None = 80
    p95_ms: float | None = None


def find_targets() -> Targets:
    """Takes addresses from the database, always the same ones; gives some learners a password. Needs an application."""
    chance = random.Random(7)
    courses = _uuids(select(Course.uuid).where(Course.published_at.is_not(None)).order_by(Course.id))
    resources = _uuids(select(Resource.uuid).where(Resource.is_live, _is_prepared()).order_by(Resource.id))
    points = list(session().scalars(select(Point.name).order_by(Point.id)))
    steward = session().scalars(select(User.email).where(User.key == KEYS["administrator"])).one()
    return Targets(
        learners=_learners(), courses=_some(chance, courses), resources=_some(chance, resources), videos=_videos(chance),
        words=_some(chance, [name.split("·")[0] for name in points]), typed=_typed(chance, points), steward=steward,
        libraries=tuple(session().scalars(select(Library.code).order_by(Library.id).limit(2))),
        board=_board(),
    )  # fmt: skip


def _typed(chance: random.Random, names: Sequence[str]) -> tuple[str, ...]:
    """What stands in the field while somebody types a name: one to four letters of it, or of its pinyin or initials."""
    beginnings = []
    for name in chance.sample(names, min(VARIETY, len(names))):
        sounds = syllables(name)
        written = chance.choice((name, name, "".join(sounds), initials(sounds)))
        beginnings.append(written[: chance.randint(1, 4)].strip() or name[0])
    return tuple(beginnings)


def _is_prepared() -> ColumnElement[bool]:
    """Whether the page can show it: the quick demonstration leaves recordings unprepared, whose page tells how far that is."""
    playable = exists().where(
        ResourceVersion.id == Resource.published_version_id,
        Rendition.asset_id == ResourceVersion.asset_id,
        Rendition.kind == "hls",
    )
    return or_(Resource.type.not_in(("video", "audio")), playable)


def _uuids(query: Any) -> list[str]:
    return [str(found) for found in session().scalars(query)]


def _some(chance: random.Random, everything: Sequence[str]) -> tuple[str, ...]:
    return tuple(chance.sample(everything, min(VARIETY, len(everything))))


def _videos(chance: random.Random) -> tuple[tuple[str, float], ...]:
    query = select(Resource).where(Resource.type == "video", Resource.is_live).order_by(Resource.id).limit(400)
    found = [
        (str(r.uuid), r.published_version.duration_s or 60.0) for r in session().scalars(query) if r.published_version
    ]
    return tuple(chance.sample(found, min(VARIETY, len(found))))


def _learners() -> tuple[Learner, ...]:
    """The people with most lessons begun, among those of bulk where there are any."""
    busiest = (
        select(LessonProgress.user_id, func.count().label("begun"))
        .join(User, User.id == LessonProgress.user_id)
        .where(User.key.like("bulk-%"))
        .group_by(LessonProgress.user_id)
        .order_by(func.count().desc(), LessonProgress.user_id)
        .limit(PEOPLE)
    )
    return tuple(_learner(row.user_id) for row in session().execute(busiest).all())


def _board() -> Board:
    lesson = session().scalars(select(Lesson).where(Lesson.is_live).order_by(Lesson.id).limit(1)).one()
    return Board(str(lesson.uuid), _with_password(lesson.owner_id))


def _with_password(user_id: int) -> str:
    """The address of somebody who can sign in from now on."""
    with unit_of_work() as db:
        user = db.get_one(User, user_id)
        if not user.password_hash:
            accounts.set_password(user, PASSWORD)
        return user.email


def _learner(user_id: int) -> Learner:
    courses = (
        select(Course.uuid).join(Enrollment, Enrollment.course_id == Course.id).where(Enrollment.user_id == user_id)
    )
    lessons = select(Lesson.uuid).join(Enrollment, Enrollment.course_id == Lesson.course_id)
    email = _with_password(user_id)
    mine = lessons.where(Enrollment.user_id == user_id, Lesson.is_live).order_by(Lesson.id)
    return Learner(email, tuple(_uuids(courses.order_by(Course.id))), tuple(_uuids(mine)))


def make_scenarios(site: Site, targets: Targets) -> list[Scenario]:
    """Every scenario, its people signed in."""
    people = [site.sign_in(learner.email, PASSWORD) for learner in targets.learners]
    steward, teacher = site.sign_in(targets.steward, PASSWORD), site.sign_in(targets.board.email, PASSWORD)
    tray = f"/teach/lessons/{targets.board.lesson}/tray?all=1&q={{}}"
    scenarios = [
        Scenario("home, anonymous", _always("/"), 3.0),
        Scenario("catalogue, anonymous", _always("/courses"), 3.0, 60),
        Scenario("course page, learner", _own(people, targets, "courses", "/courses/{}"), 5.0, 80, 60),
        Scenario("lesson page, learner", _own(people, targets, "lessons", "/learn/{}"), 3.5, 80, 40),
        Scenario("resource page, anonymous", _each("/resources/{}", targets.resources), 3.5, 80, 40),
        Scenario("resource page, learner", _each("/resources/{}", targets.resources, people), 3.5, 80, 40),
        Scenario("my learning", _mine(people), 5.0),
        Scenario("search", _each("/search?q={}", targets.words), 7.0),
        Scenario("search, drawn anew", _anew("/search?q={}&_={}", targets.words), 7.0),
        Scenario("search API", _each("/api/v1/search?q={}", targets.words), 7.0),
        Scenario("suggestions", _each("/search/suggest?q={}", targets.typed), None, 10, 30),
        Scenario("tray of 30,000 units", _each(tray, targets.words, [teacher]), None, 80, 200),
        Scenario("progress write", _writes(people, targets, site.port), 2.0, None, 25),
    ]
    for code in targets.libraries:
        scenarios.append(Scenario(f"monitor page, {code}", _always(f"/monitor?library={code}", steward), 13.0, 150))
    return scenarios


def catalogue() -> Scenario:
    """The one that must not grow with the number of courses."""
    return Scenario("catalogue, anonymous", _always("/courses"), 3.0, 60)


def _always(path: str, headers: Headers | None = None) -> Asks:
    ask = Ask(path, headers=_page(headers))
    return lambda _connection, _number: ask


def _each(path: str, values: Sequence[str], people: Sequence[Headers] = ()) -> Asks:
    paths = [path.format(quote(value)) for value in values]

    def asks(connection: int, number: int) -> Ask:
        person = people[connection % len(people)] if people else None
        return Ask(paths[(connection * 7 + number) % len(paths)], headers=_page(person))

    return asks


def _anew(path: str, values: Sequence[str]) -> Asks:
    """Each address once, so that nothing of the page is remembered; the words come again."""
    counter = itertools.count()
    return lambda _connection, number: Ask(
        path.format(quote(values[number % len(values)]), next(counter)), headers=_page(None)
    )


def _own(people: Sequence[Headers], targets: Targets, kind: str, path: str) -> Asks:
    def asks(connection: int, number: int) -> Ask:
        who = connection % len(people)
        values: tuple[str, ...] = getattr(targets.learners[who], kind)
        return Ask(path.format(values[number % len(values)]), headers=_page(people[who]))

    return asks


def _mine(people: Sequence[Headers]) -> Asks:
    return lambda connection, _number: Ask("/my-learning", headers=_page(people[connection % len(people)]))


def _page(person: Headers | None) -> Headers:
    return {"Accept": "text/html", "Accept-Language": "zh-CN", **({"Cookie": person["Cookie"]} if person else {})}


def _writes(people: Sequence[Headers], targets: Targets, port: int) -> Asks:
    """A player's message every 15 seconds of playing, each with a new uuid."""
    counter = itertools.count()

    def asks(connection: int, _number: int) -> Ask:
        turn = next(counter)
        video, length = targets.videos[turn % len(targets.videos)]
        start = float(turn * 15 % max(15, int(length) - 15))
        event = {
            "uuid": str(uuid.uuid4()), "verb": "watched", "resource": video, "from_s": start, "to_s": start + 15,
            "speed": 1, "device": "desktop", "sitting": f"bench-{connection}",
            "occurred_at": dt.datetime.now(dt.UTC).isoformat(),
        }  # fmt: skip
        origin = {"Origin": f"http://127.0.0.1:{port}"}  # as every browser says with a POST
        headers = {
            **people[connection % len(people)],
            **origin,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        return Ask("/api/v1/events", "POST", headers, json.dumps({"events": [event]}).encode())

    return asks
