"""How courses are used: M14."""

from __future__ import annotations

from courseware.monitoring.definitions.model import RULES_2, Definition, define
from courseware.monitoring.dimensions import APPLICATION, PLATFORM

USE: tuple[Definition, ...] = (
    define("M14.visits.A", ("课程访问量", "Course visits"), (
        "期内每人每门课程的访问次数之和：停顿满 30 分钟后再来，另计一次。打开讲、观看、阅读、下载都算；测试账号、作者本人、预览、审核、机器人不计。",
        "Visits of every person to every course in the period; after 30 idle minutes the next one begins. Opening a lesson, watching, "
        "reading and downloading are visits; test accounts, authors themselves, previews, reviews and robots are not."),
        "pair", is_count=True, dimension=PLATFORM, version=RULES_2),
    define("M14.visits.B", ("讲页面打开次数", "Lesson pages opened"), (
        "期内打开讲页面的次数，每打开一次计一次；不计入的情形同 M14.visits.A。",
        "Pages of lessons opened in the period, each time; left out is what M14.visits.A leaves out."),
        "pair", is_count=True, dimension=PLATFORM, version=RULES_2),
    define("M14.enrolments", ("选课人次", "Enrolments"), (
        "期内选课且 24 小时内未退出的（人、课程、期次）数，同一期次进出多次计 1。",
        "Persons × course runs enrolled in the period and not left within 24 hours; once per run however often they leave and return."),
        "enrolment", is_count=True, dimension=APPLICATION),
    define("M14.persons", ("选课人数", "Persons enrolled"), (
        "选课人次中不同的人数。", "The distinct persons among the enrolments."), "person", is_count=True, dimension=APPLICATION),
    define("M14.coverage", ("媒体覆盖率", "Media coverage"), (
        "期内每人每个媒体看过的片段去重合并，除以这些媒体的长度；超过 2 倍速的不计。",
        "Watched parts of each person and medium, each second once, over the lengths of those media. Faster than 2× is not credited."),
        "watch", dimension=PLATFORM),
    define("M14.time", ("学习时长", "Learning time"), (
        "期内每人有效时长之和，多标签、多设备重叠的只计一次。",
        "Effective time of all persons in the period; overlaps across tabs and devices count once."), "person", is_count=True,
        is_seconds=True, dimension=PLATFORM),
    define("M14.completion.A", ("完成率（对已开始）", "Completion of those who started"), (
        "期内选课的（人、课程）中，已开始学习的有多少完成。", "Of the persons and courses enrolled in the period that were started, those completed."),
        "pair", dimension=APPLICATION),
    define("M14.completion.B", ("完成率（对已选课）", "Completion of those who enrolled"), (
        "期内选课的（人、课程）中有多少完成。", "Of the persons and courses enrolled in the period, those completed."), "pair", dimension=APPLICATION),
)  # fmt: skip
