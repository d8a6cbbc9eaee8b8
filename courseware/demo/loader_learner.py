"""What the learner and the teacher of the demonstration keep for themselves: notes, a plan, a template, a package."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from courseware.catalog.templates_of_lessons import keep_as_template
from courseware.certificates import services as certificates
from courseware.certificates.models import Certificate
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_learning import activities_of, lesson_named, name_of
from courseware.demo.loader_words import courses, users
from courseware.exchange import services as exchange
from courseware.guidance import services as guidance
from courseware.notes import services as notes
from courseware.notes.services import Place
from courseware.resources.models import Resource

LEARNER, TEACHER, LESSON = "s01", "t2", "les-rp-l01"
NOTES = (
    (18, "进站先看三样：围栏门、急停、状态灯。缺一样就不进。"),
    (42, "顺序：急停 → 松使能 → 挂牌 → 开门。\n出来时反过来做。"),
    (None, "考前再看一遍《进站五确认检查表》，周三机房要抽问。"),
)
BOOKMARKED_S = (42, 75)
PLAN_DAYS, PLAN_MINUTES = (0, 2, 4), 30  # Monday, Wednesday, Friday
FAVOURITES = ("r137", "r153")
PACKED = "RP"
TEMPLATE, TEMPLATE_OF = "安全课三段八环（45 分钟）", "les-si-l05"


def play_learner(now: dt.datetime) -> None:
    """Writes, marks and plans in the hours before `now`; the certificates of courses completed in the story are issued."""
    with clock.frozen(now - dt.timedelta(hours=2)):
        _keep_notes()
        guidance.plan(users()[LEARNER], PLAN_DAYS, PLAN_MINUTES)
        for resource in session().scalars(select(Resource).where(Resource.external_id.in_(FAVOURITES))):
            guidance.keep(users()[LEARNER], resource, wanted=True)
    with clock.frozen(now - dt.timedelta(hours=1)):
        _issue_certificates()
        keep_as_template(users()[TEACHER], lesson_named(TEMPLATE_OF), TEMPLATE, share=True)


def ask_for_package() -> None:
    """The course whose files are processed, to take along: the worker makes it when it starts."""
    exchange.ask_for_package(users()[TEACHER], courses()[PACKED], "cc")


def _keep_notes() -> None:
    learner, lesson = users()[LEARNER], lesson_named(LESSON)
    video = next(a for a in activities_of(lesson) if a.resource is not None and a.resource.type == "video")
    for number, (at_s, words) in enumerate(NOTES, start=1):
        place = Place(video.key, at_s) if at_s is not None else Place()
        notes.keep_note(learner, lesson, name_of("note", number), words, place)
    for at_s in BOOKMARKED_S:
        notes.set_bookmark(learner, lesson, Place(video.key, at_s))


def _issue_certificates() -> None:
    """For everybody; the learner has chosen to be named on the older of two, and is still asked on the newer one."""
    certificates.issue_missing()
    learner = users()[LEARNER]
    mine = select(Certificate).where(Certificate.user_id == learner.id).order_by(Certificate.completed_at)
    oldest = session().scalars(mine).first()
    if oldest is not None:
        certificates.choose_name(learner, oldest, "named")
