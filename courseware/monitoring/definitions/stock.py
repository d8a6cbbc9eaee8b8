"""What the library holds and how it is renewed: M1 to M7."""

from __future__ import annotations

from courseware.monitoring.definitions.model import RULES_2, Definition, define
from courseware.monitoring.dimensions import APPLICATION, PLATFORM

_UPDATE = ("年更新率", "Yearly update rate")
_MEDIA = ("文本与图形图像占比", "Text and image share")
_ORIGINAL = ("原创率", "Originality rate")

STOCK: tuple[Definition, ...] = (
    define("M1.A", ("资源总量", "Resource total"), (
        "统计时刻已发布的颗粒化资源数，按内容去重。同一文件用于两门课程计 1；改名重复上传不另计。草稿、在审、已下架不计。",
        "Granular resources published at the moment, each content once. One file in two courses is 1; a renamed duplicate is not "
        "another one. Drafts, items in review and withdrawn ones do not count."), "resource", is_count=True),
    define("M1.B", ("资源总量（含讲）", "Resource total with lessons"), (
        "M1.A 加上统计时刻已发布的讲。", "M1.A and the lessons published at the moment."), "resource", is_count=True),
    define("M2.A", _MEDIA, (
        "（文本 + 演示文稿 + 图形图像）÷ 已发布资源。不足 30 秒的音频、视频、动画不进分子，也不进分母。",
        "(text + presentations + images) / published resources. Audio, video and animation under 30 seconds leave both sides."),
        "resource", "<=30", is_official=True),
    define("M2.B", ("文本与图形图像占比（演示文稿另计）", "Text and image share, slides apart"), (
        "（文本 + 图形图像）÷ 已发布资源，演示文稿自成一类。其余同 M2.A。",
        "(text + images) / published resources, presentations being their own type. Otherwise as M2.A."), "resource", "<=30"),
    define("M3.A", _ORIGINAL, (
        "权属证明已被审核认定的原创资源 ÷ 已发布资源。改编、第三方、开放授权、机器生成、来源不明不计原创。另列申报值。",
        "Originals whose rights evidence the reviewer accepted / published resources. Adapted, third-party, open-licence, "
        "AI-generated and unknown are not original. The claimed value stands beside it."), "resource", ">=70", is_official=True),
    define("M3.B", ("原创与获准改编率", "Originals and permitted adaptations"), (
        "（认定的原创 + 获得许可的改编）÷ 已发布资源。", "(accepted originals + adaptations with permission) / published resources."),
        "resource", ">=70"),
    define("M3.C", ("原创率（按时长）", "Originality by running time"), (
        "音频、视频、动画中，认定为原创的时长 ÷ 总时长（秒，按内容去重）。",
        "Of audio, video and animation: seconds of accepted originals / all seconds, each content once."), "resource", ">=70", version=RULES_2),
    define("M4.A", _UPDATE, (
        "期内首次发布、期末及其后 30 天仍在线的资源 N，与期初已发布、期末仍在线且期内有实质性修订的资源 R，合并去重后 ÷ 期初已发布 P₀。"
        "P₀ 含期初前 90 天内下架、期内又恢复的资源。拆分出的资源按来源计一次；下架不减少 P₀；属性、改名、转码、重复上传、一般修订不计。",
        "Resources first published in the period and still live at its end and 30 days after (N), with those of P₀ still live at the "
        "end that have a substantive revision in the period (R), each once, over those published at the start (P₀). P₀ also holds what "
        "was withdrawn within 90 days before the start and restored in the period. Parts of a split count once for their source; "
        "withdrawals do not shrink P₀; metadata, renaming, re-encoding, re-uploading and minor revisions do not count."),
        "resource", ">=10", is_official=True),
    define("M4.B", ("年更新率（对验收基线）", "Yearly update rate on the baseline"), (
        "M4.A 的分子 ÷ 验收时的资源总量。", "The numerator of M4.A over the resources published at acceptance."), "resource", ">=10"),
    define("M4.C", ("年更新率（对期末总量）", "Yearly update rate on the end"), (
        "M4.A 的分子 ÷ 期末已发布资源。", "The numerator of M4.A over the resources published at the end."), "resource", ">=10"),
    define("M5.A", ("活跃资源率", "Active resources"), (
        "期内在线满 30 天的资源中，被至少 3 名他人有效使用的比例。",
        "Of the resources live for at least 30 days of the period, those with qualified use by at least 3 other persons."),
        "resource", dimension=APPLICATION),
    define("M5.B", ("活跃资源率（1 人）", "Active resources, one person"), (
        "期内在线满 30 天的资源中，被至少 1 名他人有效使用的比例。",
        "Of the resources live for at least 30 days of the period, those with qualified use by at least one other person."),
        "resource", dimension=APPLICATION),
    define("M5.C", ("活跃资源率（被讲引用）", "Active resources, in a lesson"), (
        "期内在线满 30 天的资源中，被已发布的讲引用的比例。",
        "Of the resources live for at least 30 days of the period, those used in a live lesson."), "resource", dimension=APPLICATION),
    define("M6.A", ("引用率", "Reference rate"), (
        "期末已发布资源中，被至少一个有效课引用的比例。有效课：已发布，期内被本人以外的学员打开过；资源超过 50 个而其他活动不足十分之一的讲不算。",
        "Of the resources published at the end, those in at least one effective lesson: published, opened in the period by a learner "
        "who is not its owner, and not a heap of more than 50 resources with fewer than one other activity per ten."),
        "resource", dimension=PLATFORM),
    define("M6.B", ("引用率（不论打开）", "Reference rate, opened or not"), (
        "期末已发布资源中，被至少一个已发布的讲引用的比例。", "Of the resources published at the end, those in at least one published lesson."),
        "resource", dimension=PLATFORM),
    define("M6.C", ("跨单位引用率", "Reference across units"), (
        "期末已发布资源中，被他单位教师的有效课引用的比例；作者取首版作者。",
        "Of the resources published at the end, those in an effective lesson of a teacher of another unit than the first author's."),
        "resource", dimension=PLATFORM),
    define("M7.A", ("视频类时长", "Video time"), (
        "已发布视频母版的总时长，按内容去重；转码副本、重复上传、未经审核的录像计 0。分钟向下取整。",
        "Length of the masters of published video, each content once; renditions, re-uploads and unreviewed recordings count 0. "
        "Minutes are rounded down."), "resource", is_count=True, is_seconds=True),
    define("M7.B", ("视频类时长（有效课引用）", "Video time in effective lessons"), (
        "M7.A 中被有效课引用的视频时长。", "The part of M7.A that stands in an effective lesson."), "resource", is_count=True, is_seconds=True, version=RULES_2),
)  # fmt: skip
