"""Figures of the specification that nothing is stored for yet: named instead of invented."""

from __future__ import annotations

from dataclasses import dataclass

from courseware.monitoring.definitions.model import is_english
from courseware.monitoring.dimensions import APPLICATION, CONSTRUCTION, PLATFORM


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
        return self.name_en if is_english() else self.name

    def local_missing(self) -> str:
        """What would have to be recorded, in the language of the reader."""
        return self.missing_en if is_english() else self.missing


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
