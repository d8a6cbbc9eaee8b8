"""What people of the story ask beside lessons and in their class: answered, marked, open, reported."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_learning import activities_of, lesson_named
from courseware.demo.loader_spoc import NAME, TEACHER
from courseware.demo.loader_words import courses, users
from courseware.discussion import moderation
from courseware.discussion import services as discussion
from courseware.discussion.models import Thread
from courseware.discussion.services import Spot
from courseware.enrollment.models import TeachingClass

LESSON = "les-rp-l01"
AT_S = 42
ASKED = "急停按下以后，为什么还要把示教器的使能开关松开再进围栏？两道保护不是重复的吗？"
CLASSMATE = "我理解是急停复位以后程序可能接着走，使能没松就会动。等老师确认。"
ANSWERED = (
    "不重复。急停切断的是伺服动力，复位后动力可能恢复；使能开关由进围栏的人自己握着，松开就停，"
    "保证动力只在您手里。进站五确认的第三条就是这个顺序：急停、松使能、挂牌，再开门。"
)
OPEN = "安全距离 1.2 米是从围栏算起，还是从机器人最大伸展位置算起？"
UNFIT = "谁有第一讲自测的答案，发我一份，我拿上次作业换。"
REPORT = "像是在换作业答案，请老师看看。"
IN_CLASS = "周四练手动操作：请每组报一下想用 3 号还是 4 号工作站。"
REPLIES = (("s03", "第 1 组想用 3 号，离气源近。"), ("s14", "第 2 组用 4 号，夹具已经装好了。"))


def play_talk(now: dt.datetime) -> None:
    """Asks and answers in the days before `now`."""
    lesson = lesson_named(LESSON)
    _answered(lesson, now)
    _others(lesson, now)
    _in_class(now)


def _answered(lesson: Lesson, now: dt.datetime) -> None:
    """A question at a second of the video: a classmate thinks, the teacher answers, the asker says what helped."""
    known = users()
    video = next(a for a in activities_of(lesson) if a.resource is not None and a.resource.type == "video")
    with clock.frozen(now - dt.timedelta(days=2, hours=1)):
        thread = discussion.open_thread(known["s01"], courses()["RP"], ASKED, Spot(lesson, video.key, AT_S))
    with clock.frozen(now - dt.timedelta(days=1, hours=20)):
        discussion.mark(known["s05"], discussion.question_of(thread))
        discussion.reply(known["s03"], thread, CLASSMATE)
    with clock.frozen(now - dt.timedelta(days=1, hours=3)):
        helped = discussion.reply(known[TEACHER], thread, ANSWERED)
    with clock.frozen(now - dt.timedelta(hours=22)):
        discussion.note_read(known["s01"], thread)
        discussion.accept(known["s01"], helped)


def _others(lesson: Lesson, now: dt.datetime) -> None:
    """One question waits for an answer, one post was reported."""
    known, course = users(), courses()["RP"]
    with clock.frozen(now - dt.timedelta(hours=9)):
        discussion.open_thread(known["s05"], course, OPEN, Spot(lesson))
    with clock.frozen(now - dt.timedelta(hours=7)):
        thread = discussion.open_thread(known["s26"], course, UNFIT, Spot(lesson))
    with clock.frozen(now - dt.timedelta(hours=6)):
        moderation.report(known["s18"], discussion.question_of(thread), REPORT)


def _in_class(now: dt.datetime) -> Thread:
    known = users()
    klass = session().scalars(select(TeachingClass).where(TeachingClass.name == NAME)).one()
    with clock.frozen(now - dt.timedelta(days=2)):
        thread = discussion.open_thread(known[TEACHER], courses()["RP"], IN_CLASS, class_=klass)
    for hours, (key, words) in zip((30, 26), REPLIES, strict=True):
        with clock.frozen(now - dt.timedelta(hours=hours)):
            discussion.reply(known[key], thread, words)
    return thread
