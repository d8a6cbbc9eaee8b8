"""Sheets and bundles as people make them, well and badly."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

HEADS = ["资源编号", "标题", "类型", "课程", "知识点", "原创性", "许可", "作者", "正文", "文件"]


def line(number: int, **changes: Any) -> list[Any]:
    """A good line; `changes` by head."""
    plain: dict[str, Any] = {
        "资源编号": f"N-{number}", "标题": f"第 {number} 份", "类型": "文本", "课程": "机器人编程", "知识点": "示教器；坐标系", "原创性": "原创",
        "许可": "CC-BY-4.0", "作者": "", "正文": f"第 {number} 份的正文。", "文件": "",
    }  # fmt: skip
    return [{**plain, **changes}[head] for head in HEADS]


def csv_of(*lines: Sequence[Any], heads: Sequence[str] = HEADS, encoding: str = "utf-8") -> bytes:
    """A csv file."""
    return "\n".join(",".join(str(cell) for cell in one) for one in (heads, *lines)).encode(encoding)


def xlsx_of(*lines: Sequence[Any], heads: Sequence[str] = HEADS, above: Sequence[str] = (), merge: str = "") -> bytes:
    """An xlsx file; `above` are title lines over the heads, `merge` a range such as D2:D4."""
    book = Workbook()
    page: Any = book.active
    for text in above:
        page.append([text])
    for one in (heads, *lines):
        page.append(list(one))
    if merge:
        page.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zip_of(files: Mapping[str, bytes], *, gbk: bool = False) -> bytes:
    """A zip; with `gbk` the names are written as old Chinese programs do, without saying so."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = _GbkName(name) if gbk else zipfile.ZipInfo(name)
            archive.writestr(entry, content)
    return out.getvalue()


class _GbkName(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the library's own name
        return self.filename.encode("gbk"), self.flag_bits
