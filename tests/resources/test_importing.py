"""A library moves here by a sheet: encodings, row errors by name, imported as imported."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.tables import read_table
from courseware.resources import importing
from courseware.resources.models import Resource
from courseware.review.importing import publish_imported
from courseware.review.models import Submission
from tests.media.samples import sample_pdf
from tests.resources.conftest import World

HEADER = [
    "external_id",
    "title",
    "type",
    "course",
    "points",
    "originality",
    "licence",
    "author",
    "unit",
    "body",
    "published_at",
]
GOOD = [
    "A-1",
    "示教器的三档速度",
    "文本",
    "机器人编程",
    "示教器；坐标系",
    "原创",
    "CC-BY-4.0",
    "沈木禾",
    "海川职业技术学院",
    "先低速，再常速。",
    "2026-01-05",
]


def rows_of(*lines: list[Any], name: str = "表.csv", folder: Path, encoding: str = "utf-8") -> Any:
    text = "\n".join(",".join(str(cell) for cell in line) for line in ([HEADER, *lines]))
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return read_table(path, importing.COLUMNS)


def run(world: World, rows: Any, **options: Any) -> importing.ResourceReport:
    return importing.import_resources(world.library, rows, publish=publish_imported, **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_metadata_sheet_in_any_encoding_is_read_rightly(world: World, tmp_path: Path, encoding: str) -> None:
    report = run(world, rows_of(GOOD, folder=tmp_path, encoding=encoding))
    assert (report.created, report.problems) == (1, [])
    resource = session().scalars(select(Resource)).one()
    assert (resource.title, resource.author.name, resource.external_id) == ("示教器的三档速度", "沈木禾", "A-1")
    assert [point.name for point in resource.points] == ["示教器", "坐标系"]


def test_imported_resources_say_that_they_are_imported(world: World, tmp_path: Path) -> None:
    run(world, rows_of(GOOD, folder=tmp_path))
    resource = session().scalars(select(Resource)).one()
    assert resource.is_live
    assert resource.is_imported
    assert session().scalars(select(Submission.is_imported)).one()
    assert resource.first_published_at == dt.datetime(2026, 1, 5, 16, tzinfo=dt.UTC)
    author = session().scalars(select(User).where(User.name == "沈木禾")).one()
    assert author.verified_at is None


def test_good_rows_go_in_and_bad_ones_are_named_with_field_and_reason(world: World, tmp_path: Path) -> None:
    def bad(**changes: Any) -> list[Any]:
        number = str(len(lines) + 1)
        return [
            changes.get(name, f"{value}{number}" if name in ("external_id", "title", "body") else value)
            for name, value in zip(HEADER, GOOD, strict=True)
        ]

    lines: list[list[Any]] = [GOOD]
    for changes in (
        {"title": ""}, {"type": "小说"}, {"course": "烹饪"}, {"points": "示教器;没有这个点"}, {"originality": "祖传"}, {"originality": "未知"},
        {"published_at": "昨天"}, {"published_at": "2099-01-01"}, {"external_id": "A-1"}, {"body": GOOD[9]},
    ):  # fmt: skip
        lines.append(bad(**changes))
    report = run(world, rows_of(*lines, folder=tmp_path))
    assert report.created == 1
    assert [(p.row, p.field, p.reason) for p in report.problems] == [
        (3, "title", "missing_title"), (4, "type", "unknown_type"), (5, "course", "unknown_course"), (6, "points", "unknown_point"),
        (7, "originality", "unknown_originality"), (8, "originality", "originality_unknown"), (9, "published_at", "bad_date"),
        (10, "published_at", "future_date"), (11, "external_id", "repeated"), (12, "body", "repeated"),
    ]  # fmt: skip
    assert "没有这个点" in str(report.problems[3].sentence)


def test_a_dry_run_writes_nothing(world: World, tmp_path: Path) -> None:
    report = run(world, rows_of(GOOD, folder=tmp_path), dry_run=True)
    assert (report.created, session().scalar(select(func.count(Resource.id)))) == (1, 0)


def test_the_same_sheet_again_changes_nothing_and_a_changed_title_only_that(world: World, tmp_path: Path) -> None:
    run(world, rows_of(GOOD, folder=tmp_path))
    again = run(world, rows_of(GOOD, folder=tmp_path))
    assert (again.created, again.updated, again.unchanged, again.problems) == (0, 0, 1, [])
    renamed = run(world, rows_of([GOOD[0], "三档速度", *GOOD[2:]], folder=tmp_path))
    assert (renamed.updated, session().scalars(select(Resource.title)).all()) == (1, ["三档速度"])


def test_other_content_under_a_known_number_is_refused(world: World, tmp_path: Path) -> None:
    run(world, rows_of(GOOD, folder=tmp_path))
    report = run(world, rows_of([*GOOD[:9], "别的正文", GOOD[10]], folder=tmp_path))
    assert [p.reason for p in report.problems] == ["content_differs"]


def test_content_that_is_here_already_is_refused(world: World, tmp_path: Path) -> None:
    world.published("原有", body=GOOD[9])
    report = run(world, rows_of(GOOD, folder=tmp_path))
    assert [(p.field, p.reason) for p in report.problems] == [("body", "duplicate")]
    assert "原有" in str(report.problems[0].sentence)


def test_what_a_migrated_library_did_not_know_is_a_warning(world: World, tmp_path: Path) -> None:
    path = tmp_path / "老库.jsonl"
    path.write_text(
        json.dumps({"external_id": "X1", "title": "旧视频", "type": "video", "unit": "未知学院"}, ensure_ascii=False)
    )
    report = run(world, read_table(path, importing.COLUMNS))
    assert (report.created, report.problems) == (1, [])
    assert {w.field for w in report.warnings} == {"originality", "course", "points", "licence", "unit", "author"}


def test_without_published_rows_become_drafts(world: World, tmp_path: Path) -> None:
    report = importing.import_resources(world.library, rows_of(GOOD, folder=tmp_path))
    resource = session().scalars(select(Resource)).one()
    assert (report.created, resource.is_live, resource.is_imported) == (1, False, False)
    assert resource.draft_version is not None


def test_files_lie_beside_the_sheet_and_nowhere_else(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "包"
    folder.mkdir()
    sample_pdf(folder / "讲义.pdf")
    sample_pdf(tmp_path / "外面.pdf")
    (folder / "假.pdf").write_bytes(b"MZ\x90\0" + b"\0" * 64)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["标题", "类型", "文件"])
    for name in ("讲义.pdf", "../外面.pdf", "假.pdf", "没有.pdf"):
        sheet.append([f"讲义{name}", "文本", name])
    book.save(folder / "表.xlsx")
    report = run(world, read_table(folder / "表.xlsx", importing.COLUMNS), beside=folder)
    assert report.created == 1
    assert [(p.row, p.reason) for p in report.problems] == [(3, "no_file"), (4, "file_refused"), (5, "no_file")]


def test_the_command_answers_in_json_with_exit_codes(world: World, app: Any, tmp_path: Path) -> None:
    session().commit()
    rows_of(GOOD, ["A-2", "", *GOOD[2:9], "另一篇", ""], folder=tmp_path, encoding="gb18030")
    runner = app.test_cli_runner()
    done = runner.invoke(
        args=["import", "resources", str(tmp_path / "表.csv"), "--library", "ROBOT", "--published", "--json"]
    )
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["created"]) == (1, 1)
    assert [(e["row"], e["field"]) for e in answer["errors"]] == [(3, "title")]
    assert runner.invoke(args=["import", "resources", str(tmp_path / "nicht.csv"), "--library", "ROBOT"]).exit_code == 2
    assert runner.invoke(args=["import", "resources", str(tmp_path / "表.csv"), "--library", "NOPE"]).exit_code == 2
