"""Laws and rules that the construction guide names; a library edits the list to its needs (R34)."""

from __future__ import annotations

from courseware.review.rules import Reference

LAWS = tuple(
    Reference(title)
    for title in (
        "中华人民共和国网络安全法", "互联网视听节目服务管理规定", "出版管理条例", "网络视听节目内容审核通则",
        "网络短视频内容审核标准细则", "图书、期刊、音像制品、电子出版物重大选题备案办法", "地图审核管理规定",
        "网络出版服务管理规定",
    )
)  # fmt: skip
