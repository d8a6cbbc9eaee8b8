"""Question banks and complete core courses: M8 and M9."""

from __future__ import annotations

from courseware.monitoring.definitions.model import RULES_2, Definition, define

_BANK = ("题库覆盖", "Question bank coverage")
_CORE = ("核心课程覆盖", "Core course coverage")

CURRICULUM: tuple[Definition, ...] = (
    define("M8.A", _BANK, (
        "各核心课程标准的知识点、技能点中，本课题库有至少 1 道已发布试题的比例。没有题库的课程按 0 计。",
        "Of the points of the core courses' standards, those with at least one published question in the course's own bank. A course "
        "without a bank counts as 0."), "standard_point", ">=100", is_official=True),
    define("M8.B", ("题库覆盖（3 题）", "Question bank coverage, three questions"), (
        "各核心课程标准的点中，有至少 3 道已发布试题的比例。", "Of the points of the core courses' standards, those with at least three published questions."),
        "standard_point", ">=100"),
    define("M8.objective", ("客观题占比", "Objective questions"), (
        "已发布试题（按内容去重）中客观题的比例：单选、多选、判断、连线、排序，以及有确定答案的填空。无官方限值，看趋势。",
        "Of the published questions, each content once, those a machine can mark: single, multiple, true/false, matching, ordering, "
        "blanks with exact keys. No official limit: watch the trend."), "question", version=RULES_2),
    define("M9.A", _CORE, (
        "现行培养方案的核心课程中，已建成完整标准化课程的比例：课程标准已发布、每个单元至少有 1 个资源、题库覆盖 100 %、至少开课一期。",
        "Of the core courses of the current plan, those complete: a published course standard, a resource in every unit, question bank "
        "coverage of 100 %, at least one run."), "course", ">=100", is_official=True),
    define("M9.B", ("核心课程覆盖（只看课程页）", "Core course coverage, page only"), (
        "现行培养方案的核心课程中，课程页已发布的比例。", "Of the core courses of the current plan, those with a published course page."),
        "course", ">=100"),
)  # fmt: skip
