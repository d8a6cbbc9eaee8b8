"""The platform's own check (R58): which functions of the four groups are there, and how often each was used in a period.

A function is *there* when its address answers; it was *used* as often as rows came to its table in the period. What leaves
no rows is only said to be there, and what Keku does not have is said as well: nothing is claimed that nobody could count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from courseware.core import clock
from courseware.core.database import Model, session
from courseware.monitoring.periods import Period
from courseware.progress.days import day_of

USED, AVAILABLE, MISSING = "used", "available", "missing"
STATES = (USED, AVAILABLE, MISSING)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of functions, its name in both languages."""

    id: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the endpoint that offers it, and `traces`, the tables and time columns of what its use leaves behind.

    `counts` says in both languages what one use is; empty where nothing is counted.
    """

    id: str
    group: str
    name: str
    name_en: str
    endpoint: str = ""
    traces: tuple[tuple[str, str], ...] = ()
    counts: str = ""
    counts_en: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A function as it was found: used, available or missing; `uses` is None where use is not counted."""

    function: Function
    state: str
    uses: int | None


MANAGEMENT, TEACHING, LEARNING, VALUE = "management", "teaching", "learning", "value_added"
GROUPS = (
    Group(MANAGEMENT, "管理", "Management"), Group(TEACHING, "教学", "Teaching"), Group(LEARNING, "学习", "Learning"),
    Group(VALUE, "增值", "Value-added"),
)  # fmt: skip

FUNCTIONS = (
    Function("upload", MANAGEMENT, "资源上传", "Upload", "media_files.begin_upload",
        (("resource", "created_at"),), "新建的资源", "resources begun"),
    Function("review", MANAGEMENT, "资源审核", "Review", "review.queue",
        (("decision", "decided_at"),), "作出的审核决定", "decisions of reviewers"),
    Function("personal", MANAGEMENT, "个性化使用", "Personalised use", "guidance.favourite",
        (("favourite", "at"), ("note", "created_at")), "收藏和笔记", "favourites and notes"),
    Function("evaluation", MANAGEMENT, "开放评价", "Open evaluation", "feedback.rate",
        (("rating", "rated_at"),), "评分", "ratings"),
    Function("assembly", TEACHING, "组课", "Assembly", "catalog.lesson_board",
        (("lesson_version", "published_at"),), "发布的讲", "lessons published"),
    Function("choice", TEACHING, "自主选课", "Free choice", "enrollment.enrol",
        (("enrollment", "enrolled_at"),), "选课", "enrolments"),
    Function("search", TEACHING, "智能检索", "Smart search", "discovery.search",
        (("search_use", "day"),), "不同的检索词（按日）", "different searches by day"),
    Function("interaction", TEACHING, "课堂互动", "Interaction", "classes.poll_now",
        (("class_sign_in_entry", "at"), ("class_poll_answer", "at")), "签到和投票", "sign-ins and answers to polls"),
    Function("self_study", LEARNING, "自主学习", "Self-study", "progress.learn",
        (("person_day", "day"),), "学习人日", "days of learners"),
    Function("discussion", LEARNING, "讨论", "Discussion", "discussion.ask",
        (("discussion_message", "created_at"),), "发言", "messages"),
    Function("feedback", LEARNING, "问题反馈", "Feedback", "feedback.report",
        (("problem_report", "created_at"),), "反馈", "reports"),
    Function("exam", LEARNING, "考试", "Exam"),
    Function("customisation", VALUE, "定制", "Customisation", "exchange.make",
        (("course_package", "created_at"),), "打包带走的课程", "courses packed to take away"),
    Function("recommendation", VALUE, "推荐", "Recommendation", "guidance.my_learning"),
    Function("resource_analysis", VALUE, "资源分析", "Resource analysis", "monitoring_radar.radar"),
    Function("behaviour_analysis", VALUE, "行为分析", "Behaviour analysis", "classes.watching"),
)  # fmt: skip


def check_functions(endpoints: Collection[str], period: Period, now: dt.datetime) -> list[Checked]:
    """Every function with its state and its uses in the period on the whole site; one query.

    `endpoints`: the addresses that the running application answers.
    """
    uses = _uses(period.start, period.moment(now))
    return [_checked(function, endpoints, uses) for function in FUNCTIONS]


def by_group(checked: Sequence[Checked]) -> list[tuple[Group, list[Checked]]]:
    """In the order of the groups."""
    return [(group, [one for one in checked if one.function.group == group.id]) for group in GROUPS]


def _checked(function: Function, endpoints: Collection[str], uses: Mapping[str, int]) -> Checked:
    if function.endpoint not in endpoints:
        return Checked(function, MISSING, None)
    count = uses.get(function.id, 0) if function.traces else None
    return Checked(function, USED if count else AVAILABLE, count)


def _uses(start: dt.datetime, end: dt.datetime) -> dict[str, int]:
    questions = [
        _question(function.id, table, column, start, end) for function in FUNCTIONS for table, column in function.traces
    ]
    found: dict[str, int] = {}
    for name, count in session().execute(union_all(*questions)).tuples():
        found[name] = found.get(name, 0) + count
    return found


def _question(name: str, table: str, column: str, start: dt.datetime, end: dt.datetime) -> Select[str, int]:
    """How many rows of [start, end) a table holds. Reporting reads all subjects' tables by name and writes none."""
    source = Model.metadata.tables[table]
    return select(literal(name), func.count()).select_from(source).where(*_inside(source.c[column], start, end))


def _inside(column: ColumnElement[object], start: dt.datetime, end: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    """Days are kept as numbers or dates, moments as they are. A period ends with a day, so whole days decide."""
    kind = column.type.python_type
    if kind is int:
        return column >= day_of(start), column <= day_of(end - dt.timedelta(microseconds=1))
    if kind is dt.date:
        first, last = (_date(moment) for moment in (start, end - dt.timedelta(microseconds=1)))
        return column >= first, column <= last
    return column >= start, column < end


def _date(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.REPORTING_ZONE).date()
