"""What sets one reading of an indicator apart from its neighbours, in a word or two: (Chinese, English) by id."""

from __future__ import annotations

SHORT = {
    "M1.A": ("颗粒化资源", "resources"), "M1.B": ("含讲", "with lessons"),
    "M2.A": ("演示文稿计入", "slides are text"), "M2.B": ("演示文稿另计", "slides apart"),
    "M3.A": ("认定原创", "accepted originals"), "M3.B": ("含获准改编", "with permitted adaptations"), "M3.C": ("按时长", "by time"),
    "M4.A": ("期初总量", "on the start"), "M4.B": ("验收基线", "on the baseline"), "M4.C": ("期末总量", "on the end"),
    "M5.A": ("3 人以上", "3 persons"), "M5.B": ("1 人以上", "1 person"), "M5.C": ("被讲引用", "in a lesson"),
    "M6.A": ("有效课", "effective lessons"), "M6.B": ("已发布的讲", "any lesson"), "M6.C": ("跨单位", "across units"),
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
