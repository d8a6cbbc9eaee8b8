"""Who is registered, active, covered and satisfied: M10 to M13."""

from __future__ import annotations

from courseware.monitoring.definitions.model import RULES_2, Definition, define
from courseware.monitoring.dimensions import APPLICATION

_APPLIED = ("应用覆盖面", "Application coverage")
_SATISFIED = ("满意度", "Satisfaction")

PEOPLE: tuple[Definition, ...] = (
    define("M10.A", ("累计账号", "Accounts ever opened"), (
        "统计时刻为止开过的全部账号，含测试、已注销、预置账号；只用于与 M10.B 对账。",
        "All accounts opened up to the moment, with test, closed and provisioned ones; kept only to reconcile with M10.B."),
        "person", is_count=True, dimension=APPLICATION, version=RULES_2),
    define("M10.B", ("注册用户", "Registered users"), (
        "统计时刻实名认证、未注销的人数；测试账号不计，预置而从未登录的账号另列。",
        "Verified persons whose account is not closed at the moment; test accounts do not count, provisioned ones that never signed in "
        "stand apart."), "person", is_count=True, dimension=APPLICATION),
    define("M11.A", ("活跃用户率", "Active users"), (
        "期内至少有一次有效学习或教学行为的人 ÷ 期末注册用户。", "Persons with at least one qualified learning or teaching event in the period / registered users at the end."),
        "person", dimension=APPLICATION),
    define("M11.B", ("登录用户率", "Users who signed in"), (
        "期内登录过的人 ÷ 期末注册用户。", "Persons who signed in during the period / registered users at the end."), "person", dimension=APPLICATION),
    define("M11.C", ("深度用户率", "Deep users"), (
        "期内至少在 4 个不同的周学习、有效时长至少 60 分钟的人 ÷ 期末注册用户。",
        "Persons active in at least 4 different weeks with at least 60 effective minutes / registered users at the end."),
        "person", dimension=APPLICATION),
    define("M11.growth", ("新增用户率", "Growth of users"), (
        "期内新实名认证的人数 ÷ 验收时注册用户数（2022 年验收函口径）。没有验收基线则不适用。",
        "Persons newly verified in the period / registered users at acceptance (letter of 2022). Not applicable without a baseline."),
        "person", ">=10", dimension=APPLICATION, version=RULES_2),
    define("M12.A", _APPLIED, (
        "名册日在册的学生和教师中被覆盖的比例；学生、教师两类都达到 80 % 才算达标。学生：期内至少 3 天、有效时长至少 60 分钟，或修完一门课程。"
        "教师：至少一个用到库内资源的有效课，期内有至少 5 名学员打开。缺任何一所参建学校的名册则不适用。",
        "Of the students and teachers on the rosters of the census day, those covered; met only when students and teachers each reach "
        "80 %. Student: at least 3 days and 60 effective minutes in the period, or one course completed. Teacher: at least one effective "
        "lesson with library resources that 5 learners opened in the period. Without the roster of any school taking part: not applicable."),
        "roster", ">=80", is_official=True, dimension=APPLICATION),
    define("M12.B", ("应用覆盖面（合计）", "Application coverage, pooled"), (
        "学生与教师合并计算的覆盖比例。", "The covered share of students and teachers together."), "roster", ">=80", dimension=APPLICATION),
    define("M13.A", _SATISFIED, (
        "有效答卷中总体评价 4–5 分的比例。5 秒内应付的答卷先剔除，每人取最后一份；答卷人须受邀且期内有有效使用。少于 30 份或回收率低于 20 % 不发布。",
        "Share of 4 and 5 among valid answers. Answers given in under 5 seconds are dropped first, then each person's latest counts; the "
        "person was invited and used the library in the period. Not published under 30 answers or 20 % response."),
        "answer", ">=90", is_official=True, dimension=APPLICATION, version=RULES_2),
    define("M13.B", ("满意度（均分）", "Satisfaction, mean"), (
        "有效答卷平均分 ÷ 5。", "Mean score of the valid answers over 5."), "answer", ">=90", dimension=APPLICATION),
)  # fmt: skip
