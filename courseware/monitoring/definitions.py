"""The registry of indicators as data: what each figure means, in both languages, its threshold and candidates.

A change of rule makes a new `version`; a closed year keeps the one it was counted by. Texts follow metrics.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale

from courseware.core.fractions import Ratio
from courseware.monitoring.dimensions import APPLICATION, CONSTRUCTION, FEATURES, PLATFORM, SAFEGUARDS

AT_LEAST, AT_MOST = ">=", "<="
RULES, RULES_2 = "2026-1", "2026-2"


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure. `subject` says what its list holds, `dimension` under which of the five it stands (R57)."""

    id: str
    name: str
    name_en: str
    text: str
    text_en: str
    subject: str
    dimension: str = CONSTRUCTION
    threshold: int | None = None
    comparison: str | None = None
    is_count: bool = False
    is_seconds: bool = False
    is_official: bool = False
    version: str = RULES

    def __post_init__(self) -> None:
        """Raises ValueError for a definition that means nothing: the program does not start with one."""
        if not all(text.strip() for text in (self.id, self.name, self.name_en, self.text, self.text_en, self.version)):
            raise ValueError(f"The definition {self.id or '?'} lacks its words in one language, or its version.")
        if self.comparison is None and self.threshold is None:
            return
        if self.comparison not in (AT_LEAST, AT_MOST) or self.threshold not in range(1, 101) or self.is_count:
            rule = f"{self.comparison}{self.threshold}"
            raise ValueError(f"The rule of {self.id} can never be judged: {rule}. Write a share as >=10 or <=30.")

    @property
    def short(self) -> str:
        """What sets this reading apart from its neighbours."""
        return SHORT.get(self.id, ("", ""))[_is_english()]

    @property
    def family(self) -> str:
        """M4 of M4.A."""
        return self.id.split(".")[0]

    @property
    def candidate(self) -> str:
        """A of M4.A; empty where there is one reading only."""
        return self.id.partition(".")[2]

    def local_name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if _is_english() else self.name

    def local_text(self) -> str:
        """The definition in the language of the reader."""
        return self.text_en if _is_english() else self.text

    def meets(self, ratio: Ratio) -> bool:
        """Compares integers; call only where a threshold is set."""
        assert self.threshold is not None
        return ratio.at_least(self.threshold) if self.comparison == AT_LEAST else ratio.at_most(self.threshold)

    def missing(self, ratio: Ratio) -> int | None:
        """Whole things missing: to add to the numerator (≥), or of other kinds to add to the denominator (≤)."""
        if self.threshold is None or ratio.denominator == 0:
            return None
        if self.comparison == AT_LEAST:
            return max(0, -(-self.threshold * ratio.denominator // 100) - ratio.numerator)
        return max(0, math.ceil(100 * ratio.numerator / self.threshold) - ratio.denominator)

    def show_count(self, count: int) -> str:
        """A plain count as text; seconds are shown as minutes, floored (M7, M14)."""
        return f"{count // 60} min" if self.is_seconds else str(count)


def _is_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _d(
    key: str, names: tuple[str, str], texts: tuple[str, str], subject: str, rule: str = "", **more: Any
) -> Definition:
    comparison, threshold = (rule[:2], int(rule[2:]) if rule[2:].isdecimal() else None) if rule else (None, None)
    return Definition(key, *names, *texts, subject, comparison=comparison, threshold=threshold, **more)


_UPDATE = ("年更新率", "Yearly update rate")
_MEDIA = ("文本与图形图像占比", "Text and image share")
_ORIGINAL = ("原创率", "Originality rate")
_BANK = ("题库覆盖", "Question bank coverage")
_CORE = ("核心课程覆盖", "Core course coverage")
_APPLIED = ("应用覆盖面", "Application coverage")
_SATISFIED = ("满意度", "Satisfaction")

DEFINITIONS: tuple[Definition, ...] = (
    _d("M1.A", ("资源总量", "Resource total"), (
        "统计时刻已发布的颗粒化资源数，按内容去重。同一文件用于两门课程计 1；改名重复上传不另计。草稿、在审、已下架不计。",
        "Granular resources published at the moment, each content once. One file in two courses is 1; a renamed duplicate is not "
        "another one. Drafts, items in review and withdrawn ones do not count."), "resource", is_count=True),
    _d("M1.B", ("资源总量（含课）", "Resource total with lessons"), (
        "M1.A 加上统计时刻已发布的课（节）。", "M1.A and the lessons published at the moment."), "resource", is_count=True),
    _d("M2.A", _MEDIA, (
        "（文本 + 演示文稿 + 图形图像）÷ 已发布资源。不足 30 秒的音频、视频、动画不进分子，也不进分母。",
        "(text + presentations + images) / published resources. Audio, video and animation under 30 seconds leave both sides."),
        "resource", "<=30", is_official=True),
    _d("M2.B", ("文本与图形图像占比（演示文稿另计）", "Text and image share, slides apart"), (
        "（文本 + 图形图像）÷ 已发布资源，演示文稿自成一类。其余同 M2.A。",
        "(text + images) / published resources, presentations being their own type. Otherwise as M2.A."), "resource", "<=30"),
    _d("M3.A", _ORIGINAL, (
        "权属证明已被审核认定的原创资源 ÷ 已发布资源。改编、第三方、开放授权、机器生成、来源不明不计原创。另列申报值。",
        "Originals whose rights evidence the reviewer accepted / published resources. Adapted, third-party, open-licence, "
        "AI-generated and unknown are not original. The claimed value stands beside it."), "resource", ">=70", is_official=True),
    _d("M3.B", ("原创与获准改编率", "Originals and permitted adaptations"), (
        "（认定的原创 + 获得许可的改编）÷ 已发布资源。", "(accepted originals + adaptations with permission) / published resources."),
        "resource", ">=70"),
    _d("M3.C", ("原创率（按时长）", "Originality by running time"), (
        "音频、视频、动画中，认定为原创的时长 ÷ 总时长（秒，按内容去重）。",
        "Of audio, video and animation: seconds of accepted originals / all seconds, each content once."), "resource", ">=70", version=RULES_2),
    _d("M4.A", _UPDATE, (
        "期内首次发布、期末及其后 30 天仍在线的资源 N，与期初已发布、期末仍在线且期内有实质性修订的资源 R，合并去重后 ÷ 期初已发布 P₀。"
        "P₀ 含期初前 90 天内下架、期内又恢复的资源。拆分出的资源按来源计一次；下架不减少 P₀；属性、改名、转码、重复上传、一般修订不计。",
        "Resources first published in the period and still live at its end and 30 days after (N), with those of P₀ still live at the "
        "end that have a substantive revision in the period (R), each once, over those published at the start (P₀). P₀ also holds what "
        "was withdrawn within 90 days before the start and restored in the period. Parts of a split count once for their source; "
        "withdrawals do not shrink P₀; metadata, renaming, re-encoding, re-uploading and minor revisions do not count."),
        "resource", ">=10", is_official=True),
    _d("M4.B", ("年更新率（对验收基线）", "Yearly update rate on the baseline"), (
        "M4.A 的分子 ÷ 验收时的资源总量。", "The numerator of M4.A over the resources published at acceptance."), "resource", ">=10"),
    _d("M4.C", ("年更新率（对期末总量）", "Yearly update rate on the end"), (
        "M4.A 的分子 ÷ 期末已发布资源。", "The numerator of M4.A over the resources published at the end."), "resource", ">=10"),
    _d("M5.A", ("活跃资源率", "Active resources"), (
        "期内在线满 30 天的资源中，被至少 3 名他人有效使用的比例。",
        "Of the resources live for at least 30 days of the period, those with qualified use by at least 3 other persons."),
        "resource", dimension=APPLICATION),
    _d("M5.B", ("活跃资源率（1 人）", "Active resources, one person"), (
        "期内在线满 30 天的资源中，被至少 1 名他人有效使用的比例。",
        "Of the resources live for at least 30 days of the period, those with qualified use by at least one other person."),
        "resource", dimension=APPLICATION),
    _d("M5.C", ("活跃资源率（被课引用）", "Active resources, in a lesson"), (
        "期内在线满 30 天的资源中，被已发布的课引用的比例。",
        "Of the resources live for at least 30 days of the period, those used in a live lesson."), "resource", dimension=APPLICATION),
    _d("M6.A", ("引用率", "Reference rate"), (
        "期末已发布资源中，被至少一节有效课引用的比例。有效课：已发布，期内被本人以外的学习者打开过；资源超过 50 个而其他活动不足十分之一的课不算。",
        "Of the resources published at the end, those in at least one effective lesson: published, opened in the period by a learner "
        "who is not its owner, and not a heap of more than 50 resources with fewer than one other activity per ten."),
        "resource", dimension=PLATFORM),
    _d("M6.B", ("引用率（不论打开）", "Reference rate, opened or not"), (
        "期末已发布资源中，被至少一节已发布的课引用的比例。", "Of the resources published at the end, those in at least one published lesson."),
        "resource", dimension=PLATFORM),
    _d("M6.C", ("跨单位引用率", "Reference across units"), (
        "期末已发布资源中，被他单位教师的有效课引用的比例；作者取首版作者。",
        "Of the resources published at the end, those in an effective lesson of a teacher of another unit than the first author's."),
        "resource", dimension=PLATFORM),
    _d("M7.A", ("视频类时长", "Video time"), (
        "已发布视频母版的总时长，按内容去重；转码副本、重复上传、未经审核的录像计 0。分钟向下取整。",
        "Length of the masters of published video, each content once; renditions, re-uploads and unreviewed recordings count 0. "
        "Minutes are rounded down."), "resource", is_count=True, is_seconds=True),
    _d("M7.B", ("视频类时长（有效课引用）", "Video time in effective lessons"), (
        "M7.A 中被有效课引用的视频时长。", "The part of M7.A that stands in an effective lesson."), "resource", is_count=True, is_seconds=True, version=RULES_2),
    _d("M8.A", _BANK, (
        "各核心课程标准的知识点、技能点中，本课题库有至少 1 道已发布试题的比例。没有题库的课程按 0 计。",
        "Of the points of the core courses' standards, those with at least one published question in the course's own bank. A course "
        "without a bank counts as 0."), "standard_point", ">=100", is_official=True),
    _d("M8.B", ("题库覆盖（3 题）", "Question bank coverage, three questions"), (
        "各核心课程标准的点中，有至少 3 道已发布试题的比例。", "Of the points of the core courses' standards, those with at least three published questions."),
        "standard_point", ">=100"),
    _d("M8.objective", ("客观题占比", "Objective questions"), (
        "已发布试题（按内容去重）中客观题的比例：单选、多选、判断、连线、排序，以及有确定答案的填空。无官方限值，看趋势。",
        "Of the published questions, each content once, those a machine can mark: single, multiple, true/false, matching, ordering, "
        "blanks with exact keys. No official limit: watch the trend."), "question", version=RULES_2),
    _d("M9.A", _CORE, (
        "现行培养方案的核心课程中，已建成完整标准化课程的比例：课程标准已发布、每个单元至少有 1 个资源、题库覆盖 100 %、至少开课一期。",
        "Of the core courses of the current plan, those complete: a published course standard, a resource in every unit, question bank "
        "coverage of 100 %, at least one run."), "course", ">=100", is_official=True),
    _d("M9.B", ("核心课程覆盖（只看课程页）", "Core course coverage, page only"), (
        "现行培养方案的核心课程中，课程页已发布的比例。", "Of the core courses of the current plan, those with a published course page."),
        "course", ">=100"),
    _d("M10.A", ("累计账号", "Accounts ever opened"), (
        "统计时刻为止开过的全部账号，含测试、已注销、预置账号；只用于与 M10.B 对账。",
        "All accounts opened up to the moment, with test, closed and provisioned ones; kept only to reconcile with M10.B."),
        "person", is_count=True, dimension=APPLICATION, version=RULES_2),
    _d("M10.B", ("注册用户", "Registered users"), (
        "统计时刻实名认证、未注销的人数；测试账号不计，预置而从未登录的账号另列。",
        "Verified persons whose account is not closed at the moment; test accounts do not count, provisioned ones that never signed in "
        "stand apart."), "person", is_count=True, dimension=APPLICATION),
    _d("M11.A", ("活跃用户率", "Active users"), (
        "期内至少有一次有效学习或教学行为的人 ÷ 期末注册用户。", "Persons with at least one qualified learning or teaching event in the period / registered users at the end."),
        "person", dimension=APPLICATION),
    _d("M11.B", ("登录用户率", "Users who signed in"), (
        "期内登录过的人 ÷ 期末注册用户。", "Persons who signed in during the period / registered users at the end."), "person", dimension=APPLICATION),
    _d("M11.C", ("深度用户率", "Deep users"), (
        "期内至少在 4 个不同的周学习、有效时长至少 60 分钟的人 ÷ 期末注册用户。",
        "Persons active in at least 4 different weeks with at least 60 effective minutes / registered users at the end."),
        "person", dimension=APPLICATION),
    _d("M11.growth", ("新增用户率", "Growth of users"), (
        "期内新实名认证的人数 ÷ 验收时注册用户数（2022 年验收函口径）。没有验收基线则不适用。",
        "Persons newly verified in the period / registered users at acceptance (letter of 2022). Not applicable without a baseline."),
        "person", ">=10", dimension=APPLICATION, version=RULES_2),
    _d("M12.A", _APPLIED, (
        "名册日在册的学生和教师中被覆盖的比例；学生、教师两类都达到 80 % 才算达标。学生：期内至少 3 天、有效时长至少 60 分钟，或修完一门课程。"
        "教师：至少一节用到库内资源的有效课，期内有至少 5 名学习者打开。缺任何一所参建学校的名册则不适用。",
        "Of the students and teachers on the rosters of the census day, those covered; met only when students and teachers each reach "
        "80 %. Student: at least 3 days and 60 effective minutes in the period, or one course completed. Teacher: at least one effective "
        "lesson with library resources that 5 learners opened in the period. Without the roster of any school taking part: not applicable."),
        "roster", ">=80", is_official=True, dimension=APPLICATION),
    _d("M12.B", ("应用覆盖面（合计）", "Application coverage, pooled"), (
        "学生与教师合并计算的覆盖比例。", "The covered share of students and teachers together."), "roster", ">=80", dimension=APPLICATION),
    _d("M13.A", _SATISFIED, (
        "有效答卷中总体评价 4–5 分的比例。5 秒内应付的答卷先剔除，每人取最后一份；答卷人须受邀且期内有有效使用。少于 30 份或回收率低于 20 % 不发布。",
        "Share of 4 and 5 among valid answers. Answers given in under 5 seconds are dropped first, then each person's latest counts; the "
        "person was invited and used the library in the period. Not published under 30 answers or 20 % response."),
        "answer", ">=90", is_official=True, dimension=APPLICATION, version=RULES_2),
    _d("M13.B", ("满意度（均分）", "Satisfaction, mean"), (
        "有效答卷平均分 ÷ 5。", "Mean score of the valid answers over 5."), "answer", ">=90", dimension=APPLICATION),
    _d("M14.visits.A", ("课程访问量", "Course visits"), (
        "期内每人每门课程的访问次数之和：停顿满 30 分钟后再来，另计一次。打开课、观看、阅读、下载都算；测试账号、作者本人、预览、审核、机器人不计。",
        "Visits of every person to every course in the period; after 30 idle minutes the next one begins. Opening a lesson, watching, "
        "reading and downloading are visits; test accounts, authors themselves, previews, reviews and robots are not."),
        "pair", is_count=True, dimension=PLATFORM, version=RULES_2),
    _d("M14.visits.B", ("课页面打开次数", "Lesson pages opened"), (
        "期内打开课（节）页面的次数，每打开一次计一次；不计入的情形同 M14.visits.A。",
        "Pages of lessons opened in the period, each time; left out is what M14.visits.A leaves out."),
        "pair", is_count=True, dimension=PLATFORM, version=RULES_2),
    _d("M14.enrolments", ("选课人次", "Enrolments"), (
        "期内选课且 24 小时内未退出的（人、课程、期次）数，同一期次进出多次计 1。",
        "Persons × course runs enrolled in the period and not left within 24 hours; once per run however often they leave and return."),
        "enrolment", is_count=True, dimension=APPLICATION),
    _d("M14.persons", ("选课人数", "Persons enrolled"), (
        "选课人次中不同的人数。", "The distinct persons among the enrolments."), "person", is_count=True, dimension=APPLICATION),
    _d("M14.coverage", ("媒体覆盖率", "Media coverage"), (
        "期内每人每个媒体看过的片段去重合并，除以这些媒体的长度；超过 2 倍速的不计。",
        "Watched parts of each person and medium, each second once, over the lengths of those media. Faster than 2× is not credited."),
        "watch", dimension=PLATFORM),
    _d("M14.time", ("学习时长", "Learning time"), (
        "期内每人有效时长之和，多标签、多设备重叠的只计一次。",
        "Effective time of all persons in the period; overlaps across tabs and devices count once."), "person", is_count=True,
        is_seconds=True, dimension=PLATFORM),
    _d("M14.completion.A", ("完成率（对已开始）", "Completion of those who started"), (
        "期内选课的（人、课程）中，已开始学习的有多少完成。", "Of the persons and courses enrolled in the period that were started, those completed."),
        "pair", dimension=APPLICATION),
    _d("M14.completion.B", ("完成率（对已选课）", "Completion of those who enrolled"), (
        "期内选课的（人、课程）中有多少完成。", "Of the persons and courses enrolled in the period, those completed."), "pair", dimension=APPLICATION),
    _d("M15.A", ("图谱覆盖（有资源）", "Graph coverage, resources"), (
        "知识点、技能点中至少有一个已发布资源的比例。", "Of the knowledge and skill points, those with at least one published resource."), "point", dimension=FEATURES),
    _d("M15.B", ("岗位映射", "Graph coverage, posts"), (
        "知识点、技能点中对应到至少一个岗位的比例。", "Of the knowledge and skill points, those mapped to at least one post."), "point", dimension=FEATURES),
    _d("M16.metadata", ("元数据完整率", "Complete metadata"), (
        "已发布资源中必填属性齐备的比例；低于 100 % 说明有导入资源或规则变过。",
        "Of the published resources, those with every mandatory field. Under 100 %: imported, or the rule changed."), "resource"),
    _d("M16.naming", ("命名规范率", "Names by the template"), (
        "已发布资源中名称符合本库命名规则的比例。", "Of the published resources, those whose name follows the library's template."), "resource"),
    _d("M17", ("审核覆盖", "Review coverage"), (
        "期内发布的版本中，各级审核、全部维度齐备且无自审的比例。低于 100 % 即为缺陷告警。另列：提交到决定的工作分钟中位数与 90 分位"
        "（周一至周五 9:00–17:00，未扣除法定节假日）、一次通过的比例、随机复查中被推翻的比例。",
        "Of the versions published in the period, those approved at every level in all dimensions without self-review. Anything under "
        "100 % is a defect. Beside it: median and 90th percentile of submission to decision in working minutes (Monday to Friday, 9:00 to "
        "17:00, public holidays not taken out), the share approved at first submission, and of random re-checks those overturned."), "version", ">=100", is_official=True, dimension=SAFEGUARDS, version=RULES_2),
    _d("M18.in_school", ("推广：本校", "Reach: first host"), (
        "期内活跃的人中，属于第一主持单位的比例。", "Of the active persons, those of the first host."), "person", dimension=APPLICATION),
    _d("M18.other_school", ("推广：他校", "Reach: other schools"), (
        "期内活跃的人中，属于其他学校的比例。", "Of the active persons, those of other schools."), "person", dimension=APPLICATION),
    _d("M18.enterprise", ("推广：企业", "Reach: enterprises"), (
        "期内活跃的人中，属于企业的比例。", "Of the active persons, those of enterprises."), "person", dimension=APPLICATION),
    _d("M18.society", ("推广：社会", "Reach: society"), (
        "期内活跃的人中，其余人员的比例。", "Of the active persons, all others."), "person", dimension=APPLICATION),
    _d("M18.cross_province", ("推广：跨省", "Reach: other provinces"), (
        "期内活跃的人中，所在单位与第一主持单位不在同一省份的比例。", "Of the active persons, those whose unit lies in another province than the first host."),
        "person", dimension=APPLICATION),
    _d("M18.units", ("受益单位", "Beneficiary units"), (
        "期内活跃人数不少于 5 人的单位数。", "Units with at least 5 active persons."), "unit", is_count=True, dimension=APPLICATION),
    _d("M19.A", ("虚拟仿真三年年均更新", "Simulation update, three-year mean"), (
        "虚拟仿真资源按 M4.A 计算的三个年度更新率的平均值。不足三年，或某年期初为 0，则不适用。",
        "The mean of three yearly update rates (M4.A) of simulation resources. Not applicable under three years or with an empty start."),
        "year", ">=10", dimension=FEATURES, is_official=True),
    _d("M19.B", ("虚拟仿真三年更新（对首年）", "Simulation update on the first year"), (
        "三个年度分子之和 ÷（3 × 首年期初）。", "The sum of three numerators over three times the first year's start."), "year", ">=10", dimension=FEATURES),
    _d("M19.C", ("虚拟仿真三年更新（逐年）", "Simulation update, each year"), (
        "三个年度每年都达到 10 %。", "Each of the three years reaches 10 %."), "year", ">=10", dimension=FEATURES),
)  # fmt: skip

SHORT = {
    "M1.A": ("颗粒化资源", "resources"), "M1.B": ("含课", "with lessons"),
    "M2.A": ("演示文稿计入", "slides are text"), "M2.B": ("演示文稿另计", "slides apart"),
    "M3.A": ("认定原创", "accepted originals"), "M3.B": ("含获准改编", "with permitted adaptations"), "M3.C": ("按时长", "by time"),
    "M4.A": ("期初总量", "on the start"), "M4.B": ("验收基线", "on the baseline"), "M4.C": ("期末总量", "on the end"),
    "M5.A": ("3 人以上", "3 persons"), "M5.B": ("1 人以上", "1 person"), "M5.C": ("被课引用", "in a lesson"),
    "M6.A": ("有效课", "effective lessons"), "M6.B": ("已发布的课", "any lesson"), "M6.C": ("跨单位", "across units"),
    "M7.A": ("母版", "masters"), "M7.B": ("有效课", "in effective lessons"), "M8.objective": ("客观题", "objective"),
    "M10.A": ("累计", "ever opened"), "M10.B": ("实名", "verified"), "M11.growth": ("新增", "new"),
    "M8.A": ("1 题", "1 question"), "M8.B": ("3 题", "3 questions"),
    "M9.A": ("完整建成", "complete"), "M9.B": ("课程页", "page only"),
    "M11.A": ("有效行为", "qualified events"), "M11.B": ("登录", "signed in"), "M11.C": ("深度", "deep"),
    "M12.A": ("分类达标", "both groups"), "M12.B": ("合计", "pooled"),
    "M13.A": ("4–5 分占比", "share of 4 and 5"), "M13.B": ("均分", "mean"),
    "M14.visits.A": ("访问", "visits"), "M14.visits.B": ("页面", "pages"),
    "M14.enrolments": ("人次", "enrolments"), "M14.persons": ("人数", "persons"),
    "M14.coverage": ("媒体", "media"), "M14.time": ("时长", "time"), "M14.completion.A": ("完成 / 开始", "of started"),
    "M14.completion.B": ("完成 / 选课", "of enrolled"), "M16.metadata": ("元数据", "metadata"), "M16.naming": ("命名", "names"),
    "M18.in_school": ("本校", "first host"), "M18.other_school": ("他校", "other schools"), "M18.enterprise": ("企业", "enterprises"),
    "M18.society": ("社会", "society"), "M18.cross_province": ("跨省", "other provinces"), "M18.units": ("受益单位", "units"),
    "M15.A": ("有资源", "with a resource"), "M15.B": ("有岗位", "with a post"),
    "M19.A": ("均值", "mean"), "M19.B": ("对首年", "on the first year"), "M19.C": ("逐年", "each year"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A figure of the definitions that is not counted, because what it rests on is stored nowhere yet: said instead of a number."""

    id: str
    name: str
    name_en: str
    missing: str
    missing_en: str
    dimension: str

    def local_name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if _is_english() else self.name

    def local_missing(self) -> str:
        """What would have to be recorded, in the language of the reader."""
        return self.missing_en if _is_english() else self.missing


UNRECORDED: tuple[Unrecorded, ...] = (
    Unrecorded("M8.use", "试题使用率", "Use of questions",
        "学生对题库试题的作答还没有记录；有了作答记录才能统计被作答过的试题。", "Attempts at questions of the bank are stored nowhere yet.", PLATFORM),
    Unrecorded("M12.C", "应用覆盖面（旧口径）", "Application coverage, older reading",
        "教师用资源库授课的学时数还没有记录。", "Hours taught with the library are stored nowhere yet.", APPLICATION),
    Unrecorded("M1.packages", "资源包数", "Packages in the resource total",
        "还没有作为目录对象的资源包；导出的课程包不是资源。", "There are no packages as objects of the catalogue yet; exported course packages are no resources.", CONSTRUCTION),
    Unrecorded("M20", "培训", "Training", "培训班、出勤和考核还没有记录。", "Training classes, attendance and their tests are stored nowhere yet.", APPLICATION),
    Unrecorded("M21", "并发考试", "Exam capacity", "还没有在线考试。", "There are no online exams yet.", PLATFORM),
    Unrecorded("M22", "积分", "Points", "还没有积分账目。", "There is no ledger of points yet.", APPLICATION),
)  # fmt: skip

BY_ID = {d.id: d for d in DEFINITIONS}
OFFICIAL = tuple(d for d in DEFINITIONS if d.is_official)
PUBLIC_IDS = ("M1.A", "M2.A", "M3.A", "M4.A", "M9.A")


def candidates(family: str) -> tuple[Definition, ...]:
    """The readings of one indicator side by side."""
    return tuple(d for d in DEFINITIONS if d.family == family)
