"""Graph, descriptions, review, reach, simulations: M15 to M19."""

from __future__ import annotations

from courseware.monitoring.definitions.model import RULES_2, Definition, define
from courseware.monitoring.dimensions import APPLICATION, FEATURES, SAFEGUARDS

QUALITY: tuple[Definition, ...] = (
    define("M15.A", ("图谱覆盖（有资源）", "Graph coverage, resources"), (
        "知识点、技能点中至少有一个已发布资源的比例。", "Of the knowledge and skill points, those with at least one published resource."), "point", dimension=FEATURES),
    define("M15.B", ("岗位映射", "Graph coverage, posts"), (
        "知识点、技能点中对应到至少一个岗位的比例。", "Of the knowledge and skill points, those mapped to at least one post."), "point", dimension=FEATURES),
    define("M16.metadata", ("元数据完整率", "Complete metadata"), (
        "已发布资源中必填属性齐备的比例；低于 100 % 说明有导入资源或规则变过。",
        "Of the published resources, those with every mandatory field. Under 100 %: imported, or the rule changed."), "resource"),
    define("M16.naming", ("命名规范率", "Names by the template"), (
        "已发布资源中名称符合本库命名规则的比例。", "Of the published resources, those whose name follows the library's template."), "resource"),
    define("M17", ("审核覆盖", "Review coverage"), (
        "期内发布的版本中，各级审核、全部维度齐备且无自审的比例。低于 100 % 即为缺陷告警。另列：提交到决定的工作分钟中位数与 90 分位"
        "（周一至周五 9:00–17:00，未扣除法定节假日）、一次通过的比例、随机复查中被推翻的比例。",
        "Of the versions published in the period, those approved at every level in all dimensions without self-review. Anything under "
        "100 % is a defect. Beside it: median and 90th percentile of submission to decision in working minutes (Monday to Friday, 9:00 to "
        "17:00, public holidays not taken out), the share approved at first submission, and of random re-checks those overturned."), "version", ">=100", is_official=True, dimension=SAFEGUARDS, version=RULES_2),
    define("M18.in_school", ("推广：本校", "Reach: first host"), (
        "期内活跃的人中，属于第一主持单位的比例。", "Of the active persons, those of the first host."), "person", dimension=APPLICATION),
    define("M18.other_school", ("推广：他校", "Reach: other schools"), (
        "期内活跃的人中，属于其他学校的比例。", "Of the active persons, those of other schools."), "person", dimension=APPLICATION),
    define("M18.enterprise", ("推广：企业", "Reach: enterprises"), (
        "期内活跃的人中，属于企业的比例。", "Of the active persons, those of enterprises."), "person", dimension=APPLICATION),
    define("M18.society", ("推广：社会", "Reach: society"), (
        "期内活跃的人中，其余人员的比例。", "Of the active persons, all others."), "person", dimension=APPLICATION),
    define("M18.cross_province", ("推广：跨省", "Reach: other provinces"), (
        "期内活跃的人中，所在单位与第一主持单位不在同一省份的比例。", "Of the active persons, those whose unit lies in another province than the first host."),
        "person", dimension=APPLICATION),
    define("M18.units", ("受益单位", "Beneficiary units"), (
        "期内活跃人数不少于 5 人的单位数。", "Units with at least 5 active persons."), "unit", is_count=True, dimension=APPLICATION),
    define("M19.A", ("虚拟仿真三年年均更新", "Simulation update, three-year mean"), (
        "虚拟仿真资源按 M4.A 计算的三个年度更新率的平均值。不足三年，或某年期初为 0，则不适用。",
        "The mean of three yearly update rates (M4.A) of simulation resources. Not applicable under three years or with an empty start."),
        "year", ">=10", dimension=FEATURES, is_official=True),
    define("M19.B", ("虚拟仿真三年更新（对首年）", "Simulation update on the first year"), (
        "三个年度分子之和 ÷（3 × 首年期初）。", "The sum of three numerators over three times the first year's start."), "year", ">=10", dimension=FEATURES),
    define("M19.C", ("虚拟仿真三年更新（逐年）", "Simulation update, each year"), (
        "三个年度每年都达到 10 %。", "Each of the three years reaches 10 %."), "year", ">=10", dimension=FEATURES),
)  # fmt: skip
