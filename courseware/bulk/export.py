"""Rows as sheets: heads in the reader's language that an import reads again, cells that begin no formula (SEC13)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from courseware.core.clock import REPORTING_ZONE
from courseware.resources.words import ORIGINALITIES, STATES, TYPES

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
CHINESE = {
    "external_id": "资源编号", "title": "标题", "title_en": "英文标题", "type": "类型", "course": "课程", "major": "专业", "points": "知识点",
    "skill_points": "技能点", "unit": "作者单位", "author": "作者", "originality": "原创性", "licence": "许可", "language": "语言",
    "difficulty": "难度", "keywords": "关键词", "audience": "适用对象", "source": "来源", "description": "描述", "body": "正文", "file": "文件",
    "published_at": "发布时间",
}  # fmt: skip
EXAMPLE = {
    "external_id": "RP-001", "title": "示教器的三档速度", "type": "文本", "points": "示教器；坐标系", "originality": "原创",
    "licence": "CC-BY-4.0", "language": "中文", "difficulty": 2, "keywords": "示教；速度", "body": "先低速，再常速。", "file": "",
}  # fmt: skip
ROW = (
    "external_id", "title", "title_en", "name", "type", "state", "course", "major", "points", "author", "unit", "originality",
    "licence", "language", "difficulty", "keywords", "tags", "version", "duration_s", "first_published_at", "updated_at",
    "description", "is_incomplete", "uuid",
)  # fmt: skip


def template_columns() -> list[str]:
    """The columns of a sheet to import, in the order people fill them."""
    return list(CHINESE)


def head(name: str) -> str:
    """The head of a column that an import reads again."""
    locale = get_locale()
    return CHINESE.get(name, name) if locale is None or locale.language == "zh" else name


def template_heads() -> list[str]:
    """The heads of an empty sheet."""
    return [head(name) for name in CHINESE]


def columns() -> list[tuple[str, str]]:
    """(Chinese head, name) of every column, for the help beside the form."""
    return [(chinese, name) for name, chinese in CHINESE.items()]


def example() -> list[Any]:
    """One line as an example."""
    return [EXAMPLE.get(name, "") for name in CHINESE]


def heads() -> list[str]:
    """The heads of an exported list."""
    more = {
        "name": _("Unified name"), "state": _("State"), "tags": _("Occasion"), "version": _("Version"),
        "duration_s": _("Seconds"), "first_published_at": _("First published"), "updated_at": _("Updated"),
        "is_incomplete": _("Mandatory fields"), "uuid": _("Link"),
    }  # fmt: skip
    return [more.get(name, head(name)) for name in ROW]


def cells(row: Mapping[str, Any]) -> list[Any]:
    """A row of the table as cells."""
    words = {
        "type": TYPES.get(row["type"]), "state": STATES.get(row["state"]), "originality": ORIGINALITIES.get(row["originality"]),
        "is_incomplete": _("missing") if row["is_incomplete"] else _("complete"), "uuid": f"/resources/{row['uuid']}",
    }  # fmt: skip
    return [str(words[name]) if words.get(name) is not None else plain(row[name]) for name in ROW]


def plain(value: Any) -> Any:
    """A value as a cell holds it."""
    if isinstance(value, list):
        return "；".join(str(one) for one in value)
    if isinstance(value, dt.datetime):
        return value.astimezone(REPORTING_ZONE).strftime("%Y-%m-%d %H:%M") if value.tzinfo else str(value)
    return "" if value is None else value


def safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers."""
    if isinstance(value, str):
        text = "".join(sign for sign in value if sign >= " " or sign in "\n\t")
        return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS) else text
    return "" if value is None else value


def as_csv(header: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets here open it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([safe(value) for value in line] for line in lines)
    return ("\ufeff" + out.getvalue()).encode()
