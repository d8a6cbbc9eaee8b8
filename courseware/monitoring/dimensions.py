"""The five dimensions under which the figures of a library stand (R57). Which figure stands where is said by its definition."""

from __future__ import annotations

from dataclasses import dataclass

CONSTRUCTION, PLATFORM, APPLICATION = "construction", "platform", "application"
FEATURES, SAFEGUARDS = "features", "safeguards"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension: its name, and one sentence on what its figures say, in both languages."""

    id: str
    name: str
    name_en: str
    text: str
    text_en: str


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(CONSTRUCTION, "资源建设", "Construction",
        "资源有多少、是否原创、每年更新多少，课程和题库是否建齐。",
        "How much there is, how much of it is original and renewed each year, and whether courses and question banks are complete."),
    Dimension(PLATFORM, "平台功能", "Platform functions",
        "平台的组课、自学等功能实际用得怎样：功能好不好，看用了多少。",
        "What people do with the functions of the platform, assembling lessons and studying by themselves: a function is worth what it is used for."),
    Dimension(APPLICATION, "应用推广", "Application",
        "谁在用、覆盖了多少师生、他们是否满意，推广到了本校以外的哪些地方。",
        "Who uses the library, how many students and teachers it reaches, whether they are satisfied, and how far beyond its own school it goes."),
    Dimension(FEATURES, "特色创新", "Features",
        "知识图谱是否配齐资源、对应岗位，虚拟仿真资源是否年年更新。",
        "Whether the knowledge graph is backed by resources and posts, and whether virtual simulations are kept up to date."),
    Dimension(SAFEGUARDS, "安全保障（制度保障）", "Safeguards",
        "审核制度是否落实：每个版本是否逐级审核，有没有自己审自己。",
        "Whether the rules are kept: every version reviewed at every level, and by nobody who wrote it."),
)  # fmt: skip

BY_ID = {one.id: one for one in DIMENSIONS}
