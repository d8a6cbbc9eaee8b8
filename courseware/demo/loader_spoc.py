"""A closed class of these weeks: a SPOC run with its list, frozen at its start, opened a module a week."""

from __future__ import annotations

import datetime as dt

from courseware.accounts.models import User
from courseware.catalog import runs
from courseware.catalog.models import CourseRun
from courseware.catalog.queries import contents_of
from courseware.classes.models import TeachingClass
from courseware.classes.services import classes, news, roster, work
from courseware.core import clock
from courseware.demo.loader_learning import finish, lesson_named, sit_down
from courseware.demo.loader_words import courses, users

TEACHER, COURSE = "t2", "RP"
TITLE, NAME = "2026 级秋季班（示例）", "工业机器人 2601 班"
PUPILS = ("s01", "s03", "s05", "s14", "s18", "s20", "s21", "s24", "s26", "s27", "s28")
AGO, LASTS, GROUPS, SEED = dt.timedelta(days=18), dt.timedelta(days=120), 3, 2601
DUE = (("les-rp-l01", -2), ("les-rp-l02", 1), ("les-rp-l03", 9))
WORDS = (
    ("第一周先看安全，再进机房", "请先学完《走进机器人工作站：安全第一课》，自测全对的同学周三进 A105 机房。"),
    ("周四带工作手册", "周四练示教器手动操作，两人一组，记录单写在工作手册第 12 页。"),
)
FINISHED, BEGUN = ("s03", "s05", "s14", "s18", "s21"), ("s26", "s27")


def play_closed_class(now: dt.datetime) -> TeachingClass:
    """Opens the run and its class eighteen days before `now`; some of its people have learned since."""
    teacher = users()[TEACHER]
    with clock.frozen(_morning(now - AGO)):
        klass = classes.open_class(teacher, _open_run(teacher), NAME)
        roster.add_people(teacher, klass, [users()[key] for key in PUPILS])
        roster.split(teacher, klass, GROUPS, SEED, roster.state_of(roster.members_of(klass)))
    _set_work(teacher, klass, now)
    for days, (title, text) in zip((16, 2), WORDS, strict=True):
        with clock.frozen(now - dt.timedelta(days=days)):
            news.announce(teacher, klass, title, text)
    _learn(now)
    return klass


def _learn(now: dt.datetime) -> None:
    """Five did the first lesson in time, three of them went on; two are in the middle of it, the others have not begun."""
    for number, key in enumerate(FINISHED):
        finish(key, "les-rp-l01", now - dt.timedelta(days=4 + number, hours=number))
        if number < 3:
            sit_down(key, "les-rp-l02", now - dt.timedelta(days=2, hours=3 * number), share=0.7)
    for number, key in enumerate(BEGUN):
        sit_down(key, "les-rp-l01", now - dt.timedelta(days=3 + number), share=0.4)


def _morning(moment: dt.datetime) -> dt.datetime:
    """Eight o'clock of that day in Shanghai, when schools begin."""
    return moment.astimezone(clock.REPORTING_ZONE).replace(hour=8, minute=0, second=0, microsecond=0)


def _open_run(teacher: User) -> CourseRun:
    course = courses()[COURSE]
    run = runs.create_run(
        teacher, course, runs.next_key(course), kind="spoc", title=TITLE, starts_at=clock.now(),
        ends_at=clock.now() + LASTS, is_frozen=True,
    )  # fmt: skip
    modules = [[lesson.id for lesson in module.lessons] for module in contents_of(course).modules]
    runs.set_schedule(teacher, run, runs.one_after_another(run, modules))
    return run


def _set_work(teacher: User, klass: TeachingClass, now: dt.datetime) -> None:
    with clock.frozen(now - dt.timedelta(days=14)):
        for key, days in DUE:
            day = now.astimezone(clock.REPORTING_ZONE).date() + dt.timedelta(days=days)
            work.set_due(teacher, klass, lesson_named(key), day)
