"""A class of these days: learners of the story taught together, with due days, attendance, questions and an announcement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun, Lesson
from courseware.catalog.queries import contents_of
from courseware.classes.codes import screen_code
from courseware.classes.models import ClassMember, ClassSignIn, TeachingClass
from courseware.classes.services import classes, news, polls, roster, sign_ins, work
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_words import courses, users
from courseware.enrollment.models import Enrollment

TEACHER, COURSE = "t2", "SI"
NAME = "机器人技术 2501 班"
LEARNERS = 24
GROUPS, SEED = 4, 2501
QUESTION = "夹具从单爪换成双爪，首先要重新确认哪一项？"
OPTIONS = ("负载与重心参数", "焊接电流", "相机曝光时间", "气源压力")
ANSWERS = ("0", "0", "0", "3", "0", "2", "0", "3", "0", "0", "3", "0")
TITLE, TEXT = "周五到实训楼 B203 上课", "请带安全帽和工作手册。进工位前先学完第一讲，门口签到。"


def play_class(now: dt.datetime) -> TeachingClass | None:
    """Opens the class three weeks before `now`, and lets it live since. None where the course has no run that goes on."""
    teacher, course = users()[TEACHER], courses()[COURSE]
    runs = select(CourseRun).where(CourseRun.course_id == course.id, CourseRun.ends_at.is_(None))
    run = session().scalars(runs.order_by(CourseRun.id)).first()
    if run is None:
        return None
    with clock.frozen(now - dt.timedelta(days=21)):
        klass = classes.open_class(teacher, run, NAME)
        people = _learners(run)
        roster.add_people(teacher, klass, people)
        roster.split(teacher, klass, GROUPS, SEED, roster.state_of(roster.members_of(klass)))
    _work(teacher, klass, now)
    _last_week(teacher, klass, people, now)
    return klass


def pupils() -> list[str]:
    """The keys of those in the class, in its order; empty where there is none."""
    query = (
        select(User.key)
        .join(ClassMember, ClassMember.user_id == User.id)
        .join(TeachingClass, TeachingClass.id == ClassMember.class_id)
        .where(TeachingClass.name == NAME, User.key.is_not(None))
    )
    return [key for key in session().scalars(query.order_by(ClassMember.id)) if key]


def _learners(run: CourseRun) -> list[User]:
    """Those who are in the run already, by the order they came; the team of the course is not among them."""
    team = [member.user_id for member in run.course.team]
    query = (
        select(User)
        .join(Enrollment, Enrollment.user_id == User.id)
        .where(Enrollment.run_id == run.id, Enrollment.withdrawn_at.is_(None), User.id.not_in(team))
    )
    return list(session().scalars(query.order_by(Enrollment.id).limit(LEARNERS)))


def _work(teacher: User, klass: TeachingClass, now: dt.datetime) -> None:
    """The first lesson was due some days ago, the second is due tomorrow, the third next week."""
    lessons = contents_of(klass.run.course).lessons
    with clock.frozen(now - dt.timedelta(days=14)):
        for facts, days in zip(lessons, (-4, 1, 8), strict=False):
            day = now.astimezone(clock.REPORTING_ZONE).date() + dt.timedelta(days=days)
            work.set_due(teacher, klass, session().get_one(Lesson, facts.id), day)


def _last_week(teacher: User, klass: TeachingClass, people: Sequence[User], now: dt.datetime) -> None:
    lesson_at = _second_lesson(now - dt.timedelta(days=6))
    with clock.frozen(lesson_at):
        opened = sign_ins.open_sign_in(teacher, klass, "工作站总体认识")
        for person in people[: len(people) - 3]:
            sign_ins.sign_in(person, opened, _code(opened))
        sign_ins.close(teacher, opened)
        sign_ins.correct(teacher, opened, people[-1], "excused", "技能竞赛集训，已交请假条")
    with clock.frozen(lesson_at + dt.timedelta(minutes=25)):
        poll = polls.ask(teacher, klass, "single", QUESTION, OPTIONS)
        for person, chosen in zip(people, ANSWERS, strict=False):
            polls.answer(person, poll, [chosen])
        polls.show_results(teacher, poll, are_shown=True)
        polls.set_open(teacher, poll, is_open=False)
    with clock.frozen(now - dt.timedelta(days=1)):
        told = news.announce(teacher, klass, TITLE, TEXT)
        for person in people[::2]:
            news.read(person, klass, told)


def _second_lesson(moment: dt.datetime) -> dt.datetime:
    """Ten o'clock of that day in Shanghai: the second lesson of a morning."""
    return moment.astimezone(clock.REPORTING_ZONE).replace(hour=10, minute=0, second=0, microsecond=0)


def _code(opened: ClassSignIn) -> str:
    """What stands on the screen at the story's moment."""
    return screen_code(opened.secret, opened.period_s, clock.now().timestamp())
