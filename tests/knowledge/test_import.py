"""`flask import points`: all rows are checked first; with any faulty row nothing is written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook

from courseware.core.database import session
from courseware.core.tables import TableUnreadable, read_table
from courseware.knowledge import queries
from courseware.knowledge.importing import COLUMNS
from courseware.knowledge.services import import_points
from courseware.libraries.models import Library
from tests.libraries.builders import a_course, a_library, a_point

HEADER = ["key", "name", "kind", "aliases", "course", "prerequisites", "posts", "description"]
ROWS = [
    ["a1", "工具坐标系", "knowledge", "TCP;工具座标", "RP", "", "操作员；运维员", "工具末端的坐标系。"],
    ["a2", "工具坐标系标定", "skill", "", "RP", "a1", "操作员", ""],
    ["a3", "码垛", "skill", "palletising", "RP", "工具坐标系标定;a1", "", ""],
]


@pytest.fixture
def library(app: Flask) -> Library:
    noise = a_library(code="NOISE")
    a_course(noise, "RP")
    a_point(noise, "工具坐标系", key="a1")
    library = a_library(code="LIB")
    a_course(library, "RP", name="操作与编程")
    session().commit()
    return library


def _csv(rows: list[list[str]], header: list[str] = HEADER, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue()


def _run(app: Flask, path: Path, *options: str) -> tuple[int, Any]:
    answer = app.test_cli_runner().invoke(args=["import", "points", str(path), "--library", "LIB", "--json", *options])
    session().rollback()
    assert "Traceback" not in answer.output
    return answer.exit_code, json.loads(answer.stdout) if answer.stdout.startswith("{") else answer.output


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_sheets_in_the_encodings_of_this_country_are_read(
    app: Flask, library: Library, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(_csv(ROWS).encode(encoding))
    code, report = _run(app, path)
    assert (code, report["created"], report["errors"]) == (0, 3, [])
    points = queries.points_by_key(library)
    assert points["a1"].name == "工具坐标系"
    assert [alias.name for alias in points["a1"].aliases] == ["TCP", "工具座标"]
    assert [p.key for p in points["a3"].prerequisites] == ["a1", "a2"]
    assert {post.name for post in points["a1"].posts} == {"操作员", "运维员"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_of_spreadsheets_are_told_apart(library: Library, tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "points.txt"
    rows = [[cell.replace(";", "、") for cell in row] for row in ROWS]
    path.write_text(_csv(rows, delimiter=delimiter), encoding="utf-8")
    assert [row.values["key"] for row in read_table(path, COLUMNS)] == ["a1", "a2", "a3"]


def test_xlsx_and_chinese_headings_are_read_whatever_the_name_of_the_file(
    app: Flask, library: Library, tmp_path: Path
) -> None:
    book = Workbook()
    book.active.append(["编号", "名称", "类型", "别名", "课程", "前置点", "岗位"])  # type: ignore[union-attr]
    book.active.append([101, "工具坐标系", "知识点", None, "操作与编程", None, "操作员"])  # type: ignore[union-attr]
    book.active.append([102, "标定", "技能点", None, "RP", 101, None])  # type: ignore[union-attr]
    path = tmp_path / "points.csv"
    book.save(path)
    code, report = _run(app, path)
    assert (code, report["created"]) == (0, 2)
    points = queries.points_by_key(library)
    assert points["102"].kind == "skill"
    assert [p.key for p in points["102"].prerequisites] == ["101"]


def test_the_demonstration_points_come_in_whole_and_a_second_time_change_nothing(app: Flask, library: Library) -> None:
    data = Path(app.root_path) / "courseware" / "demo" / "data" / "points.jsonl"
    for code in ("SI", "MT", "PL", "OS", "MV", "EE", "TR"):
        a_course(library, code)
    session().commit()
    code, report = _run(app, data)
    assert (code, report["created"], report["errors"]) == (0, 124, [])
    code, report = _run(app, data)
    assert (code, report["created"], report["updated"], report["unchanged"]) == (0, 0, 0, 124)
    assert queries.graph_facts(library).points == 124


def test_a_second_import_updates_by_key_and_leaves_alone_what_the_sheet_does_not_speak_of(library: Library) -> None:
    import_points(
        library, [{"key": "a", "name": "甲", "aliases": ["x", "y"], "posts": ["岗"]}, {"key": "b", "name": "乙"}]
    )
    import_points(library, [{"key": "b", "name": "乙二", "prerequisites": ["甲"]}])
    report = import_points(library, [{"key": "a", "name": "甲", "aliases": ["y", "z"]}])
    points = queries.points_by_key(library)
    assert (report.updated, report.created) == (1, 0)
    assert [alias.name for alias in points["a"].aliases] == ["y", "z"]
    assert [post.name for post in points["a"].posts] == ["岗"]
    assert points["b"].name == "乙二"
    assert [p.key for p in points["b"].prerequisites] == ["a"]


def test_a_row_without_a_key_is_the_point_of_that_name(library: Library) -> None:
    import_points(library, [{"key": "a", "name": "甲"}])
    report = import_points(library, [{"name": "甲", "description": "说明"}, {"name": "乙"}])
    assert (report.updated, report.created) == (1, 1)
    assert set(queries.points_by_key(library)) == {"a", "乙"}


def test_a_dry_run_counts_and_writes_nothing(app: Flask, library: Library, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(_csv(ROWS), encoding="utf-8")
    code, report = _run(app, path, "--dry-run")
    assert (code, report["created"], report["dry_run"]) == (0, 3, True)
    assert queries.points_by_key(library) == {}


def test_every_faulty_row_is_named_with_field_and_reason_and_nothing_is_written(
    app: Flask, library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    bad = [
        ROWS[0],
        ["b1", "", "knowledge", "", "RP", "", "", ""],
        ["b2", "乙", "wisdom", "", "NONE", "nobody", "", ""],
        ["a1", "丙", "skill", "", "", "", "", ""],
        ["b4", "丁", "skill", "", "", "", "", "", "one cell too many"],
    ]
    path.write_bytes(_csv(bad).encode("gbk"))
    code, report = _run(app, path)
    assert code == 1
    assert [(e["row"], e["field"], e["reason"]) for e in report["errors"]] == [
        (3, "name", "missing"),
        (4, "course", "unknown_course"),
        (4, "kind", "unknown_kind"),
        (4, "prerequisites", "unknown_point"),
        (5, "key", "repeated"),
        (6, "", "unreadable_row"),
    ]
    assert all(error["message"] for error in report["errors"])
    assert queries.points_by_key(library) == {}


def test_circles_are_refused_with_their_path_inside_the_sheet_and_with_what_is_stored(
    app: Flask, library: Library
) -> None:
    inside = import_points(library, [
        {"key": "a", "name": "甲", "prerequisites": ["c"]},
        {"key": "b", "name": "乙", "prerequisites": ["a"]},
        {"key": "c", "name": "丙", "prerequisites": ["b"]},
        {"key": "d", "name": "丁", "prerequisites": ["d"]},
    ])  # fmt: skip
    assert [(p.row, p.reason) for p in inside.problems] == [(1, "prerequisite_cycle"), (4, "prerequisite_cycle")]
    assert "甲 → 丙 → 乙 → 甲" in str(inside.problems[0].sentence)
    import_points(library, [{"key": "a", "name": "甲"}, {"key": "b", "name": "乙", "prerequisites": ["a"]}])
    stored = import_points(library, [{"key": "a", "name": "甲", "prerequisites": ["b"]}])
    assert [p.reason for p in stored.problems] == ["prerequisite_cycle"]
    turned = import_points(
        library, [{"key": "a", "name": "甲", "prerequisites": ["b"]}, {"key": "b", "name": "乙", "prerequisites": []}]
    )
    assert turned.problems == []
    assert queries.graph_facts(library).edges == 1


def test_two_points_of_one_name_are_told_apart_by_key(library: Library) -> None:
    import_points(library, [{"key": "a", "name": "标定"}, {"key": "b", "name": "标定"}])
    report = import_points(library, [{"key": "c", "name": "码垛", "prerequisites": ["标定"]}])
    assert [p.reason for p in report.problems] == ["ambiguous_point"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\xff",
        b"\xd0\xcf\x11\xe0old excel",
        b"PK\x03\x04broken",
        b"[1, 2",
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(
    app: Flask, library: Library, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "points.xlsx"
    path.write_bytes(content)
    with pytest.raises(TableUnreadable):
        read_table(path)
    code, _output = _run(app, path)
    assert code == 2


def test_a_broken_line_of_json_is_a_row_error(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    path.write_text('{"key": "a", "name": "甲"}\n{"key": \n[1]\n', encoding="utf-8")
    report = import_points(library, read_table(path))
    assert [(p.row, p.reason) for p in report.problems] == [(2, "unreadable_row"), (3, "unreadable_row")]


def test_a_missing_file_and_an_unknown_library_are_refused(app: Flask, library: Library, tmp_path: Path) -> None:
    assert _run(app, tmp_path / "none.csv")[0] == 2
    path = tmp_path / "points.csv"
    path.write_text(_csv(ROWS), encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["import", "points", str(path), "--library", "NONE", "--json"])
    assert answer.exit_code == 2
